// A person with an account.

public import ArchiveCore

/// An account as it is stored. What of it other people see is `PublicUser`.
public struct User: Sendable, StoredDocument {
  public let id: UserID
  /// As it was typed, without the white space around it.
  public let email: String
  /// Cleaned, see `DisplayName`.
  public let name: String
  public let role: Role
  public let createdAt: Timestamp
  /// `PasswordHash` as text.
  let passwordHash: String
  /// Sessions of an older era are over. It rises with the password and with a deactivation, so that a session
  /// which began at that very moment is over too.
  var sessionEra: Int64 = 0
  /// In which language mail to this user is written.
  var language = Language.en
  var emailConfirmedAt: Timestamp?
  /// Since when the account is out of use; nobody signs in to it.
  var deactivatedAt: Timestamp?
  var profile = UserProfile()

  var isInUse: Bool { deactivatedAt == nil }
  var isWorkingStaff: Bool { isInUse && role.isStaff }

  /// The form of an address that no two accounts may share; empty, and nobody's, for what is no address.
  static func emailKey(_ email: String) -> String { EmailAddress(email)?.key ?? "" }

  public static let schema = CollectionSchema(
    "users",
    indexes: [
      CollectionIndex("emailKey", on: [.ascending("emailKey")], kind: .unique),
      CollectionIndex("role", on: [.ascending("role"), .ascending("id")]),
      CollectionIndex("deactivated", on: [.ascending("deactivatedAt"), .ascending("id")]),
    ])
}

/// What a user tells of himself, all of it optional.
struct UserProfile: Sendable, Equatable {
  /// `+` and digits, see `ProfileRules`.
  var phone: String?
  /// `yyyy-mm-dd`.
  var birthDate: String?
  /// Names a file and gives no right to it: files are only handed out through links.
  var avatarFileID: FileID?
  /// What clients keep here, few and small.
  var settings: [String: SettingValue] = [:]
}

extension User {
  public init(document: Document) throws(StoreError) {
    id = try document.field("id") { $0.asID() }
    email = try document.field("email", \.asText)
    name = try document.field("name", \.asText)
    role = try document.field("role") { $0.asText.flatMap(Role.init) }
    createdAt = try document.field("createdAt", \.asTime)
    passwordHash = try document.field("passwordHash", \.asText)
    sessionEra = try document.optionalField("sessionEra", \.asInteger) ?? 0
    language = try document.optionalField("language") { $0.asText.flatMap(Language.init) } ?? .en
    emailConfirmedAt = try document.optionalField("emailConfirmedAt", \.asTime)
    deactivatedAt = try document.optionalField("deactivatedAt", \.asTime)
    profile = try UserProfile(document: document)
  }

  public func document() throws(StoreError) -> Document {
    var document = Document(present: [
      "id": id.stored, "email": .string(email), "emailKey": .string(Self.emailKey(email)),
      "name": .string(name), "role": .string(role.rawValue), "createdAt": .time(createdAt),
      "passwordHash": .string(passwordHash), "sessionEra": .integer(sessionEra),
      "language": .string(language.rawValue),
      "emailConfirmedAt": emailConfirmedAt.map { .time($0) },
      "deactivatedAt": deactivatedAt.map { .time($0) },
    ])
    document.fields.merge(profile.fields) { first, _ in first }
    return document
  }
}

extension UserProfile {
  init(document: Document) throws(StoreError) {
    phone = try document.optionalField("phone", \.asText)
    birthDate = try document.optionalField("birthDate", \.asText)
    avatarFileID = try document.optionalField("avatarFileId") { $0.asID() }
    settings = try document.optionalField("settings") { SettingValue.all(in: $0) } ?? [:]
  }

  /// The fields that are there.
  var fields: [String: DocumentValue] {
    let all: [String: DocumentValue?] = [
      "phone": phone.map { .string($0) }, "birthDate": birthDate.map { .string($0) },
      "avatarFileId": avatarFileID?.stored,
      "settings": settings.isEmpty ? nil : .object(settings.mapValues(\.stored)),
    ]
    return all.compactMapValues { $0 }
  }
}

/// One value among a user's settings.
enum SettingValue: Sendable, Hashable {
  case bool(Bool)
  case integer(Int64)
  case text(String)

  var stored: DocumentValue {
    switch self {
    case .bool(let value): .bool(value)
    case .integer(let value): .integer(value)
    case .text(let value): .string(value)
    }
  }

  /// The settings in a document; `nil` where something else lies there.
  static func all(in value: DocumentValue) -> [String: SettingValue]? {
    guard case .object(let fields) = value else { return nil }
    var settings: [String: SettingValue] = [:]
    for (name, value) in fields {
      switch value {
      case .bool(let value): settings[name] = .bool(value)
      case .integer(let value): settings[name] = .integer(value)
      case .string(let value): settings[name] = .text(value)
      case .time, .array, .object: return nil
      }
    }
    return settings
  }
}
