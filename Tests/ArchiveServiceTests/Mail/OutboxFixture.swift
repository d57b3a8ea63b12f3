// An outbox over the engine of the tests, with a clock one moves.

import ArchiveCore
import ArchiveTesting
import Logging
import Testing

@testable import ArchiveService

/// Documents that several nodes share, each with an outbox and a carrier of its own.
struct OutboxFixture: Sendable {
  let documents: any DocumentStore
  let clock: ManualSurroundings
  var settings = ServiceSettings.Mail()

  static let secret = Secret(Array("a secret that only tests know, 32+".utf8))
  static let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
  static let ada = Mailbox(address: "ada@example.org", name: "Ada")

  /// Runs the body on an empty store.
  static func run(
    on given: (any DocumentStore)? = nil, _ change: (inout ServiceSettings.Mail) -> Void = { _ in },
    _ body: (OutboxFixture) async throws -> Void
  ) async throws {
    let own = try await TestDocuments.make()
    let documents = given ?? own.store
    let result: Result<Void, any Error>
    do {
      try await documents.prepare([QueuedLetter.schema, ToldAlert.schema, User.schema])
      var fixture = OutboxFixture(documents: documents, clock: ManualSurroundings())
      change(&fixture.settings)
      result = .success(try await body(fixture))
    } catch {
      result = .failure(error)
    }
    try await own.discard()
    try result.get()
  }

  func outbox(
    _ carrier: any LetterCarrier, secret: Secret = secret, logger: Logger = logger
  ) -> MailOutbox {
    MailOutbox(
      documents: documents, carrier: carrier, secret: secret, settings: settings,
      surroundings: clock.surroundings, logger: logger)
  }

  /// A node's worker, to be driven by hand.
  func delivery(
    _ carrier: any LetterCarrier, secret: Secret = secret, totals: MailTotals = MailTotals(),
    logger: Logger = logger
  ) -> MailDelivery {
    MailDelivery(
      documents: documents, carrier: carrier,
      seal: LetterSeal(secret: secret, surroundings: clock.surroundings), settings: settings,
      surroundings: clock.surroundings, totals: totals, logger: logger)
  }

  func letters() async throws -> [QueuedLetter] {
    try await Collection(QueuedLetter.self, in: documents).find(limit: 1000)
  }
}

extension MailDelivery {
  /// One round; whether the store or the server was away.
  func tryRound(_ givenUp: @escaping GivenUp = { _ in }) async -> Bool {
    do throws(StoreError) {
      try await round(givenUp)
      return true
    } catch {
      return false
    }
  }
}
