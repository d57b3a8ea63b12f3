// Frames as a client sends them, right and wrong ones, and random numbers that can be had again.

import Testing

@testable import RealtimeTransport

/// One frame, masked unless it is to be wrong.
struct ClientFrame {
  let bytes: [UInt8]

  init(
    _ opcode: FrameHead.Opcode, _ payload: [UInt8], isFinal: Bool = true, reserved: UInt8 = 0,
    isMasked: Bool = true
  ) {
    self.init(
      opcode: opcode.rawValue, payload, isFinal: isFinal, reserved: reserved, isMasked: isMasked)
  }

  init(
    opcode: UInt8, _ payload: [UInt8], isFinal: Bool = true, reserved: UInt8 = 0,
    isMasked: Bool = true
  ) {
    var bytes = [(isFinal ? 0x80 : 0) | reserved | opcode]
    let mark: UInt8 = isMasked ? 0x80 : 0
    switch payload.count {
    case ...125: bytes.append(mark | UInt8(payload.count))
    case ...0xFFFF: bytes += [mark | 126, UInt8(payload.count >> 8), UInt8(payload.count & 255)]
    default:
      bytes.append(mark | 127)
      for shift in stride(from: 56, through: 0, by: -8) {
        bytes.append(UInt8(payload.count >> shift & 255))
      }
    }
    if isMasked {
      let mask: [UInt8] = [0x37, 0xFA, 0x21, 0x3D]
      bytes += mask
      bytes += payload.enumerated().map { $0.element ^ mask[$0.offset % 4] }
    } else {
      bytes += payload
    }
    self.bytes = bytes
  }
}

/// SplitMix64: the same seed gives the same numbers.
struct SeededBytes: RandomNumberGenerator {
  let seed: UInt64
  private var state: UInt64

  nonisolated(unsafe) static var system = SystemRandomNumberGenerator()

  init(seed: UInt64) { (self.seed, state) = (seed, seed) }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var number = state
    number = (number ^ number >> 30) &* 0xBF58_476D_1CE4_E5B9
    number = (number ^ number >> 27) &* 0x94D0_49BB_1331_11EB
    return number ^ number >> 31
  }
}

/// Bytes with a name, so that a report of tests stays readable.
struct Wire: CustomTestStringConvertible, Sendable {
  let name: String
  let bytes: [UInt8]
  let code: Int

  init(_ name: String, _ bytes: [UInt8], _ code: Int = 1002) {
    (self.name, self.bytes, self.code) = (name, bytes, code)
  }

  var testDescription: String { name }
}
