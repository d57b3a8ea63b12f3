// A form as tests compare it.

import Uploads

/// All parts of a body with their whole content.
struct ParsedForm: Equatable {
  struct Part: Equatable {
    let header: MultipartPart
    var content: [UInt8] = []
    var isComplete = false

    var text: String { String(decoding: content, as: UTF8.self) }
  }

  var parts: [Part] = []
  var hasEnded = false

  /// Feeds the body in pieces that begin at the given indices.
  init(
    _ body: [UInt8], boundary: String, cuts: [Int] = [], limits: MultipartLimits = MultipartLimits()
  ) throws(MultipartError) {
    var parser = MultipartParser(try MultipartBoundary(boundary), limits: limits)
    var start = 0
    for end in cuts + [body.count] {
      for event in try parser.feed(Array(body[start..<end])) { take(event) }
      start = end
    }
    try parser.finish()
  }

  init(
    _ body: String, boundary: String = "b", cuts: [Int] = [],
    limits: MultipartLimits = MultipartLimits()
  ) throws(MultipartError) {
    try self.init(Array(body.utf8), boundary: boundary, cuts: cuts, limits: limits)
  }

  private mutating func take(_ event: MultipartEvent) {
    switch event {
    case .part(let header): parts.append(Part(header: header))
    case .content(let bytes):
      precondition(!bytes.isEmpty && parts.last?.isComplete == false, "content is within a part")
      parts[parts.count - 1].content += bytes
    case .partEnd: parts[parts.count - 1].isComplete = true
    case .end: hasEnded = true
    }
  }

  /// The error of a body, or `nil`.
  static func failure(
    _ body: [UInt8], boundary: String = "b", cuts: [Int] = [],
    limits: MultipartLimits = MultipartLimits()
  ) -> MultipartError? {
    do {
      _ = try ParsedForm(body, boundary: boundary, cuts: cuts, limits: limits)
      return nil
    } catch {
      return error
    }
  }

  static func failure(_ body: String, limits: MultipartLimits = MultipartLimits())
    -> MultipartError?
  {
    failure(Array(body.utf8), limits: limits)
  }
}

/// A part as a client writes it.
func part(_ disposition: String, _ content: String, more: String = "", boundary: String = "b")
  -> String
{
  "--\(boundary)\r\nContent-Disposition: form-data; \(disposition)\r\n\(more)\r\n\(content)\r\n"
}
