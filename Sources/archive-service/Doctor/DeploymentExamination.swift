// The data directory and the documents in it.

import ArchiveCore
import ArchiveService
import Foundation
import Logging

/// Looks at what lies on this machine. Makes nothing that was not there, except for a moment.
struct DeploymentExamination {
  private let settings: Settings
  private let surroundings: Surroundings
  private var directory: String { settings.dataDirectory }

  /// Below that nothing works for long; below the second there should be a warning.
  private static let (leastBytes, comfortableBytes) = (Int64(100 << 20), Int64(2 << 30))

  init(_ settings: Settings, _ surroundings: Surroundings) {
    (self.settings, self.surroundings) = (settings, surroundings)
  }

  func findings() async -> [DoctorFinding] {
    [dataDirectory(), freeSpace(), await documents()]
  }

  private func dataDirectory() -> DoctorFinding {
    let name = "data directory"
    guard FileManager.default.fileExists(atPath: directory) else {
      return FileManager.default.isWritableFile(atPath: parent)
        ? DoctorFinding(name, .ok, "`\(directory)` will be made at the first start")
        : DoctorFinding(
          name, .failed, "`\(directory)` is missing and cannot be made in `\(parent)`",
          cure: "make it and give it to the server's user, or set data.directory")
    }
    do {
      try PrivateFile.tryWriting(in: directory, name: "doctor-" + surroundings.newID().description)
      return DoctorFinding(name, .ok, "`\(directory)` can be written")
    } catch {
      return DoctorFinding(
        name, .failed, "\(error)", cure: "give the directory to the server's user")
    }
  }

  private func freeSpace() -> DoctorFinding {
    let name = "free space"
    let place = FileManager.default.fileExists(atPath: directory) ? directory : parent
    guard let free = FreeSpace.bytes(at: place) else {
      return DoctorFinding(name, .skipped, "the file system does not say")
    }
    let text = "\(free / (1 << 20)) MiB where `\(directory)` is"
    if free >= Self.comfortableBytes { return DoctorFinding(name, .ok, text) }
    return DoctorFinding(
      name, free < Self.leastBytes ? .failed : .warning, text,
      cure: "make room: messages that wait to be archived are kept here, up to archive.bufferLimit")
  }

  private func documents() async -> DoctorFinding {
    let name = "documents"
    let logger = Logger(label: name) { _ in SwiftLogNoOpLogHandler() }
    do {
      guard try await Engines.exist(settings, surroundings, logger) else {
        return settings.mongo.client == nil
          ? DoctorFinding(name, .skipped, "there is no archive in `\(directory)` yet")
          : DoctorFinding(name, .ok, "MongoDB can do what is needed; there is no archive in it yet")
      }
      let database = try await OpenDocuments(
        settings, surroundings: surroundings, logger: logger)
      let finding: DoctorFinding
      do { finding = try await examined(database, name) } catch {
        await database.close()
        throw error
      }
      await database.close()
      return finding
    } catch {
      let hint = (error as? StoreError)?.hint
      return DoctorFinding(
        name, .failed, "\(error)",
        cure: hint
          ?? (settings.mongo.client == nil
            ? "look at the file, and at your backups"
            : "look at mongo.uri, and at the server's log"))
    }
  }

  private func examined(_ database: OpenDocuments, _ name: String) async throws -> DoctorFinding {
    let documents = database.store
    // A file is made ready for this version; a database that others may use is only asked.
    if !database.isShared {
      try await documents.prepare(
        ConversationLog.schemas + ArchiveService.schemas + [ObjectPlace.schema])
    }
    try await documents.ping()
    if let what = try await Engines.unfinished(in: documents) {
      return DoctorFinding(name, .failed, what)
    }
    if !database.isShared, !FileManager.default.fileExists(atPath: directory + "/anchor.key"),
      settings.anchorKey == nil
    {
      return DoctorFinding(
        name, .failed, "the key that signs the archive is missing path=`\(directory)/anchor.key`",
        cure: "put it back from a backup")
    }
    if let refusal = try await ObjectPlace(settings).refusal(by: documents) {
      return DoctorFinding(name, .failed, refusal.message)
    }
    return DoctorFinding(
      name, .ok,
      database.isShared ? "MongoDB answers and can do what is needed" : "archive.sqlite opens")
  }

  private var parent: String {
    let path = URL(filePath: directory).deletingLastPathComponent().path
    return path.isEmpty ? "." : path
  }
}
