// Percent-encoding and back, for every byte and for keys that gave servers trouble.

import S3Client
import Testing

/// Keys that servers were compared with; some of them treat them wrongly, this client must not.
let oddKeys = [
  "sp ace", "plus+plus", "per%2Fcent", "per%cent", "ümlaut/日本語/😀", "a//b", "/lead", "trail/",
  "q?u#h&a=m;p,@:$!'()*", "tilde~_-.", "back\\slash", "quo\"te<>&amp;", ".", "..", "a/../b",
  "c\u{1}c", "new\nline", "car\r\nriage", "tab\t", "e\u{301}\u{0}x", "%", "%%%", "+", "\u{FFFF}",
]

struct PercentEncodingTests {
  @Test func `every byte but the unreserved ones is written with upper-case digits`() {
    let unreserved = Set(
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~".utf8)
    for byte in UInt8(0)...127 {
      let text = String(decoding: [byte], as: UTF8.self)
      let hex = String(byte, radix: 16, uppercase: true)
      let encoded = "%" + (hex.count == 1 ? "0" : "") + hex
      #expect(PercentEncoding.query(text) == (unreserved.contains(byte) ? text : encoded))
      let slash = byte == UInt8(ascii: "/")
      #expect(PercentEncoding.path(text) == (unreserved.contains(byte) || slash ? text : encoded))
    }
  }

  @Test func `every character of one to four bytes comes back`() {
    for value in (UInt32(0)...0x10FFFF).filter({ $0 < 0x3000 || $0 % 251 == 0 }) {
      guard let scalar = Unicode.Scalar(value) else { continue }
      let text = String(scalar)
      #expect(
        PercentEncoding.decode(PercentEncoding.query(text))?.utf8.elementsEqual(text.utf8) == true)
    }
  }

  @Test(arguments: oddKeys)
  func `an odd key comes back byte by byte`(key: String) throws {
    for encoded in [PercentEncoding.path(key), PercentEncoding.query(key)] {
      #expect(encoded.utf8.allSatisfy { (33...126).contains($0) })
      #expect(try #require(PercentEncoding.decode(encoded)).utf8.elementsEqual(key.utf8))
      #expect(try #require(PercentEncoding.decodeForm(encoded)).utf8.elementsEqual(key.utf8))
    }
  }

  @Test func `a plus is a space only in lists`() {
    #expect(PercentEncoding.decode("a+b%2B") == "a+b+")
    #expect(PercentEncoding.decodeForm("a+b%2B") == "a b+")
  }

  @Test(arguments: ["%", "%4", "a%4", "%zz", "%4g", "%%41", "%ff", "%C3", "%C3%28", "%ED%A0%80"])
  func `what is no encoding of UTF-8 is refused`(text: String) {
    #expect(PercentEncoding.decode(text) == nil)
    #expect(PercentEncoding.decodeForm(text) == nil)
  }

  @Test func `lower-case digits and text that needs no encoding are taken`() {
    #expect(PercentEncoding.decode("%c3%a4ä%2f") == "ää/")
  }
}
