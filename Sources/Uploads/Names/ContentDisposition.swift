// The header field that names a download.

/// Writes Content-Disposition (RFC 6266; RFC 8187). Whatever the name, the value is one line of printable ASCII.
package enum ContentDisposition: Sendable {
  case inline, attachment

  /// The old parameter is a name in ASCII without quotes, backslashes and percent signs, which readers take for escapes
  /// (RFC 6266, appendix D); the new one follows where it says more, and readers prefer it.
  package func value(for name: FileName) -> String {
    let full = name.onDisk
    let plain = Self.plain(full)
    let type = self == .inline ? "inline" : "attachment"
    let old = "\(type); filename=\"\(plain)\""
    return plain == full ? old : "\(old); filename*=UTF-8''\(PercentText.extendedValue(full))"
  }

  private static func plain(_ name: String) -> String {
    var plain = ""
    for character in name {
      let byte = character.utf8.first ?? 0
      let stays = character.utf8.count == 1 && byte >= 0x20 && byte < 0x7F
      plain += stays && !"\"\\%".contains(character) ? String(character) : "_"
    }
    return plain
  }
}
