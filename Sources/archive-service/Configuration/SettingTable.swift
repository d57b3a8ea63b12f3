// The table of all settings: the one place that names them.

import ArchiveCore
import ArchiveService
import Foundation
import Logging

/// Every key that this version knows. `config/example.yaml` documents the same ones.
enum SettingTable {
  static let keys: [SettingKey] =
    http + realtime + [dataDirectory] + database + bucket + auth + limits + audit + conversations
    + links + pictures + uploads + clamd + mail + alerts + archive + logging

  static let byName = Dictionary(uniqueKeysWithValues: keys.map { ($0.name, $0) })
  static let byEnvironmentName = Dictionary(
    uniqueKeysWithValues: keys.map { ($0.environmentName, $0) })

  /// What belongs to features that this version does not have yet: a file that relies on them must not be taken.
  private static let later = ["telegram"]

  static func isOfLaterVersion(_ name: String) -> Bool {
    later.contains { name == $0 || name.hasPrefix($0 + ".") }
  }

  static func isOfLaterVersion(environmentName name: String) -> Bool {
    later.contains {
      let prefix = "ARCHIVE_" + $0.uppercased().replacingOccurrences(of: ".", with: "_")
      return name == prefix || name.hasPrefix(prefix + "_")
    }
  }

  /// A name that only groups keys, such as `http`.
  static func isSection(_ name: String) -> Bool {
    keys.contains { $0.name.hasPrefix(name + ".") }
  }

  private static let http: [SettingKey] = [
    .text(
      "http.host", \.service.http.host, allowed: "a name or an address",
      "The address to listen on; 0.0.0.0 listens on all."),
    .number(
      "http.port", \.service.http.port, 0...65_535, "The port to listen on; 0 takes any free one."),
    tlsFile(
      "http.tls.certificate", \.service.http.tls.certificate,
      "The server's certificate and those between it and a trusted one; HTTPS where it is set."),
    tlsFile("http.tls.key", \.service.http.tls.key, "The key of that certificate."),
    publicURL, trustedProxies,
    .size(
      "http.bodyLimit", \.service.http.bodyLimitBytes, 1 << 10...16 << 20,
      "The largest body of a request, before the share that message texts get."),
    .duration(
      "http.headerDeadline", \.service.http.headerDeadline, .milliseconds(100)...Self.hour,
      "A request's head must be complete that long after the connection was made."),
    .duration(
      "http.bodyDeadline", \.service.http.bodyDeadline, .milliseconds(100)...Self.hour,
      "A request's body must be complete that long after its head."),
    .duration(
      "http.idleTimeout", \.service.http.idleTimeout, .milliseconds(100)...Self.hour,
      "A connection on which nothing is asked is closed after that time."),
    .duration(
      "http.drainDeadline", \.service.http.drainDeadline, .zero...Self.hour,
      "At the end, requests in flight have that long to finish."),
    .number(
      "http.connectionLimit", \.service.http.connectionLimit, 1...1_000_000,
      "Connections at once."),
  ]

  private static let dataDirectory = SettingKey.text(
    "data.directory", \.dataDirectory, allowed: "the path of a directory",
    "Where everything is kept; it is made when it is missing.")

  private static let auth: [SettingKey] = [
    key(
      "auth.secret", \.authSecret,
      "The keys of access tokens are derived from it; who changes it makes everybody refresh theirs."
    ),
    .duration(
      "auth.accessTokenLifetime", \.service.auth.accessTokenLifetime, .seconds(1)...Self.day,
      "How long an access token is good."),
    .duration(
      "auth.refreshTokenLifetime", \.service.auth.refreshTokenLifetime,
      .seconds(1)...Self.day * 3650, "How long a session may rest before one must sign in again."),
    .duration(
      "auth.keyLifetime", \.service.auth.signingKeyLifetime, .seconds(3600)...Self.day * 3650,
      "A key that signs access tokens is followed by a new one after that time; nobody notices."),
    .duration(
      "auth.confirmationLifetime", \.service.auth.confirmationLifetime,
      .seconds(60)...Self.day * 30,
      "How long the link of a letter of confirmation is good."),
    .duration(
      "auth.resetLifetime", \.service.auth.resetLifetime, .seconds(60)...Self.day,
      "How long the link to a new password is good."),
    .number(
      "auth.sessionLimit", \.service.auth.sessionLimit, 1...1000,
      "Sessions of one user; beyond them the oldest ends."),
    .number(
      "auth.passwordCost", \.service.auth.passwordCost.logRounds, 4...20,
      "The cost of hashing a password: scrypt with N = 2 to this power. Each step doubles time and memory."
    ),
    .number(
      "auth.passwordThreads", \.service.auth.passwordThreads, 1...64,
      "How many passwords are hashed at once; each takes 128 MiB at the default cost."),
  ]

  private static let archive: [SettingKey] = [
    key(
      "archive.anchorKey", \.anchorKey,
      "Signs the newest heads of the archive, so that a cut-off end is noticed. It never changes."),
    .duration(
      "archive.idle", \.log.idle, .milliseconds(10)...Self.day,
      "A conversation is flushed to the archive that long after its last message."),
    .duration(
      "archive.maxAge", \.log.maxAge, .milliseconds(10)...Self.day,
      "A conversation that never falls quiet is flushed when its oldest waiting message is that old."
    ),
    .size(
      "archive.maxBytes", \.log.maxBytes, 1 << 10...1 << 30,
      "A conversation is flushed when that much of it waits."),
    .duration(
      "archive.window", \.log.window, .milliseconds(10)...Self.hour,
      "Conversations that fall due within one window share one object."),
    .size(
      "archive.segmentBytes", \.log.segmentBytes, 1 << 10...1 << 30,
      "From this size on a conversation gets an object of its own at once."),
    .size(
      "archive.compactedBytes", \.log.compactedBytes, 1 << 10...1 << 30,
      "The size of the objects that compaction makes, before compression."),
    .number(
      "archive.compactionParts", \.log.compactionParts, 2...100_000,
      "Parts of shared objects that a conversation may have before they are joined."),
    .duration(
      "archive.orphanGrace", \.log.orphanGrace, .milliseconds(100)...Self.day * 365,
      "An object that nothing refers to any more is deleted after that time."),
    .duration(
      "archive.snapshotInterval", \.log.snapshotInterval, .milliseconds(10)...Self.day,
      "What changes without a message (accounts, read marks) is copied beside the archive after that time."
    ),
    .duration(
      "archive.snapshotRenewal", \.log.snapshotRenewal, .seconds(1)...Self.day * 365,
      "That copy is made anew, whole, when it is that old and something changed."),
    .duration(
      "archive.leaseLifetime", \.log.leaseLifetime, .milliseconds(500)...Self.hour,
      "How long after a process was last heard of another may take over its archiving."),
    .duration(
      "archive.clientIdMemory", \.log.clientIDMemory, .seconds(1)...Self.day * 365,
      "How long after archiving a message its clientId still makes a retry harmless."),
    .size(
      "archive.bufferLimit", \.log.bufferLimitBytes, 1 << 20...1 << 40,
      "Above that much waiting to be archived, sends are refused until there is room."),
    .size(
      "archive.cacheLimit", \.log.cacheLimitBytes, 0...1 << 36,
      "Memory for decoded parts of the archive."),
  ]

  private static let conversations: [SettingKey] = [
    .flag(
      "conversations.customersMayMeet", \.service.conversations.customersMayMeet,
      "true: customers may write to each other, and all others to them. false: customers reach the staff only."
    )
  ]

  private static let logging: [SettingKey] = [
    .choice("log.level", \.logLevel, "The least important kind of line that is written."),
    .choice("log.format", \.logFormat, "Lines for people, or one JSON object per line."),
  ]

  static let hour = Duration.seconds(3600)
  static let day = Duration.seconds(86_400)

  private static func tlsFile(
    _ name: String, _ path: SettingPath<String?>, _ meaning: String
  ) -> SettingKey {
    .optional(name, default: "none", allowed: "the path of a PEM file", meaning) { text, settings in
      guard !text.isEmpty, !text.utf8.contains(0) else { return false }
      settings[keyPath: path] = text
      return true
    }
  }

  private static let publicURL: SettingKey = {
    let allowed = "a URL that begins with http:// or https://, without query and fragment"
    return SettingKey(
      name: "http.publicURL", allowed: allowed,
      defaultText: "none, http:// or https:// with http.host and http.port",
      meaning: "What links to this server begin with.", isSecret: false
    ) { text, settings in
      guard let parts = URLComponents(string: text), ["http", "https"].contains(parts.scheme),
        parts.host?.isEmpty == false, parts.query == nil, parts.fragment == nil,
        parts.user == nil
      else { throw ValueError(allowed: allowed) }
      settings.service.http.publicURL = text
    }
  }()

  private static func key(
    _ name: String, _ path: SettingPath<Secret?>, _ meaning: String
  ) -> SettingKey {
    let allowed = "a text of at least 32 bytes"
    return SettingKey(
      name: name, allowed: allowed, defaultText: "generated once and kept in the data directory",
      meaning: meaning, isSecret: true
    ) { text, settings in
      guard text.utf8.count >= 32 else { throw ValueError(allowed: allowed) }
      settings[keyPath: path] = Secret(Array(text.utf8))
    }
  }
}
