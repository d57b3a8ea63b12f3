// Bodies that want more than a parser should give.

import Testing

@testable import Uploads

@Suite struct MultipartLimitTests {
  @Test(
    "U01 an impossible boundary is refused, and a possible one is not",
    arguments: [
      ("multipart/form-data; boundary=abc", "abc"),
      ("Multipart/Form-Data; charset=utf-8; BOUNDARY=\"a b'()+_,-./:=?\"", "a b'()+_,-./:=?"),
      (
        "multipart/form-data;boundary=\"\(String(repeating: "x", count: 70))\";",
        String(repeating: "x", count: 70)
      ),
      ("multipart/form-data", nil), ("multipart/form-data; boundary=", nil),
      ("multipart/form-data; boundary=\"\"", nil),
      ("multipart/form-data; boundary=\"a\r\nb\"", nil),
      ("multipart/form-data; boundary=\"a \"", nil), ("multipart/form-data; boundary=ä", nil),
      ("multipart/form-data; boundary=a; boundary=b", nil), ("multipart/form-data; boundary", nil),
      ("multipart/form-data; boundary=\"abc", nil), ("", nil), ("; boundary=a", nil),
      ("multipart/form-data; boundary=\(String(repeating: "x", count: 71))", nil),
      ("multipart/form-data; boundary=\(String(repeating: "x", count: 1 << 20))", nil),
      ("multipart/form-data; \(String(repeating: "a=b;", count: 200))boundary=x", nil),
      ("multipart/form-data; x=\"\(String(repeating: "\\\"", count: 400))", nil),
    ] as [(String, String?)])
  func checksBoundaries(_ field: String, _ boundary: String?) {
    #expect((try? MultipartBoundary(contentType: field))?.bytes == boundary.map { Array($0.utf8) })
  }

  @Test("U01 another type is unsupported and not malformed")
  func tellsOtherTypes() {
    for type in ["application/json", "multipart/mixed; boundary=b", "text/plain; boundary=b"] {
      #expect(throws: MultipartError(.unsupported, "the body is not multipart/form-data")) {
        try MultipartBoundary(contentType: type)
      }
    }
  }

  @Test("U03 a million empty parts end at the limit of parts")
  func limitsParts() {
    var limits = MultipartLimits()
    limits.parts = 3
    let one = part("name=a", "")
    #expect(ParsedForm.failure(one + one + one + "--b--", limits: limits) == nil)
    #expect(ParsedForm.failure(one + one + one + one, limits: limits)?.kind == .tooLarge)
    let many = String(repeating: one, count: 20_000)
    #expect(ParsedForm.failure(many)?.kind == .tooLarge)
  }

  @Test("U03 a part's header ends at the limits of bytes and of fields")
  func limitsHeaders() {
    let start = "--b\r\nContent-Disposition: form-data; name=a\r\n"
    let long = start + "X: " + String(repeating: "x", count: 10 << 20)
    #expect(ParsedForm.failure(long)?.kind == .tooLarge)
    let many = start + String(repeating: "X: y\r\n", count: 100_000)
    #expect(ParsedForm.failure(many)?.kind == .tooLarge)
    let fits = start + String(repeating: "X: y\r\n", count: 15) + "\r\n1\r\n--b--"
    #expect(ParsedForm.failure(fits) == nil)
  }

  @Test("U01 a body with another boundary than announced is refused early")
  func limitsPreamble() throws {
    var parser = MultipartParser(try MultipartBoundary("b"))
    let wrong = Array(
      (part("name=a", String(repeating: "1\r\n--", count: 1000), boundary: "c")).utf8)
    #expect(throws: MultipartError.self) { try parser.feed(wrong) }
  }

  @Test("what stands behind the last boundary is limited too")
  func limitsEpilogue() {
    let end = "--b--\r\n"
    #expect(ParsedForm.failure(end + String(repeating: "x", count: 60_000)) == nil)
    #expect(ParsedForm.failure(end + String(repeating: "x", count: 70_000))?.kind == .malformed)
  }

  @Test("an error tells nothing of what the body holds")
  func keepsSecrets() throws {
    let failure = try #require(
      ParsedForm.failure("--b\r\nContent-Disposition: form-data; hunter2\r\n\r\nhunter2\r\n--b--"))
    #expect(!"\(failure)".contains("hunter2"))
    let another = try #require(ParsedForm.failure("--b\r\nhunter2\r\n\r\n"))
    #expect(!"\(another)".contains("hunter2"))
  }
}
