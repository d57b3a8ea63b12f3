// Texts come out of their encoding as they went in, and nothing on the way can be misread.

import Foundation
import Testing

@testable import SMTPClient

@Suite struct TransferEncodingTests {
  private func quoted(_ text: String) -> String {
    String(decoding: QuotedPrintable.encode(Array(text.utf8)), as: UTF8.self)
  }

  @Test("quoted-printable is that of RFC 2045")
  func vectors() {
    #expect(quoted("a=b") == "a=3Db")
    #expect(quoted("é") == "=C3=A9")
    #expect(quoted("a \r\nb\t") == "a=20\r\nb=09")
    #expect(quoted("a b") == "a b")
    #expect(quoted("\0\u{7F}") == "=00=7F")
    let long = String(repeating: "x", count: 76)
    #expect(quoted(long) == String(repeating: "x", count: 75) + "=\r\nx")
  }

  @Test("a dot and the word From never begin a line")
  func lineBeginnings() {
    #expect(quoted(".\r\n..\r\nFrom me") == "=2E\r\n=2E.\r\n=46rom me")
    // Also where a line is broken.
    let line = String(repeating: "x", count: 75) + ".y"
    #expect(quoted(line) == String(repeating: "x", count: 75) + "=\r\n=2Ey")
  }

  @Test("the shorter encoding is taken")
  func choice() {
    #expect(TransferEncoding.encode("Hello, wörld").name == "quoted-printable")
    #expect(TransferEncoding.encode("Привет, мир, как дела").name == "base64")
  }

  @Test("every kind of line end becomes that of mail")
  func lineEnds() {
    let (name, body) = TransferEncoding.encode("a\nb\r\nc\rd\n\ne\r\r\nf")
    #expect(name == "quoted-printable")
    #expect(String(decoding: body, as: UTF8.self) == "a\r\nb\r\nc\r\nd\r\n\r\ne\r\n\r\nf")
  }

  @Test("random texts survive, in short ASCII lines without a dot in front")
  func random() {
    var generator = TestGenerator()
    let alphabet = Array("ab =.\t\r\nFé€жЯ😀\u{0}\u{7F}~\u{301}").flatMap {
      String($0).unicodeScalars
    }
    for _ in 0..<500 {
      var text = String.UnicodeScalarView()
      for _ in 0..<Int.random(in: 0..<300, using: &generator) {
        text.append(alphabet.randomElement(using: &generator) ?? "x")
      }
      let plain = TransferEncodingTests.canonical(String(text))
      let (name, body) = TransferEncoding.encode(String(text))
      let quoted = QuotedPrintable.encode(plain)
      #expect(Decoding.quotedPrintable(quoted) == plain, "seed \(generator.seed)")
      let base64 = String(decoding: Base64Text.lines(plain), as: UTF8.self)
      #expect(
        Decoding.base64(base64.replacing("\r\n", with: "")) == plain, "seed \(generator.seed)")
      #expect(body == (name == "base64" ? Array(base64.utf8) : quoted))
      for line in String(decoding: quoted, as: UTF8.self).components(separatedBy: "\r\n") {
        #expect(line.utf8.count <= 76 && !line.hasPrefix("."), "seed \(generator.seed)")
        #expect(
          line.utf8.allSatisfy { $0 == 9 || (0x20..<0x7F).contains($0) }, "seed \(generator.seed)")
        #expect(!line.hasSuffix(" ") && !line.hasSuffix("\t"), "seed \(generator.seed)")
      }
    }
  }

  /// Line ends as CRLF, by another way than the module's.
  private static func canonical(_ text: String) -> [UInt8] {
    var bytes: [UInt8] = []
    let source = Array(text.utf8)
    for (index, byte) in source.enumerated() {
      if byte == 10, index > 0, source[index - 1] == 13 { continue }
      bytes += byte == 10 || byte == 13 ? [13, 10] : [byte]
    }
    return bytes
  }
}
