// The two secrets of a deployment: where they come from, and how a wrong one is noticed.

import ArchiveCore
import ArchiveService
import Crypto
import Encodings
import Foundation
import Logging

/// What signs access tokens, and what signs the archive. Every process of a deployment needs the same two.
///
/// They come from settings, or from files in the data directory that are made at the first start. Beside the
/// documents lie their fingerprints: so a process that was given other ones is told, before it signs anything.
struct DeploymentKeys: Sendable {
  let authSecret: Secret
  let anchorKey: AnchorKey

  /// Reads them, and makes those that the deployment does not have yet.
  static func load(
    _ settings: Settings, _ database: OpenDocuments, surroundings: Surroundings, logger: Logger
  ) async throws -> DeploymentKeys {
    let documents = database.store
    let records = Collection(KeyRecord.self, in: documents)
    let known = try await records.find(id: KeyRecord.documentID)
    let hasHeads = try await !documents.find(Query(SegmentManifest.schema.name, limit: 1)).isEmpty
    let source = KeySource(settings: settings, surroundings: surroundings, isOlder: hasHeads)
    // On one machine a lost one is made anew: people sign in again, and nothing else is lost.
    let auth = try source.key(
      "auth.secret", settings.authSecret, isKnown: known != nil && database.isShared)
    let anchor = try source.key(
      "anchor.key", settings.anchorKey, setting: "archive.anchorKey", isKnown: known != nil)
    guard let anchorKey = AnchorKey(anchor) else {
      throw FileFailure("the key that signs the archive is too short")
    }
    let record = KeyRecord(auth: auth, anchor: anchor)
    if let known {
      try await check(record, against: known, records, logger)
    } else {
      try await remember(record, records, logger)
    }
    return DeploymentKeys(authSecret: Secret(auth), anchorKey: anchorKey)
  }

  private static func remember(
    _ record: KeyRecord, _ records: Collection<KeyRecord>, _ logger: Logger
  ) async throws {
    do {
      try await records.insert(record)
    } catch {
      guard error.kind == .conflict, let known = try await records.find(id: record.id) else {
        throw error
      }
      // Another process was faster.
      try await check(record, against: known, records, logger)
    }
  }

  /// The archive's key never changes. The other may: whoever does that ends all access tokens, which is said.
  private static func check(
    _ record: KeyRecord, against known: KeyRecord, _ records: Collection<KeyRecord>,
    _ logger: Logger
  ) async throws {
    guard record.anchor == known.anchor else {
      throw CommandFailure(
        "this is not the key that signs the archive: give this process the archive.anchorKey of the "
          + "others, or the file anchor.key from their data.directory")
    }
    guard record.auth != known.auth else { return }
    logger.warning(
      "auth.secret is not the one of before: access tokens and mailed links of before are not good any more; give it to every process"
    )
    try await records.update(where: .id(record.id), [.set("auth", .string(record.auth))])
  }
}

/// Where one key is looked for.
private struct KeySource {
  let settings: Settings
  let surroundings: Surroundings
  /// The archive began before there were fingerprints; it has a key, whatever is remembered.
  let isOlder: Bool

  private static let keyBytes = 32

  /// - Parameter isKnown: that the deployment has one, so that a new one would be a wrong one.
  func key(_ name: String, _ given: Secret?, setting: String? = nil, isKnown: Bool) throws
    -> [UInt8]
  {
    if let given { return given.bytes }
    let directory = settings.dataDirectory
    let path = directory + "/" + name
    let isMissing = !FileManager.default.fileExists(atPath: path)
    if isMissing, isKnown || (isOlder && name == "anchor.key") {
      throw FileFailure(
        "a key of this archive is missing path=`\(path)`; put it back from a backup or from another "
          + "server of the same deployment, or set \(setting ?? name)")
    }
    let bytes = try PrivateFile.bytes(
      of: name, in: directory, orNew: { surroundings.randomBytes(Self.keyBytes) },
      suffix: surroundings.newID().description)
    guard bytes.count >= Self.keyBytes else {
      throw FileFailure(
        "the file is shorter than \(Self.keyBytes) bytes path=`\(path)`; put it back from a backup")
    }
    return bytes
  }
}

/// What the deployment remembers of its keys: enough to know them again, nothing to make them from.
struct KeyRecord: Codable, Sendable {
  static let documentID = "keys"

  let id: String
  let auth: String
  let anchor: String

  init(auth: [UInt8], anchor: [UInt8]) {
    id = Self.documentID
    (self.auth, self.anchor) = (Self.fingerprint(auth), Self.fingerprint(anchor))
  }

  /// 64 bits of a hash: enough to tell keys apart, and no help in guessing one of 32 bytes.
  private static func fingerprint(_ key: [UInt8]) -> String {
    Hex.text(SHA256.hash(data: Array("chat archive key ".utf8) + key).prefix(8))
  }
}

extension KeyRecord: StoredDocument {
  static let schema = DeploymentDocuments.schema
}

/// What a deployment remembers about itself, a document for each kind.
enum DeploymentDocuments {
  static let schema = CollectionSchema("deployment")
}
