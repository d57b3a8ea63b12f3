// Picks and opens the storage engines, and puts the log on top of them.

import ArchiveCore
import ArchiveService
import Foundation
import Logging

/// The stores of one process, open. Close them at the end.
struct Engines: Sendable {
  let database: OpenDocuments
  let objects: OpenObjects
  let log: ConversationLog
  let settings: Settings
  let surroundings: Surroundings
  let anchorKey: AnchorKey
  let logger: Logger

  var documents: any DocumentStore { database.store }

  /// Whether there is an archive. Makes nothing.
  static func exist(_ settings: Settings, _ surroundings: Surroundings, _ logger: Logger)
    async throws -> Bool
  {
    guard settings.mongo.client != nil else {
      return FileManager.default.fileExists(atPath: settings.dataDirectory + "/archive.sqlite")
    }
    let database = try await OpenDocuments(settings, surroundings: surroundings, logger: logger)
    let result: Result<Bool, StoreError>
    do throws(StoreError) {
      let remembered = Query(DeploymentDocuments.schema.name, limit: 1)
      result = .success(try await !database.store.find(remembered).isEmpty)
    } catch {
      // `invalid`: there is not even the collection.
      result = error.kind == .invalid ? .success(false) : .failure(error)
    }
    await database.close()
    return try result.get()
  }

  /// Opens everything that the settings name; the data directory is made where it is missing.
  ///
  /// A bucket that is away opens all the same: what needs it fails then, and may succeed later.
  /// - Parameter isAlone: that no server runs beside this process; then objects may begin to go to
  ///   another place, as long as none were archived.
  /// - Parameter isRestoring: that documents may be missing, because they are being restored.
  static func open(
    _ given: Settings, isAlone: Bool = false, isRestoring: Bool = false,
    surroundings: Surroundings, logger: Logger
  ) async throws -> Engines {
    var settings = given
    let directory = settings.dataDirectory
    try PrivateFile.makeDirectory(directory)
    let database = try await OpenDocuments(settings, surroundings: surroundings, logger: logger)
    let documents = database.store
    do {
      try await documents.prepare(
        ConversationLog.schemas + ArchiveService.schemas + [ObjectPlace.schema])
      if let what = try await Self.unfinished(in: documents, isRestoring: isRestoring) {
        throw CommandFailure(what)
      }
      try await ObjectPlace(settings).claim(in: documents, mayMove: isAlone && !database.isShared)
      let keys = try await DeploymentKeys.load(
        settings, database, surroundings: surroundings, logger: logger)
      settings.service.auth.secret = keys.authSecret
      let objects = try await OpenObjects(settings, surroundings: surroundings, logger: logger)
      let log = ConversationLog(
        documents: documents, objects: objects.store,
        snapshotting: ArchiveService.snapshotted, settings: settings.log, anchorKey: keys.anchorKey,
        surroundings: surroundings, logger: logger)
      return Engines(
        database: database, objects: objects, log: log, settings: settings,
        surroundings: surroundings, anchorKey: keys.anchorKey, logger: logger)
    } catch {
      await database.close()
      throw error
    }
  }

  /// What was begun in these documents and has not ended, with its cure; `nil` where they are whole.
  static func unfinished(in documents: any DocumentStore, isRestoring: Bool = false)
    async throws(StoreError) -> String?
  {
    if !isRestoring, try await ArchiveRestorer.isUnfinished(in: documents) {
      return "a restoration was begun here and has not ended; run archive-service restore again"
    }
    if try await ArchiveMigration.isUnfinished(in: documents) {
      return
        "a migration to this place was begun and has not ended; run archive-service migrate again, "
        + "with the same --from and --to"
    }
    return nil
  }

  func close() async {
    await database.close()
    await objects.close()
  }
}
