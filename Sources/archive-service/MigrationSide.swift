// One of the two places of a migration: its settings, and its stores, open.

import ArchiveCore
import ArchiveService
import Foundation
import Logging
import MongoDriver
import S3Client

/// Where a deployment comes from, or goes to.
struct MigrationSide: Sendable {
  /// What variables of the environment begin with that concern one side, in the place of `ARCHIVE_`.
  enum Name: String {
    case from = "ARCHIVE_FROM_"
    case to = "ARCHIVE_TO_"
  }

  let settings: Settings
  let database: OpenDocuments
  let objects: OpenObjects

  var place: ArchiveMigration.Place {
    ArchiveMigration.Place(documents: database.store, objects: objects.store)
  }

  static var schemas: [CollectionSchema] { ConversationLog.schemas + ArchiveService.schemas }

  /// Reads the file, and the variables of this side. Variables of a running server are not meant here: they
  /// would count for both.
  static func settings(_ name: Name, file: String) async throws -> Settings {
    var environment: [String: String] = [:]
    for (variable, value) in ProcessInfo.processInfo.environment
    where variable.hasPrefix(name.rawValue) {
      environment["ARCHIVE_" + variable.dropFirst(name.rawValue.count)] = value
    }
    return try await SettingsReader(environment: environment, file: file).settings()
  }

  /// Makes what is missing of an embedded engine, which is why a source must be known to exist.
  init(_ settings: Settings, surroundings: Surroundings, logger: Logger) async throws {
    self.settings = settings
    database = try await OpenDocuments(settings, surroundings: surroundings, logger: logger)
    do {
      objects = try await OpenObjects(settings, surroundings: surroundings, logger: logger)
    } catch {
      await database.close()
      throw error
    }
  }

  func close() async {
    await database.close()
    await objects.close()
  }
}

/// How the two places of a migration lie to each other, as far as settings tell.
struct MigrationPlaces {
  let source: Settings
  let target: Settings

  /// Why nothing can be moved between them.
  var refusal: String? {
    if haveSameDocuments {
      return source.mongo.client == nil
        ? "--from and --to name the same archive.sqlite: give --to another data.directory"
        : "--from and --to name the same database: give --to another mongo.database"
    }
    if !haveSameObjects, areNested {
      return
        "--from and --to keep objects in the same bucket, one within the other's s3.prefix: choose another prefix"
    }
    return nil
  }

  var haveSameDirectory: Bool { Self.path(source) == Self.path(target) }

  /// Then the objects stay where they are.
  var haveSameObjects: Bool {
    guard ObjectPlace(source) == ObjectPlace(target) else { return false }
    return source.s3.client == nil ? haveSameDirectory : source.s3.endpoint == target.s3.endpoint
  }

  private var haveSameDocuments: Bool {
    guard let uri = source.mongo.uri else { return target.mongo.uri == nil && haveSameDirectory }
    return uri == target.mongo.uri
      && source.mongo.client?.database == target.mongo.client?.database
  }

  private var areNested: Bool {
    guard let bucket = source.s3.client?.bucket, bucket == target.s3.client?.bucket else {
      return false
    }
    let (one, other) = (source.s3.prefix, target.s3.prefix)
    return one.hasPrefix(other) || other.hasPrefix(one)
  }

  private static func path(_ settings: Settings) -> String {
    URL(filePath: settings.dataDirectory).standardizedFileURL.resolvingSymlinksInPath().path
  }
}
