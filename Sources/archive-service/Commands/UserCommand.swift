// Accounts from the command line.

import ArchiveCore
import ArchiveService
import ArgumentParser
import Foundation

/// `archive-service user …`.
struct UserCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "user", abstract: "Work on accounts.", subcommands: [Create.self])

  /// `archive-service user create`; may run beside the server.
  struct Create: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Create a user.",
      discussion: "The password is asked for, or read from standard input with --password-stdin.")

    @OptionGroup var options: CommonOptions
    @Option(help: "The address with which the user signs in.") var email: String
    @Option(help: "The name that others see.") var name: String
    @Option(help: "One of \(Role.allCases.map(\.rawValue).joined(separator: ", ")).")
    var role: String = Role.customer.rawValue
    @Flag(help: "Read the password from the first line of standard input.")
    var passwordStdin = false

    func run() async throws {
      try await reporting {
        guard let role = Role(rawValue: role) else {
          let allowed = Role.allCases.map(\.rawValue).joined(separator: ", ")
          throw CommandFailure("there is no role \(role); allowed: \(allowed)", code: 64)
        }
        let settings = try await options.settings()
        let password = try passwordStdin ? PasswordPrompt.line() : PasswordPrompt.ask()
        try await withEngines(settings, mustExist: false) { engines in
          let create = CreateUser(
            documents: ArchiveService.marking(
              engines.documents, surroundings: engines.surroundings),
            settings: engines.settings.service, surroundings: engines.surroundings)
          let user = try await create(email: email, name: name, password: password, role: role)
          StandardOutput.write(line: "created user \(user.id) \(user.email) (\(role.rawValue))")
        }
      }
    }
  }
}

/// Gets a password from a person or a program.
enum PasswordPrompt {
  /// The first line of standard input, without its end.
  static func line() throws -> String {
    guard let line = readLine() else {
      throw CommandFailure("--password-stdin: standard input is empty", code: 64)
    }
    return line
  }

  /// Asks twice on the terminal, without showing what is typed.
  static func ask() throws -> String {
    guard isatty(0) == 1 else {
      throw CommandFailure(
        "standard input is no terminal; give the password with --password-stdin", code: 64)
    }
    let first = try unseen("Password: ")
    guard try unseen("Once more: ") == first else {
      throw CommandFailure("the two passwords are not the same", code: 64)
    }
    return first
  }

  private static func unseen(_ prompt: String) throws -> String {
    StandardError.write(Array(prompt.utf8))
    var before = termios()
    guard tcgetattr(0, &before) == 0 else { throw FileFailure("use", "the terminal") }
    var silent = before
    silent.c_lflag &= ~tcflag_t(ECHO)
    guard tcsetattr(0, TCSAFLUSH, &silent) == 0 else { throw FileFailure("use", "the terminal") }
    defer {
      tcsetattr(0, TCSAFLUSH, &before)
      StandardError.write(Array("\n".utf8))
    }
    guard let line = readLine() else { throw CommandFailure("no password was typed", code: 64) }
    return line
  }
}
