// The rows of the table that concern MongoDB.

import ArchiveService

extension SettingTable {
  static let database: [SettingKey] = [
    SettingKey(
      name: "mongo.uri",
      allowed: "a connection string that begins with mongodb:// or mongodb+srv://",
      defaultText: "none, documents lie in data.directory",
      meaning:
        "Where MongoDB is; set, accounts, conversations and what waits lie there, and several servers may share it.",
      isSecret: true
    ) { text, settings in
      let allowed = "a connection string that begins with mongodb:// or mongodb+srv://"
      let isOne = ["mongodb://", "mongodb+srv://"].contains { text.hasPrefix($0) }
      guard isOne, text.utf8.count <= 4096, !text.utf8.contains(0) else {
        throw ValueError(allowed: allowed)
      }
      settings.mongo.uri = Secret(Array(text.utf8))
    },
    .optional(
      "mongo.database",
      default: "the one that mongo.uri names, else \(DatabaseSettings.defaultDatabase)",
      allowed: "1 to 63 of A-Z a-z 0-9 _ -", "The database; it is made at the first start."
    ) { text, settings in
      let isName = (1...63).contains(text.utf8.count) && text.utf8.allSatisfy(isNameByte)
      if isName { settings.mongo.database = text }
      return isName
    },
    .number(
      "mongo.connectionLimit", \.mongo.connectionLimit, 1...512,
      "Operations under way at once, each with a thread and a connection of its own."),
    .duration(
      "mongo.operationTimeout", \.mongo.operationTimeout, .milliseconds(100)...hour,
      "Whoever asks MongoDB hears after that time that it does not answer."),
  ]

  private static func isNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
      true
    default: false
    }
  }
}
