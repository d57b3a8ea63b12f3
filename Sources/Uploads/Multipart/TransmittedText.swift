// Texts in parameters, in all the ways that clients write them.

/// Reads names of fields and files.
enum TransmittedText {
  /// A parameter of form-data (RFC 7578, 4.2; HTML, «multipart/form-data»).
  ///
  /// Browsers write a quote and line ends as `%22`, `%0D` and `%0A` and every other character as it is, so those three
  /// and no others are decoded. A value that consists of encoded words (RFC 2047) is what mail libraries send.
  static func formValue(_ raw: [UInt8]) -> String {
    EncodedWords.decode(raw) ?? plain(unescaped(raw))
  }

  /// An extended value, `UTF-8'en'%e2%82%ac` (RFC 8187, 3.2); `nil` where it is malformed or in an unknown charset.
  static func extendedValue(_ raw: [UInt8]) -> String? {
    let parts = raw.split(
      separator: UInt8(ascii: "'"), maxSplits: 2, omittingEmptySubsequences: false)
    guard parts.count == 3, let charset = LegacyCharset(name: parts[0]),
      let bytes = PercentText.decode(parts[2])
    else { return nil }
    return charset.decode(bytes)
  }

  /// UTF-8, and where it is not, Windows-1252, which every sequence of bytes is.
  static func plain(_ bytes: [UInt8]) -> String {
    LegacyCharset.utf8.decode(bytes) ?? LegacyCharset.windows1252.decode(bytes) ?? ""
  }

  private static func unescaped(_ raw: [UInt8]) -> [UInt8] {
    guard raw.contains(UInt8(ascii: "%")) else { return raw }
    var output: [UInt8] = []
    var rest = raw[...]
    while let byte = rest.first {
      if let escape = escapes.first(where: { ASCII.areAlike(rest.prefix(3), $0.text) }) {
        output.append(escape.byte)
        rest = rest.dropFirst(3)
      } else {
        output.append(byte)
        rest = rest.dropFirst()
      }
    }
    return output
  }

  private static let escapes: [(text: [UInt8], byte: UInt8)] = [
    (Array("%22".utf8), 0x22), (Array("%0d".utf8), 0x0D), (Array("%0a".utf8), 0x0A),
  ]
}
