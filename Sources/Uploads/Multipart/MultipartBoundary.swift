// The boundary that a Content-Type announces.

/// The text between the parts (RFC 2046, 5.1.1): 1 to 70 characters, none of which can end a line.
package struct MultipartBoundary: Sendable, Equatable {
  private static let (limitBytes, fieldLimitBytes) = (70, 1 << 10)
  private static let symbols = Array("'()+_,-./:=? ".utf8)
  /// Not in the grammar, but some clients put them in, and they are of no harm.
  private static let tolerated = Array("*#$&!%~|^`{}@<>[];".utf8)

  let bytes: [UInt8]

  /// - Throws: `malformed` for what RFC 2046 does not allow.
  package init(_ text: String) throws(MultipartError) {
    let bytes = Array(text.utf8)
    guard (1...Self.limitBytes).contains(bytes.count) else {
      throw MultipartError(
        .malformed, "a boundary has 1 to \(Self.limitBytes) characters length=`\(bytes.count)`")
    }
    guard bytes.last != ASCII.space, bytes.allSatisfy(Self.isAllowed) else {
      throw MultipartError(.malformed, "the boundary has characters that none can have")
    }
    self.bytes = bytes
  }

  /// Reads the field `Content-Type` of a request.
  ///
  /// - Throws: `unsupported` for another type, `malformed` for a missing, doubled or impossible boundary.
  package init(contentType: String) throws(MultipartError) {
    guard contentType.utf8.count <= Self.fieldLimitBytes else {
      throw MultipartError(.malformed, "the content type is too long")
    }
    guard let field = ParameterizedValue(Array(contentType.utf8)[...]) else {
      throw MultipartError(.malformed, "the content type cannot be read")
    }
    guard field.value == "multipart/form-data" else {
      throw MultipartError(.unsupported, "the body is not multipart/form-data")
    }
    guard let boundary = field.parameter("boundary") else {
      throw MultipartError(.malformed, "the content type names no boundary, or more than one")
    }
    try self.init(String(decoding: boundary, as: UTF8.self))
  }

  private static func isAllowed(_ byte: UInt8) -> Bool {
    ASCII.isLetterOrDigit(byte) || symbols.contains(byte) || tolerated.contains(byte)
  }
}
