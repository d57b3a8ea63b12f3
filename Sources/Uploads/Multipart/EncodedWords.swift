// Encoded words: =?charset?B?...?= as mails have them.

import Encodings

/// RFC 2047. Only a value that is nothing but encoded words is taken for them; blanks between two of them are dropped
/// (6.2).
enum EncodedWords {
  private static let question = UInt8(ascii: "?")

  /// `nil` for anything else.
  static func decode(_ raw: [UInt8]) -> String? {
    guard raw.starts(with: "=?".utf8) else { return nil }
    var text = ""
    for word in raw.split(whereSeparator: ASCII.isBlank) {
      guard let decoded = decodeWord(word) else { return nil }
      text += decoded
    }
    return text
  }

  private static func decodeWord(_ word: ArraySlice<UInt8>) -> String? {
    guard word.starts(with: "=?".utf8), word.suffix(2).elementsEqual("?=".utf8), word.count > 4
    else { return nil }
    let parts = word.dropFirst(2).dropLast(2).split(
      separator: question, omittingEmptySubsequences: false)
    // A language may follow the charset behind an asterisk (RFC 2231, 5).
    guard parts.count == 3,
      let charset = LegacyCharset(name: parts[0].prefix { $0 != UInt8(ascii: "*") })
    else { return nil }
    switch parts[1].first.map(ASCII.lowercased) {
    case UInt8(ascii: "b") where parts[1].count == 1:
      return Base64.standard.bytes(parts[2]).flatMap(charset.decode)
    case UInt8(ascii: "q") where parts[1].count == 1:
      return unquoted(parts[2]).flatMap(charset.decode)
    default: return nil
    }
  }

  /// The «Q» encoding (4.2).
  private static func unquoted(_ text: ArraySlice<UInt8>) -> [UInt8]? {
    var output: [UInt8] = []
    var rest = text
    while let byte = rest.popFirst() {
      switch byte {
      case UInt8(ascii: "_"): output.append(ASCII.space)
      case UInt8(ascii: "="):
        guard let high = rest.popFirst().flatMap(Hex.value),
          let low = rest.popFirst().flatMap(Hex.value)
        else { return nil }
        output.append(high << 4 | low)
      default: output.append(byte)
      }
    }
    return output
  }
}
