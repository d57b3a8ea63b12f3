// Writes one conversation to a file.

import ArchiveCore
import ArchiveService
import ArgumentParser
import EmbeddedStore
import Foundation

/// `archive-service export`; may run beside the server.
struct Export: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Write one conversation to a file.",
    discussion: """
      jsonl: one entry per line, exactly as it is stored and hashed, edits and deletions as entries \
      of their own. The file appears when it is complete.
      """)

  @OptionGroup var options: CommonOptions
  @Option(help: "The conversation's id.") var conversation: ConversationID
  @Option(help: "The form of the file: jsonl.") var format = "jsonl"
  @Option(
    name: .shortAndLong, help: ArgumentHelp("The file; - is standard output.", valueName: "file"))
  var output: String

  /// Entries that are read at once.
  private static let pageLimit = 500

  func run() async throws {
    try await reporting {
      guard format == "jsonl" else {
        let isLater = ["html", "zip"].contains(format)
        throw CommandFailure(
          isLater
            ? "the format \(format) is not supported by this version; allowed: jsonl"
            : "there is no format \(format); allowed: jsonl", code: 64)
      }
      try await withEngines(try await options.settings(), mustExist: true) { engines in
        try await requireConversation(engines)
        try await OperatorAccess(
          documents: engines.documents, settings: engines.settings.service,
          surroundings: engines.surroundings
        ).noteReading(of: conversation)
        let target = try ExportTarget(output, suffix: engines.surroundings.newID().description)
        do {
          try await write(engines, to: target)
          try target.finish()
        } catch {
          target.discard()
          throw error
        }
      }
    }
  }

  private func requireConversation(_ engines: Engines) async throws {
    if try await engines.log.head(of: conversation).seq > 0 { return }
    let id = Filter.id(conversation.description)
    guard try await engines.documents.count("conversations", where: id) > 0 else {
      throw CommandFailure("there is no conversation \(conversation)")
    }
  }

  private func write(_ engines: Engines, to target: ExportTarget) async throws {
    let progress = Progress("exporting")
    var last: Int64 = 0
    while true {
      let entries = try await engines.log.entries(
        in: conversation, after: last, limit: Self.pageLimit)
      guard let newest = entries.last else { break }
      try target.write(entries.flatMap { EntryLine($0).bytes + [UInt8(ascii: "\n")] })
      last = newest.seq
      progress.show("\(last) entries")
    }
    progress.finish()
  }
}

/// The file that an export goes to: written aside and named when it is whole.
struct ExportTarget {
  private let path: String
  private let draft: String
  private let descriptor: Int32
  private var isStandardOutput: Bool { path == "-" }

  init(_ path: String, suffix: String) throws {
    self.path = path
    draft = path + ".part-" + suffix
    if path == "-" {
      descriptor = 1
      return
    }
    descriptor = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw FileFailure("make", draft) }
  }

  func write(_ bytes: [UInt8]) throws {
    guard DescriptorWriter.write(bytes, to: descriptor) else { throw FileFailure("write", path) }
  }

  func finish() throws {
    if isStandardOutput { return }
    guard fsync(descriptor) == 0 else { throw FileFailure("write", draft) }
    guard rename(draft, path) == 0 else { throw FileFailure("make", path) }
    close(descriptor)
  }

  func discard() {
    if isStandardOutput { return }
    close(descriptor)
    unlink(draft)
  }
}
