// Letters without a mail server.

import ArchiveCore
import ArchiveTesting
import Logging
import Synchronization
import Testing

@testable import ArchiveService

@Suite struct LoggingCarrierTests {
  @Test("C7 without a mail server links go to the log, with one warning")
  func log() async throws {
    try await OutboxFixture.run { fixture async throws in
      let lines = Lines()
      let logger = Logger(label: "test", factory: { _ in lines.handler })
      let carrier = LoggingCarrier(logger: logger)
      let outbox = fixture.outbox(carrier)
      for number in 1...3 {
        try await outbox.post(
          .confirmEmail(link: "https://x/\(number)"), to: OutboxFixture.ada, in: .en)
        await fixture.clock.advance(by: .milliseconds(1))
      }
      #expect(await fixture.delivery(carrier, logger: logger).tryRound())
      #expect(lines.all.filter { $0.hasPrefix("warning") }.count == 1)
      let letters = lines.all.filter { $0.hasPrefix("notice letter") }
      #expect(letters.count == 3)
      for number in 1...3 { #expect(letters.contains { $0.contains("https://x/\(number)") }) }
    }
  }
}

/// The lines of a log.
final class Lines: Sendable {
  private let lines = Mutex<[String]>([])
  var all: [String] { lines.withLock { $0 } }
  var handler: any LogHandler { Handler(lines: self) }

  private struct Handler: LogHandler {
    let lines: Lines
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.trace

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
      get { metadata[key] }
      set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
      let facts = (event.metadata ?? [:]).map { "\($0)=\($1)" }.sorted().joined(separator: " ")
      lines.lines.withLock { $0.append("\(event.level) \(event.message) \(facts)") }
    }
  }
}
