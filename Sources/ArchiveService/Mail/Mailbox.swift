// Who a letter goes to, and in which language.

/// An address and the name that stands before it.
public struct Mailbox: Sendable, Hashable {
  /// As its owner typed it; whether mail can go there the sender of mails decides.
  public let address: String
  /// Empty for none.
  public let name: String

  public init(address: String, name: String = "") { (self.address, self.name) = (address, name) }

  /// What may be logged of an address: where it lies, not whose it is.
  var domain: String { address.split(separator: "@").last.map(String.init) ?? "" }
}

/// A language that letters are written in.
public enum Language: String, CaseIterable, Sendable, Codable {
  case en, ru
}
