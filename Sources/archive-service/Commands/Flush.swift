// Archives what waits, without waiting for it to fall quiet.

import ArchiveCore
import ArgumentParser

/// `archive-service flush`; may run beside the server.
struct Flush: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Write everything that waits, or one conversation, to the archive now.")

  @OptionGroup var options: CommonOptions
  @Option(help: "Only this conversation.") var conversation: ConversationID?

  func run() async throws {
    try await reporting {
      try await withEngines(try await options.settings(), mustExist: true) { engines in
        let progress = Progress("flushing")
        progress.show("…")
        try await engines.log.flush(conversation)
        progress.finish()
        let entries = engines.log.measurements.archivedEntries
        StandardOutput.write(line: "archived \(entries) entries")
      }
    }
  }
}
