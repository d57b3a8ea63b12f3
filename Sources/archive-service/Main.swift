// The command line of the server.

import ArgumentParser

/// `archive-service`, with `serve` as what it does when nothing else is said.
@main
struct ArchiveServiceCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "archive-service",
    abstract: "A chat server that archives every conversation durably and verifiably.",
    version: Version.text,
    subcommands: [
      Serve.self, UserCommand.self, Flush.self, Verify.self, Export.self, Doctor.self,
      OpenAPI.self,
    ],
    defaultSubcommand: Serve.self)
}

/// What this program calls itself.
enum Version {
  static let text = "archive-service 0.1.0"
}
