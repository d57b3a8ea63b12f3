// Bodies of forms, and the names in them.

import Uploads

/// Reads the bytes as a form, whole and in pieces whose size the first byte gives, and checks that both agree.
@Sendable
func fuzzMultipart(_ bytes: [UInt8]) {
  guard let first = bytes.first else { return }
  let body = Array(bytes.dropFirst())
  let whole = FuzzedForm(body, chunk: max(1, body.count))
  let pieces = FuzzedForm(body, chunk: Int(first % 37) + 1)
  precondition(whole == pieces, "a form is the same, however it is cut")
  precondition(whole.contentBytes <= body.count, "nothing comes out that did not go in")
  for name in whole.names {
    let clean = FileName(name)
    precondition((1...FileName.limitBytes).contains(clean.text.utf8.count), "a name has a length")
    precondition(FileName(clean.text) == clean, "a clean name stays as it is")
    let field = ContentDisposition.attachment.value(for: clean)
    precondition(field.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F }, "a field is one line of ASCII")
  }
}

/// What came out of a form.
private struct FuzzedForm: Equatable {
  private(set) var parts: [MultipartPart] = []
  private(set) var contents: [[UInt8]] = []
  private(set) var hasEnded = false
  private(set) var error: MultipartError?

  /// What came out before an error depends on the pieces, and is not compared.
  init(_ body: [UInt8], chunk: Int) {
    do {
      var parser = MultipartParser(try MultipartBoundary("b"))
      for start in stride(from: 0, to: body.count, by: chunk) {
        for event in try parser.feed(Array(body[start..<min(start + chunk, body.count)])) {
          take(event)
        }
      }
      try parser.finish()
      precondition(hasEnded, "a whole form has an end")
    } catch {
      (self.error, parts, contents, hasEnded) = (error, [], [], false)
    }
  }

  private mutating func take(_ event: MultipartEvent) {
    precondition(!hasEnded, "nothing comes behind the end")
    switch event {
    case .part(let part):
      parts.append(part)
      contents.append([])
    case .content(let bytes):
      precondition(!bytes.isEmpty && !contents.isEmpty, "content is some, and in a part")
      contents[contents.count - 1] += bytes
    case .partEnd: precondition(!parts.isEmpty, "what ends has begun")
    case .end: hasEnded = true
    }
  }

  var contentBytes: Int { contents.reduce(0) { $0 + $1.count } }
  var names: [String] { parts.flatMap { [$0.name, $0.filename ?? ""] } }
}
