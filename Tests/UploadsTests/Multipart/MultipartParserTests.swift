// Forms as browsers and tools send them, and as nobody should.

import Testing

@testable import Uploads

@Suite struct MultipartParserTests {
  @Test("E1 a browser's form with a field and a file gives both, byte for byte")
  func readsForm() throws {
    let file = "name=\"file\"; filename=\"kot.png\""
    let body =
      part("name=\"note\"", "hello")
      + part(file, "\u{1}\r\n--\r\n\r\n", more: "Content-Type: image/png\r\n")
      + "--b--\r\n"
    let form = try ParsedForm(body)
    #expect(form.parts.map(\.header.name) == ["note", "file"])
    #expect(form.parts.map(\.header.filename) == [nil, "kot.png"])
    #expect(form.parts.map(\.header.contentType) == [nil, "image/png"])
    #expect(form.parts.map(\.text) == ["hello", "\u{1}\r\n--\r\n\r\n"])
    #expect(form.hasEnded && form.parts.allSatisfy(\.isComplete))
  }

  @Test(
    "content that looks like a delimiter, nearly, is content",
    arguments: [
      "\r", "\n", "\r\n", "\r\n-", "\r\n--", "\r\n--\r\n--", "\r\n--c", "--b", "\r\r\n--",
      "\n--b\n",
      "\r\n--b-", "\r\n--b\r", "\r\n--b \tx", "\r\n--b\rx", "\r\n--bb\r\n",
      "\r\n--b\n",
      "\r\n--b-\r\n--b-", "\r\n--b  \r \r\n", "\r\n--b\r\r\n", "\r\n--b \r\r\n--b \r\r",
    ])
  func keepsNearDelimiters(_ content: String) throws {
    let body = part("name=\"a\"", "x" + content) + "--b--"
    let bytes = Array(body.utf8)
    for cuts in [[], Array(bytes.indices)] + bytes.indices.map({ [$0] }) {
      let form = try ParsedForm(bytes, boundary: "b", cuts: cuts)
      #expect(form.parts.map(\.text) == ["x" + content])
    }
  }

  @Test("blanks may stand behind a boundary, before the end of its line")
  func allowsPadding() throws {
    let body = "--b \t \r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--b--"
    #expect(try ParsedForm(body).parts.map(\.text) == ["1"])
  }

  @Test("what stands before the first and behind the last boundary says nothing")
  func skipsPreambleAndEpilogue() throws {
    let form = part("name=\"a\"", "1") + "--b--"
    let body =
      "not a part\r\n--bc\r\n--\r\n" + form + "\r\n" + part("name=\"c\"", "2") + "--b--\r\n"
    #expect(try ParsedForm(body).parts.map(\.header.name) == ["a"])
  }

  @Test("a form without fields is one, and a text with an end behind it is none")
  func readsEmptyForms() throws {
    for body in ["--b--", "--b--\r\n", "\r\n--b--", "\r\n\r\n\r\n--b--"] {
      let form = try ParsedForm(body)
      #expect(form.parts.isEmpty && form.hasEnded)
    }
    for body in ["x\r\n--b--", "--c\r\n\r\n--b--", "--b-x\r\n--b--"] {
      #expect(ParsedForm.failure(body)?.kind == .malformed)
    }
  }

  @Test("an empty content may begin with the boundary, or have its own line end")
  func readsEmptyContent() throws {
    let header = "--b\r\nContent-Disposition: form-data; name=a\r\n\r\n"
    #expect(try ParsedForm(header + "--b--").parts.map(\.text) == [""])
    #expect(try ParsedForm(header + "\r\n--b--").parts.map(\.text) == [""])
    #expect(try ParsedForm(header + "\r\n\r\n--b--").parts.map(\.text) == ["\r\n"])
  }

  @Test("a header line that begins with a blank goes on with the one before")
  func unfolds() throws {
    let body =
      "--b\r\nContent-Disposition: form-data;\r\n name=a;\r\n\tfilename=x\r\n\r\n1\r\n--b--"
    let header = try #require(try ParsedForm(body).parts.first).header
    #expect(header.name == "a" && header.filename == "x")
  }

  @Test("U03 a body that is cut off anywhere before its end is refused")
  func refusesCutOffBodies() {
    let bytes = Array((part("name=a; filename=x", "12345") + "--b--").utf8)
    for length in bytes.indices {
      #expect(ParsedForm.failure(Array(bytes[..<length]))?.kind == .malformed)
    }
  }

  @Test(
    "H09 bare line ends and NULs in a part's header are refused",
    arguments: [
      "Content-Disposition: form-data; name=a\n\r\n",
      "Content-Disposition: form-data; name=a\r\r\n\r\n",
      "Content-Disposition: form-data;\rX: name=a\r\n\r\n",
      "\nContent-Disposition: form-data; name=a\r\n\r\n",
      "Content-Disposition: form-data; name=a\0\r\n\r\n",
      "Content-Disposition : form-data; name=a\r\n\r\n",
      " Content-Disposition: form-data; name=a\r\n\r\n", ": form-data; name=a\r\n\r\n", "a\r\n\r\n",
    ])
  func refusesBadLines(_ header: String) {
    #expect(ParsedForm.failure("--b\r\n\(header)1\r\n--b--")?.kind == .malformed)
  }

  @Test(
    "a part that does not say clearly which field it is, is refused",
    arguments: [
      "", "Content-Type: text/plain\r\n", "Content-Disposition: attachment; name=a\r\n",
      "Content-Disposition: form-data\r\n", "Content-Disposition: form-data; filename=a\r\n",
      "Content-Disposition: form-data; name=a; name=b\r\n",
      "Content-Disposition: form-data; name=a; filename=x; filename=y\r\n",
      "Content-Disposition: form-data; name=a\r\nContent-Disposition: form-data; name=b\r\n",
      "Content-Disposition: form-data; name=\"a\r\n",
      "Content-Disposition: form-data; name=\"a\"b\r\n",
      "Content-Disposition: form-data; =a\r\n", "Content-Disposition: form-data; name\r\n",
      "Content-Disposition: form-data; name=a\r\nContent-Transfer-Encoding: uuencode\r\n",
      "Content-Disposition: form-data; name=a\r\nContent-Type: a/b\r\ncontent-type: c/d\r\n",
    ])
  func refusesUnclearParts(_ header: String) {
    #expect(ParsedForm.failure("--b\r\n\(header)\r\n1\r\n--b--")?.kind == .malformed)
  }

  @Test("encoded content is decoded, and nonsense in it refused")
  func decodesContent() throws {
    func body(_ encoding: String, _ content: String) -> String {
      part("name=a", content, more: "Content-Transfer-Encoding: \(encoding)\r\n") + "--b--"
    }
    func text(_ body: String) throws -> String? {
      let all = Array(
        body.utf8.indices.indices.map { body.utf8.distance(from: body.utf8.startIndex, to: $0) })
      return try ParsedForm(body, cuts: all).parts.first?.text
    }
    #expect(try text(body("BASE64", "aGVs\r\nbG8=")) == "hello")
    #expect(try text(body("base64", "aGVsbG8h")) == "hello!")
    #expect(try text(body("Quoted-Printable", "=D0=96 =3D=\r\nx")) == "Ж =x")
    #expect(try text(body("8bit", "=41")) == "=41")
    for bad in ["a", "a===", "=", "aGVs*", "aG=V", "aGVsbG8=="] {
      #expect(ParsedForm.failure(body("base64", bad))?.kind == .malformed)
    }
    for bad in ["=4", "=GG", "=\nx"] {
      #expect(ParsedForm.failure(body("quoted-printable", bad))?.kind == .malformed)
    }
  }

  @Test("a parser that has refused goes on refusing")
  func staysFailed() throws {
    var parser = MultipartParser(try MultipartBoundary("b"))
    #expect(throws: MultipartError.self) { try parser.feed(Array("--b\r\nx\r\n\r\n".utf8)) }
    #expect(throws: MultipartError.self) { try parser.feed(Array("--b--".utf8)) }
    #expect(throws: MultipartError.self) { try parser.finish() }
  }
}
