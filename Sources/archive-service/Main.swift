// The command line of the server.

import ArgumentParser
import CAllocator

/// `archive-service`, with `serve` as what it does when nothing else is said.
@main
struct ArchiveServiceCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "archive-service",
    abstract: "A chat server that archives every conversation durably and verifiably.",
    version: Version.text,
    subcommands: [
      Serve.self, UserCommand.self, KeysCommand.self, Flush.self, Verify.self, Migrate.self,
      Restore.self,
      Export.self,
      Doctor.self, OpenAPI.self,
    ],
    defaultSubcommand: Serve.self)

  /// Otherwise a quarter of the time of a large transfer goes into asking the system for the memory of each chunk
  /// and giving it back (`./dev bench s3`).
  private static let keptMemoryBytes: Int32 = 4 << 20

  static func main() async {
    _ = allocator_keep_freed_memory(keptMemoryBytes)
    await main(nil)
  }
}

/// What this program calls itself.
enum Version {
  static let text = "archive-service 0.1.0"
}
