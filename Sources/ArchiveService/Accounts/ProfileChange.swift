// What somebody wants changed in an account, as JSON merge patch (RFC 7396) says it.

import ArchiveCore
import Foundation

/// One field of a patch: not named, null, or a new value.
enum Patch<Value: Sendable>: Sendable {
  case keep
  case remove
  case set(Value)

  /// The change to the document; a value is checked and brought into its stored form before.
  func change(_ path: FieldPath, _ stored: (Value) -> DocumentValue) -> DocumentChange? {
    switch self {
    case .keep: nil
    case .remove: .unset(path)
    case .set(let value): .set(path, stored(value))
    }
  }
}

extension KeyedDecodingContainer {
  func patch<Value: Decodable & Sendable>(_ key: Key) throws -> Patch<Value> {
    guard contains(key) else { return .keep }
    return try decodeNil(forKey: key) ? .remove : .set(decode(Value.self, forKey: key))
  }
}

/// A patch of one's own account. Name and language can be changed and not removed.
struct ProfileChange: Decodable, Sendable {
  let name: String?
  let language: Language?
  let phone: Patch<String>
  let birthDate: Patch<String>
  let avatarFileID: Patch<FileID>
  /// Each setting by itself; null removes it.
  let settings: [String: SettingValue?]

  private enum Key: String, CodingKey {
    case name, language, phone, birthDate, avatarFileID = "avatarFileId", settings
  }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    name = try container.decodeIfPresent(String.self, forKey: .name)
    language = try container.decodeIfPresent(Language.self, forKey: .language)
    phone = try container.patch(.phone)
    birthDate = try container.patch(.birthDate)
    avatarFileID = try container.patch(.avatarFileID)
    settings =
      try container.decodeIfPresent([String: SettingValue?].self, forKey: .settings) ?? [:]
  }
}

extension SettingValue: Codable {
  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let value = try? container.decode(Bool.self) {
      self = .bool(value)
    } else if let value = try? container.decode(Int64.self) {
      self = .integer(value)
    } else {
      self = .text(try container.decode(String.self))
    }
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .bool(let value): try container.encode(value)
    case .integer(let value): try container.encode(value)
    case .text(let value): try container.encode(value)
    }
  }
}

/// What a profile may hold.
enum ProfileRules {
  static let (settingsLimit, settingLimitBytes) = (64, 256)

  /// The number as `+` and digits, or digits alone; `nil` for what cannot be dialled (E.164: at most 15 digits).
  static func phone(_ typed: String) -> String? {
    guard typed.utf8.count <= 40 else { return nil }
    var digits = ""
    for (index, scalar) in AccountRules.trimmed(typed).unicodeScalars.enumerated() {
      switch scalar {
      case "0"..."9": digits.unicodeScalars.append(scalar)
      case "+" where index == 0: digits = "+"
      case " ", "-", ".", "(", ")", "/", "\u{A0}", "\u{2011}": break
      default: return nil
      }
    }
    return (5...15).contains(digits.utf8.count { $0 != UInt8(ascii: "+") }) ? digits : nil
  }

  /// Whether it is a day, `yyyy-mm-dd`, since 1900 and not in the future anywhere on earth.
  static func isBirthDate(_ text: String, at now: Timestamp) -> Bool {
    guard text.utf8.count == 10, let day = Timestamp(text + "T00:00:00.000Z") else { return false }
    return text >= "1900-01-01" && day <= now.advanced(by: .seconds(14 * 3600))
  }

  static func check(_ settings: [String: SettingValue?], _ errors: inout FieldErrors) {
    errors.require(
      settings.keys.allSatisfy(FieldPath.isName), "settings",
      "has a name that is not 1 to 64 of A-Z a-z 0-9 _")
    let isSmall = settings.values.allSatisfy { value in
      if case .text(let text)?? = Optional(value) {
        text.utf8.count <= settingLimitBytes
      } else {
        true
      }
    }
    errors.require(isSmall, "settings", "has a text of more than \(settingLimitBytes) bytes")
  }
}
