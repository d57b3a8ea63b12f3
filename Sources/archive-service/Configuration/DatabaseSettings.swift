// What an operator says about MongoDB.

import ArchiveService
import MongoDriver

/// The settings `mongo.…`. Without a connection string the documents lie in the data directory.
struct DatabaseSettings: Sendable {
  var uri: Secret?
  var database: String?
  var connectionLimit = 16
  var operationTimeout = Duration.seconds(5)

  static let defaultDatabase = "chat_archive"

  /// What is pointless in this combination, told with the keys.
  var contradictions: [String] {
    guard uri == nil, database != nil else { return [] }
    return ["mongo.database is set without mongo.uri: set mongo.uri, or remove mongo.database"]
  }

  /// What the client is made of; `nil` without a connection string.
  var client: MongoSettings? {
    guard let uri else { return nil }
    let text = String(decoding: uri.bytes, as: UTF8.self)
    var settings = MongoSettings(
      uri: MongoURI(text), database: database ?? Self.database(in: text) ?? Self.defaultDatabase)
    settings.connectionLimit = connectionLimit
    settings.operationDeadline = operationTimeout
    settings.applicationName = "chat-archive-service"
    return settings
  }

  /// The database that a connection string names behind its hosts.
  static func database(in uri: String) -> String? {
    guard let scheme = uri.firstRange(of: "://") else { return nil }
    let rest = uri[scheme.upperBound...]
    guard let slash = rest.firstIndex(of: "/") else { return nil }
    let name = rest[rest.index(after: slash)...].prefix { $0 != "?" }
    return name.isEmpty ? nil : String(name)
  }
}
