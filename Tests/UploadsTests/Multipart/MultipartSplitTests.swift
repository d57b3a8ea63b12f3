// Random forms in random pieces.

import Testing

@testable import Uploads

@Suite struct MultipartSplitTests {
  /// Content made of what delimiters are made of, so that near matches abound.
  private func content(_ random: inout TestGenerator, _ boundary: String) -> [UInt8] {
    let pieces = [
      "\r", "\n", "\r\n", "-", "--", boundary, String(boundary.dropLast()), " ", "\t", "x",
    ]
    var bytes: [UInt8] = []
    for _ in 0..<random.int(0...40) {
      bytes += Array(random.pick(pieces).utf8)
    }
    return bytes
  }

  /// A delimiter inside of content, as the grammar sees it, by another way than the parser's: on the whole text.
  private func holdsDelimiter(_ content: [UInt8], _ boundary: String) -> Bool {
    let text = "\r\n" + String(decoding: content, as: UTF8.self) + "\r\n"
    let pieces = text.split(by: "\r\n--\(boundary)").dropFirst()
    return pieces.contains { piece in
      let rest = piece.drop { $0 == " " || $0 == "\t" }
      return piece.unicodeScalars.starts(with: "--".unicodeScalars)
        || rest.unicodeScalars.starts(with: "\r\n".unicodeScalars)
        // Then what follows is the next one, which begins with the end of a line.
        || rest.isEmpty
    }
  }

  @Test("E1 random contents come out as they went in, whatever the chunks")
  func keepsContents() throws {
    var random = TestGenerator()
    var compared = 0
    for _ in 0..<4000 {
      let boundary = random.pick(["b", "--", "-b-", "bb", "bbbbab", "----WebKitFormBoundaryAa09"])
      let contents = (0..<random.int(1...4)).map { _ in content(&random, boundary) }
      if contents.contains(where: { holdsDelimiter($0, boundary) }) { continue }
      var body: [UInt8] = []
      for (index, content) in contents.enumerated() {
        body += Array(
          "--\(boundary)\r\nContent-Disposition: form-data; name=f\(index)\r\n\r\n".utf8)
        body += content + [13, 10]
      }
      body += Array("--\(boundary)--".utf8)
      let cuts = (0..<random.int(0...12)).map { _ in random.int(0...body.count) }.sorted()
      let form = try ParsedForm(body, boundary: boundary, cuts: cuts)
      #expect(form.parts.map(\.content) == contents)
      compared += 1
    }
    #expect(compared > 500)
  }

  @Test("random bytes in a form's place end in the same way, whatever the chunks")
  func agreesOnNonsense() {
    var random = TestGenerator()
    let pieces = [
      "--b", "\r\n", "\r\n--b", "--", "\r", "\n", " ", "Content-Disposition: form-data; name=a",
      "x: y", "=",
      "\r\n\r\n", "\"", ";",
    ]
    for _ in 0..<4000 {
      var body = Array("--b\r\n".utf8)
      for _ in 0..<random.int(0...20) { body += Array(random.pick(pieces).utf8) }
      let cuts = (0..<random.int(0...6)).map { _ in random.int(0...body.count) }.sorted()
      let whole = ParsedForm.failure(body)
      let cut = ParsedForm.failure(body, cuts: cuts)
      #expect(whole == cut)
      if whole == nil, cut == nil {
        #expect(
          (try? ParsedForm(body, boundary: "b"))
            == (try? ParsedForm(body, boundary: "b", cuts: cuts)))
      }
    }
  }

  @Test("a large content comes out in slices of the chunks it came in")
  func sharesMemory() throws {
    var parser = MultipartParser(try MultipartBoundary("----WebKitFormBoundaryAa09"))
    let head = "------WebKitFormBoundaryAa09\r\nContent-Disposition: form-data; name=f\r\n\r\n"
    _ = try parser.feed(Array(head.utf8) + [0])
    let chunk = [UInt8](repeating: 45, count: 1 << 16)
    for _ in 0..<100 {
      let events = try parser.feed(chunk)
      #expect(events == [.content(chunk[...])])
    }
  }
}

extension String {
  /// Splits at every occurrence, scalar by scalar: CRLF is one character otherwise.
  func split(by separator: String) -> [String] {
    var pieces: [String] = []
    var rest = Array(unicodeScalars)[...]
    let pattern = Array(separator.unicodeScalars)
    var piece = String.UnicodeScalarView()
    while !rest.isEmpty {
      if rest.starts(with: pattern) {
        pieces.append(String(piece))
        piece = .init()
        rest = rest.dropFirst(pattern.count)
      } else if let scalar = rest.popFirst() {
        piece.append(scalar)
      }
    }
    return pieces + [String(piece)]
  }
}
