// What the log tells of errors that nobody expected.

import ArchiveCore
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import Testing

@testable import ArchiveService

@Suite struct ErrorMiddlewareTests {
  /// As libraries make them: its words repeat what somebody typed.
  private struct Talkative: Error, CustomStringConvertible {
    let description = "cannot read 'geheim'"
  }

  @Test("J2 of an error that is not ours the log tells the kind and not its words")
  func words() async throws {
    let letters = SentLetters()
    let logger = Logger(label: "test", factory: { _ in letters.handler })
    let router = Router(context: ServiceContext.self)
    router.add(
      middleware: Observation(
        logger: logger, metrics: Metrics(started: Timestamp(milliseconds: 0)),
        surroundings: TestClock().surroundings))
    router.add(middleware: ErrorMiddleware())
    router.get("/talkative") { _, _ -> Response in throw Talkative() }
    router.get("/store") { _, _ -> Response in throw StoreError(.unavailable, "away code=`7`") }
    try await Application(router: router, logger: logger).test(.router) { client in
      for (path, status) in [("/talkative", 500), ("/store", 503)] {
        try await client.execute(uri: path, method: .get) { #expect($0.status.code == status) }
      }
    }
    let log = letters.log.joined(separator: "\n")
    #expect(log.contains("Talkative") && !log.contains("geheim"))
    #expect(log.contains("away code=`7`"))
  }
}
