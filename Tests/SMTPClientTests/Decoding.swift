// The other direction, written for the tests alone.

import Foundation

/// Decodes what the module encodes.
enum Decoding {
  static func base64(_ text: some StringProtocol) -> [UInt8]? {
    Data(base64Encoded: String(text)).map { Array($0) }
  }

  static func quotedPrintable(_ bytes: [UInt8]) -> [UInt8]? {
    var output: [UInt8] = []
    var rest = bytes[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "=") else {
        output.append(byte)
        continue
      }
      guard let first = rest.popFirst(), let second = rest.popFirst() else { return nil }
      if first == 0x0D, second == 0x0A { continue }
      guard let value = UInt8(String(decoding: [first, second], as: UTF8.self), radix: 16) else {
        return nil
      }
      output.append(value)
    }
    return output
  }
}

/// A generator whose seed a failed test says; `ARCHIVE_SEED` gives it back.
struct TestGenerator: RandomNumberGenerator {
  let seed: UInt64
  private var state: UInt64

  init() {
    let given = ProcessInfo.processInfo.environment["ARCHIVE_SEED"].flatMap { UInt64($0) }
    seed = given ?? UInt64.random(in: 1 ... .max)
    state = seed
  }

  /// SplitMix64.
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
