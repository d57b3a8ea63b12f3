// Packets and payloads of Engine.IO.

import ArchiveTesting
import Foundation
import Testing

@testable import RealtimeProtocol

@Suite("packets of Engine.IO")
struct EnginePacketTests {
  static let valid: [(String, EnginePacket)] = [
    ("0", .open), ("0{}", .open), ("1", .close), ("2", .ping(isProbe: false)),
    ("2probe", .ping(isProbe: true)), ("2prob", .ping(isProbe: false)), ("3", .pong),
    ("3probe", .pong), ("4", .message(.text([]))), ("4hello", .message(.text(utf8("hello")[...]))),
    ("4€", .message(.text(utf8("€")[...]))), ("5", .upgrade), ("6", .noop),
    ("bAQIDBA==", .message(.binary([1, 2, 3, 4]))), ("b", .message(.binary([]))),
  ]

  @Test("each type is read", arguments: valid)
  func read(text: String, expected: EnginePacket) {
    #expect(EnginePacket(text: utf8(text)[...]) == expected)
  }

  @Test(
    "E04 what has no type, or an unknown one, or wrong base64 is no packet",
    arguments: [
      "", "7", "abc", " 4", "a", "-1", "b=", "bA", "bAQ=", "bA===", "b====", "bAQ=I", "bAQID\n",
      "bA-_A",
      "B", "٤",
    ])
  func unknown(text: String) { #expect(EnginePacket(text: utf8(text)[...]) == nil) }
}

@Suite("polling payloads")
struct PollingPayloadTests {
  private func packets(_ body: [UInt8]) -> [Result<EnginePacket, PollingPayload.Malformed>]? {
    PollingPayload(body).map(Array.init)
  }

  @Test("packets are separated by U+001E")
  func several() throws {
    let read = try #require(packets(utf8("4a\u{1E}2\u{1E}bAQ==\u{1E}4")))
    let expected: [EnginePacket] = [
      .message(.text(utf8("a")[...])), .ping(isProbe: false), .message(.binary([1])),
      .message(.text([])),
    ]
    #expect(read == expected.map { .success($0) })
  }

  @Test("E04 nothing behind a part that is no packet is read")
  func malformed() throws {
    for body in [
      "", "abc", "\u{1E}", "4a\u{1E}", "\u{1E}4a", "4a\u{1E}\u{1E}4b", "4a\u{1E}x\u{1E}4b",
    ] {
      let read = try #require(packets(utf8(body)))
      #expect(read.last == .failure(PollingPayload.Malformed()), "\(body.debugDescription)")
      #expect(read.dropLast().allSatisfy { (try? $0.get()) != nil })
    }
  }

  @Test("E04 a hundred thousand separators are one fault")
  func separators() {
    #expect(packets(Array(repeating: 0x1E, count: 100_000))?.count == 1)
  }

  @Test("a body that is not UTF-8 is none")
  func notUTF8() { #expect(packets([UInt8(ascii: "4"), 0xFF]) == nil) }

  @Test("frames become a body that reads as the same packets")
  func body() {
    let frames: [EngineFrame] = ["4a", .binary([1, 2, 3, 4]), "2", .binary([])]
    #expect(text(PollingPayload.body(frames)) == "4a\u{1E}bAQIDBA==\u{1E}2\u{1E}b")
    #expect(PollingPayload.body([]).isEmpty)
  }
}
