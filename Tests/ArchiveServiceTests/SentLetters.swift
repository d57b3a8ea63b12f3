// The letters of a test's server, as they come out of its outbox.

import Foundation
import Logging
import Synchronization
import Testing

/// A letter as the log tells of it where there is no mail server.
struct SentLetter: Sendable {
  let kind: String
  let to: String
  let link: String?

  /// The token in its link.
  var token: String? {
    link.flatMap { URLComponents(string: $0) }?.queryItems?.first { $0.name == "token" }?.value
  }
}

/// Gathers letters from the log of one server, and what else it says at level notice and above.
final class SentLetters: Sendable {
  private let letters = Mutex<[SentLetter]>([])
  private let lines = Mutex<[String]>([])

  /// All else, message and facts together.
  var log: [String] { lines.withLock { $0 } }

  var all: [SentLetter] { letters.withLock { $0 } }

  /// Of that kind, to that address, in the order in which they were sent.
  func letters(_ kind: String, to address: String) -> [SentLetter] {
    all.filter { $0.kind == kind && $0.to == address }
  }

  /// The letter with that number of its kind to that address, when it has come.
  func letter(_ kind: String, to address: String, number: Int = 1) async throws -> SentLetter {
    for _ in 0..<3000 {
      let found = letters(kind, to: address)
      if found.count >= number { return found[number - 1] }
      try await Task.sleep(for: .milliseconds(20))
    }
    return try #require(nil as SentLetter?, "no letter \(kind) to \(address)")
  }

  var handler: any LogHandler { Handler(letters: self) }

  private struct Handler: LogHandler {
    let letters: SentLetters
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.notice

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
      get { metadata[key] }
      set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
      guard "\(event.message)" == "letter", let facts = event.metadata else {
        let line = "\(event.message) \(event.metadata ?? [:]) \(metadata)"
        return letters.lines.withLock { $0.append(line) }
      }
      let letter = SentLetter(
        kind: facts["kind"].map { "\($0)" } ?? "", to: facts["to"].map { "\($0)" } ?? "",
        link: facts["link"].map { "\($0)" })
      letters.letters.withLock { $0.append(letter) }
    }
  }
}
