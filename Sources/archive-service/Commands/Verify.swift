// Checks the archive, and says what is wrong and where.

import ArchiveCore
import ArchiveService
import ArgumentParser
import Foundation

/// `archive-service verify`; changes nothing, may run beside the server.
struct Verify: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract:
      "Check every archived message against the hash chain, the signed heads and the documents.",
    discussion: "Exit code 0: all is well. 1: something is wrong. 2: it could not be checked.")

  @OptionGroup var options: CommonOptions
  @Option(help: "Only this conversation.") var conversation: ConversationID?
  @Flag(help: "Read every byte of uploaded files too, instead of comparing their sizes.")
  var files = false
  @Flag(help: "Print the report as one JSON object.") var json = false

  func run() async throws {
    try await reporting(unexpected: 2) {
      try await withEngines(try await options.settings(), mustExist: true) { engines in
        let verifier = ArchiveVerifier(
          documents: engines.documents, objects: engines.objects.store,
          settings: engines.settings.log,
          anchorKey: engines.anchorKey, surroundings: engines.surroundings)
        let progress = Progress("verifying conversations")
        var report = try await verifier.verify(conversation) { progress.show($0, of: $1) }
        progress.finish()
        if conversation == nil { report.add(try await census(engines).problems) }
        try show(report)
        if !report.isGood { throw ExitCode(1) }
      }
    }
  }

  /// What came in within the last minute may still be on its way.
  private func census(_ engines: Engines) async throws(StoreError) -> FileCensus {
    let youngest = engines.surroundings.now().advanced(by: .seconds(-60))
    return try await FileCensus.take(
      engines.documents, engines.objects.store, before: youngest, readsBytes: files)
  }

  private func show(_ report: VerificationReport) throws {
    if json {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
      _ = StandardOutput.write(Array(try encoder.encode(report)) + [UInt8(ascii: "\n")])
      return
    }
    for problem in report.problems { StandardOutput.write(line: problem.description) }
    StandardOutput.write(
      line: "conversations: \(report.conversations), archived entries: \(report.archivedEntries), "
        + "segments: \(report.segments), objects: \(report.objects), "
        + "snapshots: \(report.snapshots), entries waiting: \(report.bufferedEntries)")
    if !report.orphans.isEmpty {
      StandardOutput.write(
        line:
          "objects that nothing refers to: \(report.orphans.count) (no damage; they are swept later)"
      )
    }
    let count = report.problems.count
    StandardOutput.write(
      line: report.isGood ? "all is well" : "\(count) problem\(count == 1 ? "" : "s") found")
  }
}
