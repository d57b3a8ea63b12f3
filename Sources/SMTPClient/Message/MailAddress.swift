// An email address that may stand in an envelope and in a header.

/// `local@domain`, checked: nothing in it can end a line, a header or a command.
///
/// The local part is a dot-string (RFC 5321, 4.1.2), in UTF-8 where it is not ASCII (RFC 6531: then the server must
/// know SMTPUTF8, or it refuses). Quoted local parts and addresses in brackets are not taken. The domain is in ASCII: one
/// in another script goes by its A-labels.
public struct MailAddress: Sendable, Hashable {
  public let local: String
  public let domain: String

  /// `nil` for anything else.
  public init?(_ text: String) {
    guard text.utf8.count <= 254, let at = text.utf8.lastIndex(of: UInt8(ascii: "@")) else {
      return nil
    }
    self.init(local: String(text[..<at]), domain: String(text[text.index(after: at)...]))
  }

  init?(local: String, domain: String) {
    guard Self.isLocal(local), Self.isDomain(domain) else { return nil }
    (self.local, self.domain) = (local, domain)
  }

  public var text: String { "\(local)@\(domain)" }

  /// Whether the server must know SMTPUTF8.
  var needsUTF8: Bool { !local.utf8.allSatisfy { $0 < 0x80 } }

  /// Labels of letters, digits and inner hyphens.
  static func isDomain(_ text: String) -> Bool {
    let labels = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    return text.utf8.count <= 253
      && labels.allSatisfy { label in
        (1...63).contains(label.count) && label.first != hyphen && label.last != hyphen
          && label.allSatisfy { isLetterOrDigit($0) || $0 == hyphen }
      }
  }

  private static let hyphen = UInt8(ascii: "-")
  /// RFC 5322, 3.2.3.
  private static let symbols = Set("!#$%&'*+-/=?^_`{|}~".utf8)

  private static func isLocal(_ text: String) -> Bool {
    let atoms = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    return (1...64).contains(text.utf8.count)
      && atoms.allSatisfy { atom in
        !atom.isEmpty
          && atom.allSatisfy { isLetterOrDigit($0) || symbols.contains($0) || $0 >= 0x80 }
      }
      && text.unicodeScalars.allSatisfy(isVisible)
  }

  private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
    (48...57).contains(byte) || (97...122).contains(byte | 0x20)
  }

  /// Nothing that hides, turns the direction of text, or ends a line in some program's eyes.
  private static func isVisible(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .spaceSeparator, .surrogate,
      .privateUse, .unassigned:
      false
    default: true
    }
  }
}

/// An address with the name that people read.
public struct MailBox: Sendable, Hashable {
  public let address: MailAddress
  /// Any text; what could break a header is taken out or encoded. Empty for none.
  public let name: String

  public init(_ address: MailAddress, name: String = "") {
    (self.address, self.name) = (address, name)
  }

  /// `ada@example.org` or `Ada <ada@example.org>`; the name may be in double quotes. `nil` for anything else.
  public init?(_ text: String) {
    guard text.hasSuffix(">"), let open = text.lastIndex(of: "<") else {
      guard let address = MailAddress(text) else { return nil }
      self.init(address)
      return
    }
    guard let address = MailAddress(String(text[text.index(after: open)...].dropLast())) else {
      return nil
    }
    var name = HeaderText.oneLine(String(text[..<open])).trimmed
    if name.utf8.count >= 2, name.hasPrefix("\""), name.hasSuffix("\"") {
      name = String(name.dropFirst().dropLast())
    }
    guard name.utf8.count <= 200, !name.contains(where: { "<>\"\\".contains($0) }) else {
      return nil
    }
    self.init(address, name: name)
  }
}

extension String {
  /// Without blanks at both ends.
  fileprivate var trimmed: String {
    var text = self[...]
    while text.first == " " { text.removeFirst() }
    while text.last == " " { text.removeLast() }
    return String(text)
  }
}
