// Prints the description of the interface.

import ArchiveService
import ArgumentParser

/// `archive-service openapi`.
struct OpenAPI: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "openapi", abstract: "Print the OpenAPI document of the HTTP interface.")

  @OptionGroup var options: CommonOptions

  func run() async throws {
    try await reporting {
      let settings = try await options.settings()
      StandardOutput.write(line: ArchiveService.openAPIDocument(settings: settings.service))
    }
  }
}
