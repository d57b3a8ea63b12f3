// Identifiers as types: a ConversationID never meets a UserID.

/// The ULID of one kind of thing; `Subject` is that kind and has no other use.
public struct Identifier<Subject>: Hashable, Comparable, Sendable {
  public let value: ULID

  public init(_ value: ULID) { self.value = value }

  public static func < (left: Self, right: Self) -> Bool { left.value < right.value }
}

extension Identifier: LosslessStringConvertible {
  public var description: String { value.description }

  public init?(_ text: String) {
    guard let value = ULID(text) else { return nil }
    self.init(value)
  }
}

extension Identifier: Codable {
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    guard let identifier = Self(try container.decode(String.self)) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "not an id")
    }
    self = identifier
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}

/// What a `ConversationID` identifies.
public enum ConversationSubject: Sendable {}
/// What a `UserID` identifies.
public enum UserSubject: Sendable {}
/// What a `SessionID` identifies.
public enum SessionSubject: Sendable {}
/// What a `FileID` identifies.
public enum FileSubject: Sendable {}

public typealias ConversationID = Identifier<ConversationSubject>
public typealias UserID = Identifier<UserSubject>
public typealias SessionID = Identifier<SessionSubject>
public typealias FileID = Identifier<FileSubject>
