// What a client says of an upload beside its bytes.

import Encodings

/// The field `Upload-Metadata` (tus 1.0.0, «Creation»): pairs of a key and a value in base 64, between commas.
///
/// The field goes back to the client, in the answer to HEAD, as it came. Its values are believed by nobody: the name goes
/// through `FileName`, and the type is not looked at.
package struct TusMetadata: Sendable, Equatable {
  static let limitBytes = 8 << 10
  private static let pairLimit = 32

  /// The field as it came.
  package let text: String
  /// Values by key; a key without a value has an empty one.
  package let values: [String: [UInt8]]

  /// `nil` for what does not keep to the protocol: keys of ASCII without blanks and commas, none of them twice.
  package init?(_ text: String) {
    guard text.utf8.count <= Self.limitBytes else { return nil }
    var values: [String: [UInt8]] = [:]
    for pair in text.utf8.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false) {
      let words = ASCII.trimmed(Array(pair)[...]).split(separator: ASCII.space)
      if words.isEmpty, ASCII.trimmed(text).isEmpty { break }
      guard (1...2).contains(words.count), words[0].allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
        return nil
      }
      let key = String(decoding: words[0], as: UTF8.self)
      let encoded: ArraySlice<UInt8> = words.count == 2 ? words[1] : []
      guard let value = Base64.standard.bytes(encoded), values[key] == nil,
        values.count < Self.pairLimit
      else { return nil }
      values[key] = value
    }
    (self.text, self.values) = (text, values)
  }

  /// The file's name as its sender wrote it; clients know two keys for it.
  package var filename: String? {
    (values["filename"] ?? values["name"]).map(TransmittedText.plain)
  }
}
