// Says what is wrong with a deployment, and how to mend it.

import ArchiveCore
import ArgumentParser
import Foundation
import Logging

/// `archive-service doctor`; may run beside the server.
struct Doctor: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract:
      "Check settings, data directory, documents, objects and mail, and say how to mend what is wrong.",
    discussion: """
      Writes, reads and deletes scratch objects. Exit code 0: nothing would lose data or keep the server \
      from working, though there may be warnings. 1: something would. 78: the settings are wrong.
      """)

  @OptionGroup var options: CommonOptions
  @Flag(help: "Make the bucket where it is missing.") var createBucket = false
  @Option(help: ArgumentHelp("Send a letter to try it out.", valueName: "address"))
  var mailTo: String?
  @Flag(help: "Print the findings as one JSON object.") var json = false

  func run() async throws {
    try await reporting {
      let surroundings = LiveSurroundings.make()
      var report = DoctorReport()
      let settings: Settings
      do {
        settings = try await options.settings()
      } catch let error as ConfigurationError {
        report.add(error.problems.map { DoctorFinding("configuration", .failed, $0) })
        try report.show(asJSON: json)
        throw ExitCode(78)
      }
      report.add([DoctorFinding("configuration", .ok, "every setting is understood")])
      report.add(await DeploymentExamination(settings, surroundings).findings())
      let logger = logger(settings, surroundings, least: .error)
      let objects = ObjectExamination(
        settings: settings, createsBucket: createBucket, surroundings: surroundings, logger: logger)
      report.add(await objects.findings())
      // Of a store that is away nothing can be said, and it was told already.
      if report.isGood {
        report.add(
          await FilesExamination(settings: settings, surroundings: surroundings).findings())
      }
      let mail = MailExamination(
        settings: settings, recipient: mailTo, surroundings: surroundings)
      report.add(await mail.findings())
      report.add([
        await PictureExamination(settings: settings, surroundings: surroundings).finding(),
        await settings.clamd.finding(surroundings),
      ])
      try report.show(asJSON: json)
      if !report.isGood { throw ExitCode(1) }
    }
  }
}
