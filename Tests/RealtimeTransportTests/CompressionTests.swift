// permessage-deflate: what is agreed on, and what goes over the wire.

import Gzip
import Testing

@testable import RealtimeTransport

@Suite struct CompressionTests {
  @Test(
    "an offer that can be met is met, without memory between messages",
    arguments: [
      ("permessage-deflate", false), ("permessage-deflate; client_max_window_bits", false),
      ("permessage-deflate; client_max_window_bits=12; server_max_window_bits=12", true),
      ("permessage-deflate;server_max_window_bits=\"15\"", true),
      ("x-webkit-deflate-frame, permessage-deflate; server_no_context_takeover", false),
      ("permessage-deflate; server_max_window_bits=9, permessage-deflate", false),
    ])
  func taken(offer: String, limitsWindow: Bool) throws {
    let taken = try #require(CompressionOffer.first(in: [offer]))
    #expect(taken.limitsWindow == limitsWindow)
    #expect(taken.answer.contains("server_no_context_takeover; client_no_context_takeover"))
    #expect(taken.answer.contains("server_max_window_bits=12") == limitsWindow)
  }

  @Test(
    "an offer that cannot be met is passed over",
    arguments: [
      "", "permessage-bzip2", "permessage-deflate; server_max_window_bits=9",
      "permessage-deflate; server_max_window_bits", "permessage-deflate; client_max_window_bits=7",
      "permessage-deflate; client_max_window_bits=016", "permessage-deflate; surprise",
      "permessage-deflate; client_max_window_bits; client_max_window_bits",
      "permessage-deflate; server_no_context_takeover=1", ";;;,,,===",
    ])
  func refused(offer: String) {
    #expect(CompressionOffer.first(in: [offer]) == nil)
  }

  @Test("H03 a header full of spaces is read in no time")
  func spaces() {
    let spaces = "permessage-deflate; b" + String(repeating: " ", count: 32_000) + "x"
    #expect(CompressionOffer.first(in: [spaces]) == nil)
  }

  @Test("messages come back as they were, each on its own")
  func roundTrip() throws {
    let (deflater, inflater) = (MessageDeflater(), MessageInflater())
    let messages: [[UInt8]] = [
      [], [1], Array("hello hello hello hello".utf8), [UInt8](repeating: 9, count: 300_000),
      (0..<70_000).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ $0 >> 3) },
    ]
    for message in messages + messages.reversed() {
      let wire = deflater.compress(message)
      #expect(try inflater.decompress(wire, limitBytes: 300_000) == message)
    }
  }

  @Test("W06 what grows beyond the limit is given up early, and damage is told")
  func bomb() throws {
    let (deflater, inflater) = (MessageDeflater(), MessageInflater())
    let bomb = deflater.compress([UInt8](repeating: 0, count: 64 << 20))
    #expect(throws: GzipError.tooLarge) { try inflater.decompress(bomb, limitBytes: 1_000_000) }
    #expect(throws: GzipError.damaged) {
      try inflater.decompress([0xFF, 0x12, 0x34], limitBytes: 1_000_000)
    }
    // The next message is not the worse for it.
    #expect(try inflater.decompress(deflater.compress([1, 2]), limitBytes: 10) == [1, 2])
  }

  @Test("the example of RFC 7692, and a message whose sender ended its stream")
  func foreign() throws {
    let inflater = MessageInflater()
    let hello: [UInt8] = [0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00]
    #expect(try inflater.decompress(hello, limitBytes: 10) == Array("Hello".utf8))
    let ended: [UInt8] = [0xF3, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00, 0x00]
    #expect(try inflater.decompress(ended, limitBytes: 10) == Array("Hello".utf8))
  }
}
