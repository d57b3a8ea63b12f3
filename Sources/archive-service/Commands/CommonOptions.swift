// What every command takes, and how every command fails.

public import ArchiveCore
import ArchiveService
public import ArgumentParser
import Foundation
import Logging

/// The flags that say where settings come from.
struct CommonOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Read settings from this YAML file (default: ARCHIVE_CONFIG, then config/default.yaml where it exists).",
      valueName: "file"))
  var config: String?

  @Option(
    help: ArgumentHelp(
      "Keep everything here; short for --set data.directory=…", valueName: "directory"))
  var data: String?

  @Option(
    name: .customLong("set"), parsing: .singleValue,
    help: ArgumentHelp(
      "Set one setting, such as archive.idle=5s; may be repeated.", valueName: "key=value"))
  var assignments: [String] = []

  /// Reads the settings; `flags` are those of the command itself.
  func settings(_ flags: [(key: String, value: String)] = []) async throws -> Settings {
    var all = flags
    if let data { all.append(("data.directory", data)) }
    for assignment in assignments {
      let parts = assignment.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2 else {
        throw ConfigurationError(problems: [
          "--set takes key=value, such as archive.idle=5s, and not a key alone"
        ])
      }
      all.append((String(parts[0]), String(parts[1])))
    }
    return try await SettingsReader(
      flags: all, environment: ProcessInfo.processInfo.environment, file: config
    ).settings()
  }
}

/// A command's end that its user should hear about.
struct CommandFailure: Error {
  let message: String
  let code: Int32

  init(_ message: String, code: Int32 = 1) { (self.message, self.code) = (message, code) }
}

extension ParsableCommand {
  /// Runs the body; whatever it throws becomes lines on standard error and an exit code.
  ///
  /// Wrong settings end with 78, as in sysexits.h. `unexpected` is the code for everything else.
  func reporting(unexpected: Int32 = 1, _ body: () async throws -> Void) async throws {
    do {
      try await body()
    } catch let code as ExitCode {
      throw code
    } catch let error as ConfigurationError {
      for problem in error.problems { StandardError.write(line: "archive-service: \(problem)") }
      throw ExitCode(78)
    } catch let error as ArchiveService.InvalidSettings {
      StandardError.write(line: "archive-service: \(error)")
      throw ExitCode(78)
    } catch let failure as CommandFailure {
      StandardError.write(line: "archive-service: \(failure.message)")
      throw ExitCode(failure.code)
    } catch {
      StandardError.write(line: "archive-service: \(error)")
      throw ExitCode(unexpected)
    }
  }

  func logger(_ settings: Settings, _ surroundings: Surroundings, least: Logger.Level = .trace)
    -> Logger
  {
    Logger(label: "archive-service") { label in
      LineLogHandler(
        label: label, format: settings.logFormat, level: max(settings.logLevel, least),
        now: surroundings.now)
    }
  }

  /// Opens the engines beside a server that may run, does the work, and closes them.
  func withEngines(
    _ settings: Settings, mustExist: Bool, _ body: (Engines) async throws -> Void
  ) async throws {
    let surroundings = LiveSurroundings.make()
    let logger = logger(settings, surroundings, least: .warning)
    if mustExist, try await !Engines.exist(settings, surroundings, logger) {
      throw CommandFailure("there is no archive \(settings.placeOfDocuments)", code: 2)
    }
    let engines = try await Engines.open(settings, surroundings: surroundings, logger: logger)
    do {
      try await body(engines)
    } catch {
      await engines.close()
      throw error
    }
    await engines.close()
  }
}

/// A conversation's id as an argument.
extension ConversationID: ExpressibleByArgument {
  public init?(argument: String) {
    guard let id = ULID(argument) else { return nil }
    self.init(id)
  }
}
