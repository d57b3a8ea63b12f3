// The keys that sign access tokens, from the command line.

import ArchiveService
import ArgumentParser

/// `archive-service keys …`.
struct KeysCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "keys", abstract: "Work on the keys that sign access tokens.",
    subcommands: [Rotate.self])

  /// `archive-service keys rotate`; may run beside the server.
  struct Rotate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Let a new key follow the one that signs.",
      discussion: """
        The new key is published at once and signs ten minutes later; tokens of the old one live out their time. \
        With --now, for a key that was stolen, it signs at once and all access tokens of before are refused: clients \
        get new ones for their refresh tokens, and nobody signs in again.
        """)

    @OptionGroup var options: CommonOptions
    @Flag(help: "Refuse everything that older keys signed, within seconds.") var now = false

    func run() async throws {
      try await reporting {
        try await withEngines(try await options.settings(), mustExist: true) { engines in
          let rotate = RotateKeys(
            documents: engines.documents, settings: engines.settings.service,
            surroundings: engines.surroundings, logger: engines.logger)
          let key = try await rotate(atOnce: now)
          StandardOutput.write(line: "key \(key.keyID) signs from \(key.signsFrom)")
        }
      }
    }
  }
}
