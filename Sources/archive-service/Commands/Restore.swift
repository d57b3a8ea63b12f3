// Rebuilds a lost database from the objects alone.

import ArchiveCore
import ArchiveService
import ArgumentParser
import Foundation
import Logging

/// `archive-service restore`; while it works nothing else may use the database, or write to the objects.
struct Restore: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Rebuild an empty database from the archive's objects alone.",
    discussion: """
      Refuses a database that is not empty. Killed or broken off, it goes on when it is run again. \
      Exit code 0: everything is there. 1: something is missing or damaged, and told. 2: it could not be done.
      """)

  @OptionGroup var options: CommonOptions
  @Flag(help: "Print the report as one JSON object.") var json = false

  func run() async throws {
    try await reporting(unexpected: 2) {
      let settings = try await options.settings()
      try PrivateFile.makeDirectory(settings.dataDirectory)
      let lock = try DirectoryLock(settings.dataDirectory)
      let surroundings = LiveSurroundings.make()
      let engines = try await Engines.open(
        settings, isAlone: true, isRestoring: true, surroundings: surroundings,
        logger: logger(settings, surroundings, least: .warning))
      var report: RestorationReport
      do {
        report = try await restore(engines)
        let files = try await FileCensus.take(
          engines.documents, engines.objects.store, before: surroundings.now())
        report.add(files.problems)
      } catch {
        await engines.close()
        throw error
      }
      await engines.close()
      _ = consume lock
      try show(report)
      if !report.isGood { throw ExitCode(1) }
    }
  }

  private func restore(_ engines: Engines) async throws -> RestorationReport {
    let restorer = ArchiveRestorer(
      documents: engines.documents, objects: engines.objects.store,
      schemas: ArchiveService.schemas, settings: engines.settings.log,
      anchorKey: engines.anchorKey, surroundings: engines.surroundings)
    let progress = Progress("restoring")
    defer { progress.finish() }
    return try await restorer.restore { step in
      switch step {
      case .readingSnapshots(let done, let all): progress.show("snapshot \(done) of \(all)   ")
      case .readingObjects(let done): progress.show("\(done) objects   ")
      case .rebuildingConversations(let done): progress.show("\(done) conversations   ")
      case .verifyingConversations(let done, let all):
        progress.show("verified \(done) of \(all)   ")
      }
    }
  }

  private func show(_ report: RestorationReport) throws {
    if json {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
      _ = StandardOutput.write(Array(try encoder.encode(report)) + [UInt8(ascii: "\n")])
      return
    }
    for problem in report.problems + report.verification.problems {
      StandardOutput.write(line: problem.description)
    }
    let documents = report.documents.filter { $0.value > 0 }.sorted { $0.key < $1.key }
    let counts = [
      "conversations: \(report.conversations)", "entries: \(report.entries)",
    ]
    StandardOutput.write(
      line: (counts + documents.map { "\($0.key) documents: \($0.value)" }).joined(separator: ", "))
    StandardOutput.write(
      line: "objects read: \(report.objects), snapshots: \(report.snapshots), "
        + "to be swept: \(report.retiredObjects), of other kinds: \(report.otherObjects)")
    StandardOutput.write(
      line: "accounts, conversations and members are those of \(report.snapshotAt ?? "no moment")")
    StandardOutput.write(line: "the newest message is of \(report.newestEntryAt ?? "no moment")")
    StandardOutput.write(
      line: "everybody signs in again; heads are signed with the key of this deployment")
    let count = report.problems.count + report.verification.problems.count
    StandardOutput.write(
      line: report.isGood
        ? "everything is restored"
        : "\(count) problem\(count == 1 ? "" : "s"); the rest is restored")
  }
}
