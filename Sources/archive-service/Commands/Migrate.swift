// Moves a deployment to other engines.

import ArchiveCore
import ArchiveService
import ArgumentParser
import Foundation
import Logging
import Synchronization

/// `archive-service migrate`; no server may run at either place meanwhile.
struct Migrate: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract:
      "Move everything to another place: from a directory to MongoDB and S3, back, or any mix.",
    discussion: """
      Stop all servers of the source first. The source is only read; the target must be empty. Killed or \
      broken off, it goes on when it is run again with the same two files. At the end both places are \
      compared, document by document, and the target is verified; until then no server starts there.

      Settings come from the two files alone, and from variables that begin with ARCHIVE_FROM_ and \
      ARCHIVE_TO_ in the place of ARCHIVE_, such as ARCHIVE_TO_S3_SECRETKEY.
      """)

  @Option(help: ArgumentHelp("The settings of the place that is left.", valueName: "file"))
  var from: String
  @Option(help: ArgumentHelp("The settings of the new place.", valueName: "file"))
  var to: String

  func run() async throws {
    try await reporting {
      let source = try await MigrationSide.settings(.from, file: from)
      let target = try await MigrationSide.settings(.to, file: to)
      let places = MigrationPlaces(source: source, target: target)
      if let refusal = places.refusal { throw ConfigurationError(problems: [refusal]) }
      let surroundings = LiveSurroundings.make()
      let logger = logger(target, surroundings, least: .warning)
      guard try await Engines.exist(source, surroundings, logger) else {
        throw CommandFailure("there is no archive to move \(source.placeOfDocuments)", code: 2)
      }
      try PrivateFile.makeDirectory(target.dataDirectory)
      let sourceLock = try lock(source, unless: places.haveSameDirectory)
      let targetLock = try DirectoryLock(target.dataDirectory)
      try await migrate(places, surroundings, logger)
      _ = consume sourceLock
      _ = consume targetLock
    }
  }

  /// A source in MongoDB may have no directory on this machine.
  private func lock(_ source: Settings, unless isSame: Bool) throws -> DirectoryLock? {
    guard !isSame, FileManager.default.fileExists(atPath: source.dataDirectory) else { return nil }
    return try DirectoryLock(source.dataDirectory)
  }

  private func migrate(_ places: MigrationPlaces, _ surroundings: Surroundings, _ logger: Logger)
    async throws
  {
    let source = try await MigrationSide(
      places.source, surroundings: surroundings, logger: logger)
    let target: MigrationSide
    do {
      target = try await MigrationSide(places.target, surroundings: surroundings, logger: logger)
    } catch {
      await source.close()
      throw error
    }
    let move = DeploymentMove(
      source: source, target: target, places: places, surroundings: surroundings, logger: logger)
    let result: Result<Void, any Error>
    do { result = .success(try await move.run()) } catch { result = .failure(error) }
    await target.close()
    await source.close()
    try result.get()
  }
}

/// A move between two places that are open and locked.
private struct DeploymentMove {
  let source: MigrationSide
  let target: MigrationSide
  let places: MigrationPlaces
  let surroundings: Surroundings
  let logger: Logger

  func run() async throws {
    try await source.database.store.prepare(
      MigrationSide.schemas + [DeploymentDocuments.schema])
    if try await ArchiveRestorer.isUnfinished(in: source.database.store) {
      throw CommandFailure("a restoration of --from has not ended: finish that one first")
    }
    if let refusal = try await ObjectPlace(source.settings).refusal(by: source.database.store) {
      throw refusal
    }
    let keys = try await CarriedKeys(of: source.settings, source.database.store)
    try keys.check(against: target.settings)
    let migration = ArchiveMigration(
      from: source.place, to: target.place, schemas: MigrationSide.schemas,
      deploymentSchemas: [DeploymentDocuments.schema], movesObjects: !places.haveSameObjects,
      settings: source.settings.log, anchorKey: keys.anchorKey, surroundings: surroundings)
    let begun = try await migration.begin()
    do {
      if !begun.isComplete { try await makeDeployment(keys) }
    } catch {
      await begun.giveUp()
      throw error
    }
    let view = MigrationView()
    defer { view.finish() }
    let report = try await begun.finish { view.show($0, $1, $2) }
    view.finish()
    show(report)
  }

  /// What belongs to the target alone: where its objects lie, and that it has the source's keys.
  private func makeDeployment(_ keys: CarriedKeys) async throws {
    try keys.put(into: target.settings, suffix: surroundings.newID().description)
    try await ObjectPlace(target.settings).claim(in: target.database.store, mayMove: false)
    _ = try await DeploymentKeys.load(
      target.settings, target.database, surroundings: surroundings, logger: logger)
  }

  private func show(_ report: MigrationReport) {
    let verified = report.verification
    StandardOutput.write(
      line: "documents: \(report.documents), "
        + (places.haveSameObjects
          ? "objects stay where they are"
          : "objects: \(report.objects), bytes: \(report.objectBytes)"))
    StandardOutput.write(
      line:
        "conversations: \(verified.conversations), archived entries: \(verified.archivedEntries), "
        + "entries waiting: \(verified.bufferedEntries)")
    StandardOutput.write(
      line: "everything was moved: both places hold the same, and the new one is verified")
    if target.database.isShared {
      StandardOutput.write(
        line:
          "give every server the files anchor.key and auth.secret from \(target.settings.dataDirectory), "
          + "or the same in its settings")
    }
    StandardOutput.write(
      line: places.haveSameObjects
        ? "never start a server at the old place again: it would delete objects of the new one"
        : "start no server at the old place again; it can be deleted once you trust the new one")
  }
}

/// How far a migration is, a line for each step. The mutex guards which step is shown.
private final class MigrationView: Sendable {
  private let shown = Mutex<(step: MigrationStep, line: Progress)?>(nil)

  func show(_ step: MigrationStep, _ done: Int, _ total: Int?) {
    let line = shown.withLock { shown in
      if let shown, shown.step == step { return shown.line }
      shown?.line.finish()
      let line = Progress(Self.title(step))
      shown = (step, line)
      return line
    }
    if let total {
      line.show(min(done, total), of: total)
    } else {
      line.show("\(done)")
    }
  }

  func finish() {
    shown.withLock { shown in
      shown?.line.finish()
      shown = nil
    }
  }

  private static func title(_ step: MigrationStep) -> String {
    switch step {
    case .objects: "copying objects"
    case .documents(let name): "copying \(name)"
    case .comparing(let name): "comparing \(name)"
    case .comparingObjects: "comparing objects"
    case .verifying: "verifying conversations"
    }
  }
}
