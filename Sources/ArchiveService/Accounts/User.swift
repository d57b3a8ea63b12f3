// A person with an account.

public import ArchiveCore
import Foundation

/// An account as it is stored. What of it other people see is `PublicUser`.
public struct User: Sendable, StoredDocument {
  public let id: UserID
  /// As it was typed, without the white space around it.
  public let email: String
  public let name: String
  public let role: Role
  public let createdAt: Timestamp
  /// `PasswordHash` as text.
  let passwordHash: String

  /// The form of an address that no two accounts may share.
  static func emailKey(_ email: String) -> String {
    email.lowercased().precomposedStringWithCanonicalMapping
  }

  public static let schema = CollectionSchema(
    "users", indexes: [CollectionIndex("emailKey", on: [.ascending("emailKey")], kind: .unique)])
}

extension User {
  public init(document: Document) throws(StoreError) {
    id = try document.field("id") { $0.asID() }
    email = try document.field("email", \.asText)
    name = try document.field("name", \.asText)
    role = try document.field("role") { $0.asText.flatMap(Role.init) }
    createdAt = try document.field("createdAt", \.asTime)
    passwordHash = try document.field("passwordHash", \.asText)
  }

  public func document() throws(StoreError) -> Document {
    Document([
      "id": id.stored, "email": .string(email), "emailKey": .string(Self.emailKey(email)),
      "name": .string(name), "role": .string(role.rawValue), "createdAt": .time(createdAt),
      "passwordHash": .string(passwordHash),
    ])
  }
}
