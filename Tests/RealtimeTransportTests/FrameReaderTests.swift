// What the reader of frames takes, and what it refuses: RFC 6455.

import NIOCore
import Testing

@testable import RealtimeTransport

@Suite struct FrameReaderTests {
  @Test("a masked message comes out as it was meant, in whatever pieces it arrives")
  func pieces() throws {
    let wire =
      ClientFrame(.text, Array("Grüße, 世界 🌍".utf8)).bytes
      + ClientFrame(.ping, [1, 2, 3]).bytes
      + ClientFrame(.binary, [UInt8](repeating: 7, count: 70_000)).bytes
    for size in [1, 2, 3, 7, 64, 1 << 20] {
      var reader = FrameReader(limitBytes: 100_000, allowsCompression: false)
      let received = try Self.all(wire, &reader, pieceBytes: size)
      #expect(
        received == [
          .text(Array("Grüße, 世界 🌍".utf8), isCompressed: false), .ping([1, 2, 3]),
          .binary([UInt8](repeating: 7, count: 70_000), isCompressed: false),
        ])
    }
  }

  @Test("a message in parts is one message, and control frames may come between the parts")
  func fragments() throws {
    let wire =
      ClientFrame(.text, Array("He".utf8), isFinal: false).bytes
      + ClientFrame(.ping, []).bytes
      + ClientFrame(.continuation, Array("ll".utf8), isFinal: false).bytes
      + ClientFrame(.continuation, [], isFinal: false).bytes
      + ClientFrame(.continuation, Array("o".utf8)).bytes
    #expect(
      try Self.all(wire) == [.ping([]), .text(Array("Hello".utf8), isCompressed: false)])
  }

  @Test("W05 a character may be split over parts, and what is no UTF-8 is refused with 1007")
  func utf8() throws {
    let euro = Array("€".utf8)
    let split =
      ClientFrame(.text, Array(euro[..<1]), isFinal: false).bytes
      + ClientFrame(.continuation, Array(euro[1...])).bytes
    #expect(try Self.all(split) == [.text(euro, isCompressed: false)])
    let wrong: [[UInt8]] = [
      [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xC0, 0x80], [0xE2, 0x82], [0xFF], [0x80],
    ]
    for bytes in wrong {
      #expect(throws: WebSocketFailure.notUTF8) { try Self.all(ClientFrame(.text, bytes).bytes) }
      #expect(try Self.all(ClientFrame(.binary, bytes).bytes).count == 1)
    }
  }

  @Test(
    "W01 a reserved bit, an unknown opcode, a missing mask or a wrong order is refused with 1002",
    arguments: [
      Wire("first reserved bit", ClientFrame(.text, [65], reserved: 0x40).bytes),
      Wire("second reserved bit", ClientFrame(.text, [65], reserved: 0x20).bytes),
      Wire("third reserved bit", ClientFrame(.text, [65], reserved: 0x10).bytes),
      Wire("compressed ping", ClientFrame(.ping, [], reserved: 0x40).bytes),
      Wire("no mask", ClientFrame(.text, [65], isMasked: false).bytes),
      Wire("unknown opcode", ClientFrame(opcode: 3, []).bytes),
      Wire("unknown control opcode", ClientFrame(opcode: 11, []).bytes),
      Wire("part of nothing", ClientFrame(.continuation, [65]).bytes),
      Wire(
        "message in a message",
        ClientFrame(.text, [65], isFinal: false).bytes + ClientFrame(.text, [65]).bytes),
      Wire("ping in parts", ClientFrame(.ping, [], isFinal: false).bytes),
      Wire("long ping", ClientFrame(.ping, [UInt8](repeating: 0, count: 126)).bytes),
      Wire("half a close code", ClientFrame(.close, [3]).bytes),
    ])
  func protocolErrors(wire: Wire) {
    #expect { try Self.all(wire.bytes) } throws: { ($0 as? WebSocketFailure)?.code == 1002 }
  }

  @Test(
    "W03 a length in a longer form than needed is refused, and an enormous one before anything is kept"
  )
  func lengths() {
    let mask: [UInt8] = [0, 0, 0, 0]
    let notMinimal: [[UInt8]] = [
      [0x82, 0xFE, 0, 125] + mask, [0x82, 0xFF, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF] + mask,
      [0x82, 0xFF, 0x80, 0, 0, 0, 0, 0, 0, 0] + mask,
    ]
    for wire in notMinimal {
      #expect { try Self.all(wire) } throws: { ($0 as? WebSocketFailure)?.code == 1002 }
    }
    let enormous: [UInt8] = [0x82, 0xFF, 0x7F] + [UInt8](repeating: 0xFF, count: 7) + mask
    #expect(throws: WebSocketFailure.tooLarge) { try Self.all(enormous) }
  }

  @Test("W06 endless parts end at the limit")
  func endless() throws {
    var reader = FrameReader(limitBytes: 1_000, allowsCompression: false)
    _ = try Self.all(ClientFrame(.text, [65], isFinal: false).bytes, &reader, pieceBytes: 100)
    let part = ClientFrame(.continuation, [65], isFinal: false).bytes
    for _ in 0..<999 { _ = try Self.all(part, &reader, pieceBytes: 100) }
    var buffer = ByteBuffer(bytes: part)
    #expect(throws: WebSocketFailure.tooLarge) { try reader.next(&buffer) }
  }

  @Test("close codes that may be sent are told, all others are refused")
  func closeCodes() throws {
    for code in [1000, 1001, 1003, 1007, 1011, 1014, 3000, 4999] as [UInt16] {
      let payload = [UInt8(code >> 8), UInt8(code & 255)] + Array("so long".utf8)
      #expect(try Self.all(ClientFrame(.close, payload).bytes) == [.close(code: code)])
    }
    #expect(try Self.all(ClientFrame(.close, []).bytes) == [.close(code: nil)])
    for code in [0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65_535] as [UInt16] {
      let payload = [UInt8(code >> 8), UInt8(code & 255)]
      #expect { try Self.all(ClientFrame(.close, payload).bytes) } throws: {
        ($0 as? WebSocketFailure)?.code == 1002
      }
    }
    #expect(throws: WebSocketFailure.notUTF8) {
      try Self.all(ClientFrame(.close, [3, 232, 0xFF]).bytes)
    }
  }

  @Test("whatever comes, nothing traps, and no message is larger than the limit")
  func anything() {
    var generator = SeededBytes(seed: UInt64.random(in: 0...UInt64.max, using: &SeededBytes.system))
    for _ in 0..<3_000 {
      var reader = FrameReader(limitBytes: 200, allowsCompression: generator.next() % 2 == 0)
      var wire: [UInt8] = []
      for _ in 0..<Int(generator.next() % 6) { wire += Self.mutated(&generator) }
      var buffer = ByteBuffer(bytes: wire)
      do {
        while let received = try reader.next(&buffer) {
          if case .binary(let bytes, _) = received {
            #expect(bytes.count <= 200, "seed \(generator.seed)")
          }
        }
      } catch {
        #expect([1002, 1007, 1009].contains(error.code), "seed \(generator.seed)")
      }
    }
  }

  private static func mutated(_ generator: inout SeededBytes) -> [UInt8] {
    let payload = (0..<Int(generator.next() % 300)).map { _ in
      UInt8(truncatingIfNeeded: generator.next())
    }
    var bytes = ClientFrame(
      opcode: UInt8(generator.next() % 16), payload, isFinal: generator.next() % 3 > 0
    ).bytes
    if generator.next() % 4 == 0 {
      bytes[Int(generator.next() % UInt64(bytes.count))] ^= UInt8(
        truncatingIfNeeded: generator.next())
    }
    return bytes
  }

  private static func all(_ wire: [UInt8]) throws(WebSocketFailure) -> [FrameReader.Received] {
    var reader = FrameReader(limitBytes: 100_000, allowsCompression: false)
    return try all(wire, &reader, pieceBytes: 1 << 20)
  }

  private static func all(_ wire: [UInt8], _ reader: inout FrameReader, pieceBytes: Int)
    throws(WebSocketFailure) -> [FrameReader.Received]
  {
    var received: [FrameReader.Received] = []
    var rest = wire[...]
    while !rest.isEmpty {
      var buffer = ByteBuffer(bytes: rest.prefix(pieceBytes))
      rest = rest.dropFirst(pieceBytes)
      while let next = try reader.next(&buffer) { received.append(next) }
    }
    return received
  }
}
