// The real server on a free port, over the engines of the tests.

import ArchiveCore
import ArchiveService
import ArchiveTesting
import Foundation
import Logging
import ServiceLifecycle
import Synchronization
import Testing

/// A running server and what stands behind it.
struct TestServer: Sendable {
  let port: Int
  let documents: any DocumentStore
  let clock: TestClock
  let log: ConversationLog
  let settings: ServiceSettings
  /// What it wrote to people.
  let letters: SentLetters
  private let group: ServiceGroup

  /// Starts a server, runs the body, and stops the server in its orderly way.
  static func run<Result: Sendable>(
    documents: (any DocumentStore)? = nil,
    objects: (any ObjectStore)? = nil,
    pictures: (any PictureMaker)? = nil,
    _ change: (inout ServiceSettings) -> Void = { _ in },
    _ body: @escaping @Sendable (TestServer) async throws -> Result
  ) async throws -> Result {
    let ownDocuments = try await TestDocuments.make()
    let ownObjects = try await TestObjects.make()
    let outcome: Swift.Result<Result, any Error>
    do {
      outcome = .success(
        try await run(
          documents ?? ownDocuments.store, objects ?? ownObjects.store, pictures, change, body))
    } catch {
      outcome = .failure(error)
    }
    try await ownDocuments.discard()
    try await ownObjects.discard()
    return try outcome.get()
  }

  private static func run<Result: Sendable>(
    _ documents: any DocumentStore, _ objects: any ObjectStore,
    _ pictures: (any PictureMaker)?,
    _ change: (inout ServiceSettings) -> Void,
    _ body: @escaping @Sendable (TestServer) async throws -> Result
  ) async throws -> Result {
    let clock = TestClock()
    let settings = Self.settings(change)
    let letters = SentLetters()
    let logger = Logger(label: "test", factory: { _ in letters.handler })
    let key = try #require(AnchorKey([UInt8](repeating: 7, count: 32)))
    let log = ConversationLog(
      documents: documents, objects: objects, settings: LogSettings(), anchorKey: key,
      surroundings: clock.surroundings, logger: logger)
    let service = ArchiveService(
      documents: documents, objects: objects, log: log, settings: settings,
      surroundings: clock.surroundings, logger: logger, pictures: pictures)
    let (addresses, address) = AsyncStream.makeStream(of: String.self)
    let group = ServiceGroup(
      configuration: .init(
        services: [RunningService(service: service, address: address)], logger: logger))
    return try await withThrowingTaskGroup(of: Void.self) { tasks in
      tasks.addTask {
        defer { address.finish() }
        try await group.run()
      }
      var iterator = addresses.makeAsyncIterator()
      let url = try #require(await iterator.next())
      let server = TestServer(
        port: try #require(URL(string: url)?.port), documents: documents, clock: clock, log: log,
        settings: settings, letters: letters, group: group)
      let outcome: Swift.Result<Result, any Error>
      do { outcome = .success(try await body(server)) } catch { outcome = .failure(error) }
      await group.triggerGracefulShutdown()
      try await tasks.waitForAll()
      return try outcome.get()
    }
  }

  func stop() async { await group.triggerGracefulShutdown() }

  /// Settings with a cheap password hash, so that tests do not wait for it.
  static func settings(_ change: (inout ServiceSettings) -> Void = { _ in }) -> ServiceSettings {
    var settings = ServiceSettings()
    settings.http.port = 0
    settings.http.drainDeadline = .seconds(3)
    settings.mail.interval = .milliseconds(20)
    settings.auth.secret = Secret(Array("a secret that only tests know, 32+".utf8))
    settings.auth.passwordCost = .init(logRounds: 4)
    // All people of a test come from one address; tests of limits set their own.
    settings.limits = .none
    // Whoever signs up is a customer, and most tests let people talk to each other.
    settings.conversations.customersMayMeet = true
    change(&settings)
    return settings
  }
}

/// Makes a service of what has a `run`.
private struct RunningService: Service {
  let service: ArchiveService
  let address: AsyncStream<String>.Continuation

  func run() async throws { try await service.run { address.yield($0) } }
}

/// The real clock with an offset that a test moves. Sleeps are real.
final class TestClock: Sendable {
  private let offset = Mutex(Duration.zero)
  private let start = ContinuousClock.now

  func advance(by duration: Duration) { offset.withLock { $0 += duration } }

  var surroundings: Surroundings {
    Surroundings(
      now: {
        let real = Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000))
        return real.advanced(by: self.offset.withLock { $0 })
      },
      uptime: { self.start.duration(to: .now) + self.offset.withLock { $0 } },
      sleep: { try await Task.sleep(for: $0) },
      random: { UInt64.random(in: .min ... .max) })
  }
}
