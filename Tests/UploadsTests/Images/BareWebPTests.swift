// What is left of a WebP file.

import Testing

@testable import Uploads

@Suite struct BareWebPTests {
  private static func chunk(_ name: String, _ body: [UInt8]) -> [UInt8] {
    let size = (0..<4).map { UInt8(truncatingIfNeeded: body.count >> (8 * $0)) }
    return Array(name.utf8) + size + body + (body.count % 2 == 1 ? [0] : [])
  }

  private static func file(_ chunks: [UInt8]...) -> [UInt8] {
    chunk("RIFF", Array("WEBP".utf8) + chunks.flatMap { $0 })
  }

  private static let extended = [UInt8](repeating: 0, count: 9)

  @Test("E2 metadata, profiles and unknown chunks go, the picture and its transparency stay")
  func keeps() {
    let (picture, alpha) = (Self.chunk("VP8 ", [1, 2, 3]), Self.chunk("ALPH", [9]))
    #expect(BareWebP.bytes(of: Self.file(picture)) == Self.file(picture))
    let full = Self.file(
      Self.chunk("VP8X", [0xFF] + Self.extended), Self.chunk("ICCP", [1]), alpha, picture,
      Self.chunk("EXIF", [1, 2, 3, 4, 5]), Self.chunk("XMP ", [1]), Self.chunk("new!", []))
    #expect(
      BareWebP.bytes(of: full)
        == Self.file(Self.chunk("VP8X", [0x10] + Self.extended), alpha, picture))
  }

  private var picture: [UInt8] { Self.chunk("VP8L", [1, 2]) }
  private var alpha: [UInt8] { Self.chunk("ALPH", [1]) }
  private func chunk(_ name: String, _ body: [UInt8]) -> [UInt8] { Self.chunk(name, body) }

  @Test("E2 films, two pictures, none, and broken files are refused")
  func refuses() {
    let whole = Self.file(picture)
    #expect(BareWebP.bytes(of: whole) == whole)
    for count in 0..<whole.count { #expect(BareWebP.bytes(of: Array(whole.prefix(count))) == nil) }
    #expect(BareWebP.bytes(of: whole + [0]) == nil)
    #expect(BareWebP.bytes(of: Self.file()) == nil)
    #expect(BareWebP.bytes(of: Self.file(alpha)) == nil)
    #expect(BareWebP.bytes(of: Self.file(picture, picture)) == nil)
    #expect(BareWebP.bytes(of: Self.file(chunk("ANIM", [1, 2]), picture)) == nil)
    #expect(BareWebP.bytes(of: Self.file(picture, chunk("VP8X", [1] + Self.extended))) == nil)
    #expect(BareWebP.bytes(of: Self.file(chunk("VP8X", [1]), picture)) == nil)
    var long = whole
    long[16...19] = [0xFF, 0xFF, 0xFF, 0xFF]
    #expect(BareWebP.bytes(of: long) == nil)
  }
}
