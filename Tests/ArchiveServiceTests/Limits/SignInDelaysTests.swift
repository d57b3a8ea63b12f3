// Guessing passwords gets slow, on all nodes together, and nobody is locked out.

import ArchiveCore
import ArchiveTesting
import Testing

@testable import ArchiveService

@Suite struct SignInPaceTests {
  private let pace = SignInPace(free: 3, limit: .seconds(300), memory: .seconds(1800))
  private let now = Timestamp(milliseconds: 1_800_000_000_000)

  @Test("A15 the delay doubles behind the free failures, up to its limit")
  func growth() {
    #expect((0...3).map { pace.delay(behind: $0) } == Array(repeating: .zero, count: 4))
    #expect((4...8).map { pace.delay(behind: $0) } == [1, 2, 4, 8, 16].map { .seconds($0) })
    for failures in [20, 1000, Int64.max] { #expect(pace.delay(behind: failures) == .seconds(300)) }
  }

  @Test("C03 a time from a clock that was wrong locks nobody out")
  func wrongClock() {
    func wait(_ failedAt: Duration) -> Duration {
      let count = SignInCount(
        id: "a", failures: 50, failedAt: now.advanced(by: failedAt), expiresAt: now)
      return pace.wait(count, at: now)
    }
    #expect(wait(.zero) == .seconds(300))
    #expect(wait(.seconds(-100)) == .seconds(200))
    #expect(wait(.seconds(-300)) == .zero)
    #expect(wait(.seconds(3600)) == .zero)
    #expect(wait(.seconds(Int64.max)) == .zero)
    #expect(wait(.seconds(-1800)) == .zero)
  }
}

/// Nodes that share one store and nothing else.
private struct Nodes {
  let documents: any DocumentStore
  /// Begins now: a real store forgets what has expired, by its own clock.
  let surroundings = ManualSurroundings(now: TestClock().surroundings.now())
  let nodes: [SignInDelays]
  let audit: AuditLog

  init(_ documents: any DocumentStore = InMemoryDocumentStore(), count: Int = 1) async throws {
    self.documents = documents
    var limits = ServiceSettings.Limits()
    (limits.freeSignInFailures, limits.freeAddressFailures) = (5, 20)
    try await documents.prepare([SignInCount.schema, AuditEntry.schema])
    let surroundings = self.surroundings.surroundings
    let audit = AuditLog(documents: documents, settings: .init(), surroundings: surroundings)
    self.audit = audit
    nodes = (0..<count).map { [limits] _ in
      SignInDelays(
        documents: documents, audit: audit, settings: limits, surroundings: surroundings)
    }
  }

  /// Fails to sign in, or says how long one must wait.
  @discardableResult
  func fail(_ email: String, from origin: RequestOrigin, node: Int = 0) async throws -> Duration {
    do {
      let attempt = try await nodes[node].before(email: email, from: origin)
      try await nodes[node].failed(attempt, user: nil)
      return .zero
    } catch let error as ServiceError {
      guard error.kind == .tooMany, let wait = error.retryAfter else { throw error }
      return wait
    }
  }

  /// Fails until it must wait; how often it failed.
  func failuresUntilDelay(_ email: String, from origin: RequestOrigin) async throws -> Int {
    var failures = 0
    while try await fail(email, from: origin) == .zero, failures < 1000 { failures += 1 }
    return failures
  }

  func signIn(_ email: String, from origin: RequestOrigin) async throws {
    try await nodes[0].succeeded(try await nodes[0].before(email: email, from: origin))
  }
}

private func origin(_ text: String) -> RequestOrigin {
  RequestOrigin(address: IPAddress(text), userAgent: nil)
}

@Suite struct SignInDelaysTests {
  private let home = origin("192.0.2.1")

  @Test(
    "B5 A15 a thousand wrong passwords take weeks, and an account that is not there is no different"
  )
  func growingDelay() async throws {
    let town = try await Nodes()
    for email in ["somebody@example.org", "nobody@example.org"] {
      #expect(try await town.failuresUntilDelay(email, from: home) == 6)
      var waits: [Int64] = []
      for _ in 0..<10 {
        let wait = try await town.fail(email, from: home)
        waits.append(wait.components.seconds)
        await town.surroundings.advance(by: wait)
        #expect(try await town.fail(email, from: home) == .zero)
      }
      #expect(waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300])
      await town.surroundings.advance(by: .seconds(3600))
    }
  }

  @Test("B5 a success and a quiet time forget the failures")
  func forgetting() async throws {
    let town = try await Nodes()
    try await town.signIn("a@example.org", from: home)
    for _ in 0..<3 {
      for _ in 0..<5 { try await town.fail("a@example.org", from: home) }
      try await town.signIn("a@example.org", from: home)
    }
    #expect(try await town.failuresUntilDelay("A@example.org ", from: home) == 6)
    await town.surroundings.advance(by: .seconds(1801))
    #expect(try await town.failuresUntilDelay("a@example.org", from: home) == 6)
  }

  @Test("B5 an attempt whose password nobody looked at is no failure, here and elsewhere")
  func takenBack() async throws {
    let town = try await Nodes()
    try await town.signIn("a@example.org", from: home)
    for place in [home, origin("203.0.113.7")] {
      for _ in 0..<50 {
        try await town.nodes[0].takeBack(
          try await town.nodes[0].before(email: "a@example.org", from: place))
      }
      #expect(try await town.failuresUntilDelay("a@example.org", from: place) == 6)
    }
  }

  @Test("B5 an attack from elsewhere does not lock an owner out where the account is known")
  func ownerIsNotLockedOut() async throws {
    let town = try await Nodes()
    try await town.signIn("victim@example.org", from: home)
    for number in 0..<300 {
      try await town.fail("victim@example.org", from: origin("203.0.113.\(number % 250)"))
    }
    #expect(try await town.fail("victim@example.org", from: origin("198.51.100.1")) > .zero)
    try await town.signIn("victim@example.org", from: home)
    // From the owner's own network, guesses are delayed all the same.
    #expect(try await town.failuresUntilDelay("victim@example.org", from: home) == 6)
    // The attack goes on where it was: the owner's success gives nobody new guesses.
    #expect(try await town.fail("victim@example.org", from: origin("198.51.100.1")) > .zero)
  }

  @Test("B5 who signs in from many places, each time with the right password, is not delayed")
  func traveller() async throws {
    let town = try await Nodes()
    for number in 0..<50 {
      try await town.signIn("traveller@example.org", from: origin("203.0.113.\(number)"))
    }
    #expect(try await town.failuresUntilDelay("traveller@example.org", from: home) == 6)
  }

  @Test("B5 a password reset makes the address known, so its owner gets in during an attack")
  func resetOpensTheWay() async throws {
    let town = try await Nodes()
    _ = try await town.failuresUntilDelay("victim@example.org", from: origin("203.0.113.5"))
    #expect(try await town.fail("victim@example.org", from: home) > .zero)
    try await town.documents.transact(
      town.nodes[0].steps(knowing: home, of: AccountKey(email: "victim@example.org")))
    try await town.signIn("victim@example.org", from: home)
  }

  @Test(
    "B5 one address that tries many accounts is delayed, and owners at the same address are not")
  func spraying() async throws {
    let town = try await Nodes()
    try await town.signIn("colleague@example.org", from: home)
    var tried = 0
    while try await town.fail("account\(tried)@example.org", from: home) == .zero, tried < 1000 {
      tried += 1
    }
    #expect(tried == 21)
    try await town.signIn("colleague@example.org", from: home)
    // One's own account buys no guesses.
    #expect(try await town.fail("another@example.org", from: home) > .zero)
    // Neither does another address of the same IPv6 subscriber.
    for number in 1...21 {
      try await town.fail("v6-\(number)@example.org", from: origin("2001:db8:1:1::\(number)"))
    }
    #expect(try await town.fail("one-more@example.org", from: origin("2001:db8:1:1:f::1")) > .zero)
    #expect(try await town.fail("one-more@example.org", from: origin("2001:db8:1:2::1")) == .zero)
  }

  @Test("B5 A15 a thousand attempts at once on four nodes are a thousand attempts")
  func allAtOnce() async throws {
    let documents = try await TestDocuments.make()
    let town = try await Nodes(documents.store, count: 4)
    let begun = await withTaskGroup(of: Bool.self) { group in
      for number in 0..<1000 {
        group.addTask {
          // Each from an address of its own, so that only the account counts.
          let origin = origin("198.18.\(number / 250).\(number % 250)")
          do {
            _ = try await town.nodes[number % 4].before(email: "victim@example.org", from: origin)
            return true
          } catch { return false }
        }
      }
      var begun = 0
      for await isBegun in group where isBegun { begun += 1 }
      return begun
    }
    #expect((1...6).contains(begun))
    #expect(try await town.fail("victim@example.org", from: home, node: 3) > .zero)
    try await documents.discard()
  }

  @Test("A7 the audit log says once that guessing began, not with every guess")
  func auditedOnce() async throws {
    let town = try await Nodes()
    for _ in 0..<50 { try await town.fail("a@example.org", from: home) }
    var entries = try await town.audit.entries(.init(), .oldestFirst, limit: 100)
    #expect(entries.map(\.event.kind) == [.signInsDelayed])
    #expect(entries.first?.event.detail == ["scope": "account", "failures": "6"])
    #expect(entries.first?.event.address == home.address)
    await town.surroundings.advance(by: .seconds(1))
    for number in 0..<50 { try await town.fail("b\(number)@example.org", from: home) }
    entries = try await town.audit.entries(.init(), .oldestFirst, limit: 100)
    #expect(
      entries.map(\.event.detail) == [
        ["scope": "account", "failures": "6"], ["scope": "address", "failures": "21"],
      ])
  }

  @Test("A15 an account that exists and one that does not cost the same calls of the store")
  func sameWork() async throws {
    let counting = CountedStore(InMemoryDocumentStore())
    let town = try await Nodes(counting)
    try await town.signIn("known@example.org", from: home)
    var calls: [[String]] = []
    for (email, network) in [
      ("known@example.org", "203.0.113"), ("unknown@example.org", "198.51.100"),
    ] {
      counting.forget()
      for number in 0..<8 { try await town.fail(email, from: origin("\(network).\(number)")) }
      // A first write and a later one cost the same.
      calls.append(counting.calls.map { $0.replacing("insert signIn", with: "update signIn") })
    }
    #expect(calls[0] == calls[1])
    #expect(!calls[0].isEmpty)
  }

  @Test("what is stored about failures tells nobody's address of mail, and ends by itself")
  func stored() async throws {
    let town = try await Nodes()
    try await town.signIn("private@example.org", from: home)
    try await town.fail("private@example.org", from: origin("203.0.113.5"))
    let found = try await town.documents.find(Query(SignInCount.schema.name, limit: 10))
    #expect(found.count == 3)
    for document in found {
      #expect(!"\(document)".contains("private"))
      #expect(document["expiresAt"] != nil)
    }
  }
}
