// A look at the beginning of a document, before libxml2 sees any of it.

/// Finds a document type where one may stand, so that no parser ever reads what is declared in it.
///
/// libxml2 reports a document type only after it has read the whole of it, and 2.9.14 was seen to expand nested
/// parameter entities for minutes before that, in a document of 2 KB and without any option that asks for it. Here a
/// document type is refused at its first letter. In UTF-8, which is all that is taken, nothing else can begin one.
enum XMLProlog {
  /// Throws unless blanks, comments and processing instructions are followed by the start of an element.
  static func check(_ bytes: [UInt8]) throws(XMLFailure) {
    // No XML has NUL; libxml2 takes it for the end of the document, so what lies behind would be passed over.
    if bytes.contains(0) { throw XMLFailure(.malformed, "the document has a NUL byte") }
    var rest = bytes[...]
    if rest.starts(with: [0xEF, 0xBB, 0xBF]) { rest = rest.dropFirst(3) }
    while true {
      rest = rest.drop { $0 == 0x20 || $0 == 0x09 || $0 == 0x0A || $0 == 0x0D }
      if rest.starts(with: "<?".utf8) {
        rest = try skip(rest, behind: "?>")
      } else if rest.starts(with: "<!--".utf8) {
        rest = try skip(rest.dropFirst(4), behind: "-->")
      } else {
        break
      }
    }
    guard rest.first == UInt8(ascii: "<") else {
      throw XMLFailure(.malformed, "the document is not XML in UTF-8")
    }
    if rest.dropFirst().first == UInt8(ascii: "!") {
      throw XMLFailure(.forbidden, "the document has a document type")
    }
  }

  private static func skip(
    _ bytes: ArraySlice<UInt8>, behind end: String
  ) throws(XMLFailure) -> ArraySlice<UInt8> {
    let end = Array(end.utf8)
    var rest = bytes
    while rest.count >= end.count {
      if rest.starts(with: end) { return rest.dropFirst(end.count) }
      rest = rest.dropFirst()
    }
    throw XMLFailure(.malformed, "the document ends before its first element")
  }
}
