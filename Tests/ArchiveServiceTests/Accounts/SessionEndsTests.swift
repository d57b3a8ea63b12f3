// Being told that a session is over, on whichever node.

import ArchiveCore
import ArchiveTesting
import Logging
import Testing

@testable import ArchiveService

@Suite(.timeLimit(.minutes(1))) struct SessionEndsTests {
  @Test("A19 whoever holds something open hears of the end of its session, from whichever node")
  func otherNode() async throws {
    let store: any DocumentStore = InMemoryDocumentStore(isShared: true)
    try await store.prepare(ArchiveService.schemas)
    let parts = try await parts(store)
    let news = parts.ends.subscribe()
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { await parts.run() }
      var iterator = news.makeAsyncIterator()
      // Both collections are heard from now on.
      #expect(await iterator.next() == .unknown)
      #expect(await iterator.next() == .unknown)
      let id = "01ARZ3NDEKTSV4RRFFQ69G5FAV"
      _ = try await store.insert([Document(["id": .string(id)])], into: "sessions")
      try await store.update(
        Update("sessions", where: .id(id), [.set("lastSeenAt", .time(Timestamp(milliseconds: 1)))]))
      try await store.update(
        Update("sessions", where: .id(id), [.set("endedAt", .time(Timestamp(milliseconds: 1)))]))
      let session = try #require(SessionID(id))
      #expect(await iterator.next() == .session(session))
      _ = try await store.insert([Document(["id": .string(id)])], into: "users")
      let user = try #require(UserID(id))
      #expect(await iterator.next() == .some(of: user))
      group.cancelAll()
    }
  }

  @Test("A19 what has ended is over and told, also where the store is away right behind the end")
  func storeAway() async throws {
    let store = FaultyDocumentStore(InMemoryDocumentStore())
    try await store.prepare(ArchiveService.schemas)
    let parts = try await parts(store)
    let create = CreateUser(
      documents: store, settings: TestServer.settings(), surroundings: TestClock().surroundings)
    let user = try await create(
      email: "ada@example.org", name: "Ada", password: Person.password, role: .customer)
    let sessions = parts.accounts.sessions
    let signedIn = try await sessions.begin(for: user, device: nil, from: .unknown, with: [])
    let caller = try await parts.callers.caller(token: signedIn.accessToken)
    var news = parts.ends.subscribe().makeAsyncIterator()
    store.plan(.find, [.failBefore])
    try await sessions.signOut(caller, from: .unknown)
    #expect(await news.next() == .unknown)
    await #expect(throws: ServiceError.self) {
      _ = try await parts.callers.caller(token: signedIn.accessToken)
    }
  }

  @Test("A19 a subscriber that is too slow gets the end of its stream, and nobody waits for it")
  func slow() async {
    let ends = SessionEnds()
    let news = ends.subscribe()
    for _ in 0..<10_000 { ends.publish(.unknown) }
    var count = 0
    for await _ in news { count += 1 }
    #expect(count == 4096)
  }

  private func parts(_ store: any DocumentStore) async throws -> AccountParts {
    let (settings, surroundings) = (TestServer.settings(), TestClock().surroundings)
    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    let audit = AuditLog(documents: store, settings: settings.audit, surroundings: surroundings)
    return try await AccountParts(
      AccountParts.Surrounding(
        documents: store,
        outbox: MailOutbox(
          documents: store, carrier: LoggingCarrier(logger: logger),
          secret: settings.auth.secret, settings: settings.mail, surroundings: surroundings,
          logger: logger),
        audit: audit, limits: RateLimits(settings: settings.limits, surroundings: surroundings),
        delays: SignInDelays(
          documents: store, audit: audit, settings: settings.limits, surroundings: surroundings),
        settings: settings, surroundings: surroundings, logger: logger,
        files: Files(
          documents: store, objects: InMemoryObjectStore(), settings: settings.uploads,
          surroundings: surroundings, logger: logger)))
  }
}
