// An email address, and the form in which two of them are compared.

import Foundation

/// An address that mail could go to, as far as its look tells.
///
/// People expect `Ada@Example.ORG` and `ada@example.org` to be the same, also full-width letters, «é» in one code
/// point and in two, and a domain in its own script and in the form that DNS knows. So the key is the address in
/// NFKC and lower case, its domain in A-labels. Nothing else is guessed at: dots and what stands behind a `+`
/// mean something at some providers and not at others.
struct EmailAddress: Sendable, Equatable {
  /// As it was typed, without the white space around it.
  let text: String
  /// Two addresses are the same when these bytes are.
  let key: String

  static let limitBytes = 254

  /// `nil` for what is no address: one `@` with something on both sides, a domain of labels, no spaces, no controls,
  /// nothing that cannot be seen.
  init?(_ typed: String) {
    let text = AccountRules.trimmed(typed)
    guard text.utf8.count <= Self.limitBytes, text.utf8.count(where: { $0 == Self.at }) == 1,
      !text.unicodeScalars.contains(where: Self.isRefused)
    else { return nil }
    let folded = Self.folded(text)
    let parts = folded.split(separator: "@", omittingEmptySubsequences: false)
    guard parts.count == 2, (1...64).contains(parts[0].utf8.count),
      !folded.unicodeScalars.contains(where: Self.isRefused),
      let domain = Self.asciiDomain(parts[1])
    else { return nil }
    self.text = text
    key = "\(parts[0])@\(domain)"
  }

  private static let at = UInt8(ascii: "@")

  /// NFKC, lower case, and NFKC again, because lower case may take a text out of it.
  private static func folded(_ text: String) -> String {
    text.precomposedStringWithCompatibilityMapping.lowercased()
      .precomposedStringWithCompatibilityMapping
  }

  /// The domain with every label as DNS knows it (RFC 5891, without the tables of RFC 5892: what no registry
  /// takes receives no mail either).
  private static func asciiDomain(_ domain: Substring) -> String? {
    // UTS 46: the ideographic full stop separates labels too; NFKC has made the others of it or of a dot.
    let labels = domain.replacing("\u{3002}", with: ".")
      .split(separator: ".", omittingEmptySubsequences: false)
      .map { label in
        label.utf8.allSatisfy { $0 < 0x80 }
          ? String(label) : Punycode.encode(label.unicodeScalars).map { "xn--" + $0 }
      }
    let known = labels.compactMap { $0 }
    guard known.count == labels.count, known.allSatisfy({ (1...63).contains($0.utf8.count) })
    else { return nil }
    let name = known.joined(separator: ".")
    return name.utf8.count <= 253 ? name : nil
  }

  private static func isRefused(_ scalar: Unicode.Scalar) -> Bool {
    scalar.properties.isWhitespace || scalar.properties.isDefaultIgnorableCodePoint
      || DisplayName.isMeaningless(scalar)
  }
}
