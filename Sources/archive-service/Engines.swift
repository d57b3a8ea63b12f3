// Picks and opens the storage engines, and puts the log on top of them.

import ArchiveCore
import ArchiveService
import EmbeddedStore
import Foundation
import Logging

/// The stores of one process, open. Close them at the end.
struct Engines: Sendable {
  let documents: SQLiteDocumentStore
  let objects: OpenObjects
  let log: ConversationLog
  let settings: Settings
  let surroundings: Surroundings
  let anchorKey: AnchorKey
  let logger: Logger

  private static let keyBytes = 32

  /// Whether there is anything in the data directory.
  static func exist(_ settings: Settings) -> Bool {
    FileManager.default.fileExists(atPath: settings.dataDirectory + "/archive.sqlite")
  }

  /// Opens everything in the data directory, which is made where it is missing.
  ///
  /// A bucket that is away opens all the same: what needs it fails then, and may succeed later.
  /// - Parameter isAlone: that no server runs beside this process; then objects may begin to go to
  ///   another place, as long as none were archived.
  static func open(
    _ given: Settings, isAlone: Bool = false, surroundings: Surroundings, logger: Logger
  ) async throws -> Engines {
    var settings = given
    let directory = settings.dataDirectory
    try PrivateFile.makeDirectory(directory)
    settings.service.auth.secret =
      try settings.authSecret
      ?? Secret(
        key("auth.secret", in: directory, surroundings))
    let anchorKey = try anchorKey(in: directory, surroundings)
    let documents = try SQLiteDocumentStore(directory: directory, surroundings: surroundings)
    do {
      try await documents.prepare(
        ConversationLog.schemas + ArchiveService.schemas + [ObjectPlace.schema])
      try await ObjectPlace(settings).claim(in: documents, mayMove: isAlone)
      let objects = try await OpenObjects(settings, surroundings: surroundings, logger: logger)
      let log = ConversationLog(
        documents: documents, objects: objects.store, settings: settings.log, anchorKey: anchorKey,
        surroundings: surroundings, logger: logger)
      return Engines(
        documents: documents, objects: objects, log: log, settings: settings,
        surroundings: surroundings, anchorKey: anchorKey, logger: logger)
    } catch {
      await documents.close()
      throw error
    }
  }

  func close() async {
    await documents.close()
    await objects.close()
  }

  private static func anchorKey(in directory: String, _ surroundings: Surroundings) throws
    -> AnchorKey
  {
    let manager = FileManager.default
    // A new key beside an old archive would make every anchor look forged.
    if manager.fileExists(atPath: directory + "/archive.sqlite"),
      !manager.fileExists(atPath: directory + "/anchor.key")
    {
      throw FileFailure(
        "the key that signs the archive is missing path=`\(directory)/anchor.key`; put it back from a backup"
      )
    }
    guard let key = AnchorKey(try key("anchor.key", in: directory, surroundings)) else {
      throw FileFailure("not a key path=`\(directory)/anchor.key`")
    }
    return key
  }

  private static func key(_ name: String, in directory: String, _ surroundings: Surroundings)
    throws -> [UInt8]
  {
    let bytes = try PrivateFile.bytes(
      of: name, in: directory, orNew: { surroundings.randomBytes(keyBytes) },
      suffix: surroundings.newID().description)
    guard bytes.count >= keyBytes else {
      throw FileFailure(
        "the file is shorter than \(keyBytes) bytes path=`\(directory)/\(name)`; put it back from a backup"
      )
    }
    return bytes
  }
}
