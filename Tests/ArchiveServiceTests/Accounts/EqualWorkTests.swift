// That nobody can tell an address that has an account from one that has none.

import ArchiveCore
import ArchiveTesting
import Logging
import Testing

@testable import ArchiveService

@Suite(.timeLimit(.minutes(5))) struct EqualWorkTests {
  /// What the store was asked while the body ran, in order, without what goes on in the background.
  private func work(_ store: CountedStore, _ body: () async throws -> Void) async throws
    -> [String]
  {
    store.forget()
    try await body()
    let background = ["outbox", "signingKeys", "leases", "archiveStates", "entries", "manifests"]
    return store.calls.filter { call in !background.contains { call.hasSuffix(" " + $0) } }
  }

  @Test("A15 a sign-in does the same for known and unknown addresses", arguments: [false, true])
  func signIn(isOutOfUse: Bool) async throws {
    let store = CountedStore(InMemoryDocumentStore())
    try await TestServer.run(documents: store) { (server) async throws in
      let ada = try await server.signUp("Ada")
      if isOutOfUse {
        _ = try await store.update(
          Update(
            "users", where: .id(ada.id), [.set("deactivatedAt", .time(Timestamp(milliseconds: 1)))])
        )
      }
      // From where nobody has signed in to either, and where some have failed before.
      _ = try await store.delete("signInCounts", where: .everything)
      for email in [ada.email, "nobody@example.org"] { _ = try await server.signIn(email, "no") }
      for _ in 0..<3 {
        let known = try await work(store) { () async throws in
          #expect(try await server.signIn(ada.email, "a guess").status == 401)
        }
        let unknown = try await work(store) { () async throws in
          #expect(try await server.signIn("nobody@example.org", "a guess").status == 401)
        }
        #expect(known == unknown)
        #expect(!known.isEmpty)
      }
    }
  }

  @Test("A15 a forgotten password does the same for known and unknown addresses")
  func forgottenPassword() async throws {
    let store = CountedStore(InMemoryDocumentStore())
    try await TestServer.run(documents: store) { (server) async throws in
      let ada = try await server.signUp("Ada")
      func forget(_ email: String) async throws {
        let reply = try await server.send(
          "POST", "/api/auth/forgot-password", json: #"{"email":"\#(email)"}"#)
        #expect(reply.status == 202)
      }
      for _ in 0..<3 {
        let known = try await work(store) { try await forget(ada.email) }
        let unknown = try await work(store) { try await forget("bob@example.org") }
        #expect(known == unknown)
        #expect(known.contains("transact 3"))
      }
    }
  }

  @Test("A15 what is written for an address without an account is as large as a letter")
  func equalSize() async throws {
    let surroundings = TestClock().surroundings
    let store = InMemoryDocumentStore()
    let settings = TestServer.settings()
    let letters = AccountLetters(
      documents: store,
      outbox: MailOutbox(
        documents: store, carrier: LoggingCarrier(logger: .init(label: "test")),
        secret: settings.auth.secret, settings: settings.mail, surroundings: surroundings,
        logger: .init(label: "test")),
      settings: settings, surroundings: surroundings)
    let user = User(
      id: UserID(surroundings.newID()), email: "ada@example.org", name: "Ada", role: .customer,
      createdAt: surroundings.now(), passwordHash: "x")
    func sizes(_ steps: [TransactionStep]) -> [Int] {
      steps.map { step in
        if case .insert(let document, into: _) = step { "\(document)".utf8.count } else { 0 }
      }
    }
    let known = sizes(try letters.passwordReset(for: user))
    let unknown = sizes(
      try letters.nothing(for: try #require(EmailAddress("bob@example.org")), in: .en))
    #expect(known.count == unknown.count)
    for (one, other) in zip(known, unknown) {
      #expect(abs(one - other) <= max(one, other) / 2, "\(known) \(unknown)")
    }
  }

  @Test(
    "A15 a right password whose hash has another cost than today's is hashed anew, no other one")
  func newCost() async throws {
    try await TestServer.run { (server) async throws in
      var older = server.settings
      older.auth.passwordCost = .init(logRounds: 5)
      let create = CreateUser(
        documents: server.documents, settings: older, surroundings: server.clock.surroundings)
      let ada = try await create(
        email: "ada@example.org", name: "Ada", password: Person.password, role: .customer)
      func stored() async throws -> String {
        let user = try await Collection(User.self, in: server.documents).find(
          id: ada.id.description)
        return try #require(user).passwordHash
      }
      let first = try await stored()
      #expect(try await server.signIn(ada.email, "a guess").status == 401)
      #expect(try await stored() == first && first.hasPrefix("$scrypt$ln=5,"))
      #expect(try await server.signIn(ada.email).status == 200)
      let second = try await stored()
      #expect(second.hasPrefix("$scrypt$ln=4,"))
      #expect(try await server.signIn(ada.email).status == 200)
      #expect(try await stored() == second)
      #expect(try await server.signIn(ada.email, "a guess").status == 401)
    }
  }

  @Test("A15 a shown password is hashed once, whatever is stored, also for nobody")
  func hashes() async throws {
    let settings = TestServer.settings()
    let passwords = Passwords(settings: settings.auth, surroundings: TestClock().surroundings)
    let stored = try await passwords.hash("a password")
    let before = passwords.hashCount
    #expect(try await passwords.matches("a password", stored: stored))
    #expect(try await !passwords.matches("another", stored: stored))
    #expect(try await !passwords.matches("a password", stored: nil))
    #expect(try await !passwords.matches("a password", stored: "no hash at all"))
    #expect(passwords.hashCount - before == 4)
  }
}
