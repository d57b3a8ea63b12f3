// Changes that meet, and processes that die between: log and documents never disagree.

import ArchiveCore
import ArchiveTesting
import Logging
import Testing

@testable import ArchiveService

@Suite struct ConversationRaceTests {
  /// The members that the entries of a conversation leave, beginning with those it was opened with.
  static func members(
    after entries: [Entry], from first: [String: String]
  ) -> [String: String] {
    var roles = first
    for entry in entries {
      let user = entry.data?["userId"]?.asText ?? ""
      switch entry.kind {
      case .memberAdded: roles[user] = entry.data?["role"]?.asText
      case .memberRemoved: roles[user] = nil
      case .memberLeft:
        roles[user] = nil
        if let heir = entry.data?["newOwnerId"]?.asText { roles[heir] = "owner" }
      case .roleChanged:
        if let previous = entry.data?["previousOwnerId"]?.asText { roles[previous] = "admin" }
        roles[user] = entry.data?["role"]?.asText
      case .conversationDeleted: roles = [:]
      default: break
      }
    }
    return roles
  }

  /// The members that the documents say.
  static func members(of id: ConversationID, in documents: any DocumentStore) async throws
    -> [String: String]
  {
    let found = try await Collection(Member.self, in: documents).find(
      where: .equal("conversationId", id.stored), limit: 1000)
    return Dictionary(
      uniqueKeysWithValues: found.map { ($0.userID.description, $0.role.rawValue) })
  }

  @Test("C2 many who administer a group at once leave log, members and count in agreement")
  func race() async throws {
    try await TestServer.run {
      $0.limits = .none
    } _: { server async throws in
      let owner = try await server.signUp("Owner")
      var signedUp: [Person] = []
      for number in 0..<8 { signedUp.append(try await server.signUp("P\(number)")) }
      let people = signedUp
      let first = Array(people.prefix(4))
      let text = try await server.converse(owner, with: first)
      let id = try #require(ConversationID(text))
      for person in first {
        try await server.put(person, in: text, as: owner, #"{"role":"admin"}"#)
      }
      await Self.quarrel(server, text, owner, first, people)
      let opened = [owner.id: "owner"].merging(first.map { ($0.id, "member") }) { $1 }
      let entries = try await server.log.entries(in: id, after: 0, limit: 1000)
      let documents = try await Self.members(of: id, in: server.documents)
      #expect(documents == Self.members(after: entries, from: opened))
      #expect(documents.values.filter { $0 == "owner" }.count == 1)
      let conversation = try #require(
        try await Collection(Conversation.self, in: server.documents).find(id: text))
      #expect(conversation.memberCount == Int64(documents.count))
      #expect(Set(conversation.firstMembers.map(\.description)).isSubset(of: documents.keys))
      #expect(entries.map(\.seq) == Array(1...Int64(entries.count)))
    }
  }

  /// Admins add and remove, the owner hands over twice, and somebody talks, all at once.
  private static func quarrel(
    _ server: TestServer, _ group: String, _ owner: Person, _ admins: [Person], _ people: [Person]
  ) async {
    await withTaskGroup(of: Void.self) { tasks in
      for (index, admin) in admins.enumerated() {
        tasks.addTask {
          for other in people.dropFirst(admins.count) {
            let path = "/api/conversations/\(group)/members/\(other.id)"
            let method = (index + 1).isMultiple(of: 2) ? "PUT" : "DELETE"
            let reply = try? await server.send(method, path, token: admin.token, json: "{}")
            #expect([200, 204, 403, 404, 503].contains(reply?.status ?? 0))
          }
        }
      }
      tasks.addTask {
        for heir in admins.prefix(2) {
          _ = try? await server.send(
            "PUT", "/api/conversations/\(group)/members/\(heir.id)", token: owner.token,
            json: #"{"role":"owner"}"#)
        }
      }
      tasks.addTask {
        for number in 0..<10 { _ = try? await server.post("\(number)", as: people[3], in: group) }
      }
    }
  }

  @Test("C1 two who leave a group of two at once end it")
  func lastTwo() async throws {
    for _ in 0..<10 {
      try await TestServer.run { server async throws in
        let (ada, bob) = (try await server.signUp("Ada"), try await server.signUp("Bob"))
        let id = try await server.converse(ada, with: [bob])
        await withTaskGroup(of: Void.self) { group in
          for person in [ada, bob] {
            group.addTask {
              let reply = try? await server.send(
                "DELETE", "/api/conversations/\(id)/members/\(person.id)", token: person.token)
              #expect(reply?.status == 204)
            }
          }
        }
        let conversation = try #require(
          try await Collection(Conversation.self, in: server.documents).find(id: id))
        #expect(conversation.deletedAt != nil)
        #expect(conversation.memberCount == 0)
      }
    }
  }

  /// A service's parts over a store that fails as it is told, without a server around them.
  private struct Parts {
    let documents: FaultyDocumentStore
    let log: ConversationLog
    let put: PutMember
    let remove: RemoveMember
    let create: CreateConversation

    init(_ inner: any DocumentStore) async throws {
      documents = FaultyDocumentStore(inner)
      let surroundings = TestClock().surroundings
      let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
      try await documents.prepare(ArchiveService.schemas + ConversationLog.schemas)
      log = ConversationLog(
        documents: documents, objects: InMemoryObjectStore(), settings: LogSettings(),
        anchorKey: try #require(AnchorKey([UInt8](repeating: 7, count: 32))),
        surroundings: surroundings, logger: logger)
      let settings = TestServer.settings()
      let activity = ActivityRecorder(
        documents: documents, log: log, settings: settings.conversations,
        surroundings: surroundings, logger: logger)
      let parts = ConversationParts(
        documents: documents, log: log, activity: activity,
        audit: AuditLog(
          documents: documents, settings: settings.audit, surroundings: surroundings),
        attach: FileParts(
          Files(
            documents: documents, objects: InMemoryObjectStore(), settings: settings.uploads,
            surroundings: surroundings, logger: logger)
        ).attach,
        settings: settings, surroundings: surroundings, logger: logger)
      (put, remove) = (parts.conversations.putMember, parts.conversations.removeMember)
      create = parts.conversations.createConversation
    }

    func user(_ number: UInt64) async throws -> Caller {
      let user = User(
        id: UserID(ULID(high: 9, low: number)), email: "u\(number)@example.org", name: "U\(number)",
        role: .agent, createdAt: Timestamp(milliseconds: 0), passwordHash: "x")
      try await Collection(in: documents).insert(user)
      return Caller(
        userID: user.id, sessionID: SessionID(ULID(high: 8, low: number)), role: .agent)
    }
  }

  @Test("C2 who comes without history reads nothing that was said before, also not on another node")
  func newcomer() async throws {
    let store = InMemoryDocumentStore()
    let (here, there) = (try await Parts(store), try await Parts(store))
    let (ada, bob, eve) = (
      try await here.user(1), try await here.user(2), try await here.user(3)
    )
    let (view, _) = try await here.create(
      ada,
      try JSONDecoding.value(
        #"{"kind":"group","members":["\#(bob.userID)"]}"#, as: CreateConversation.Input.self))
    func say(_ text: String, _ parts: Parts) async throws {
      _ = try await parts.log.append(
        EntryDraft(.message, in: view.id, by: ada.userID, text: text))
    }
    // What this node remembers of the conversation is older than what is said on the other one.
    try await say("one", here)
    for text in ["two", "three"] { try await say(text, there) }
    _ = try await here.put(
      ada, view.id, user: eve.userID, PutMember.Input(role: nil, history: SharedHistory.none))
    let member = try await Collection(Member.self, in: store)
      .find(id: Member.id(view.id, eve.userID))
    #expect(member?.hiddenSeq == 3)
    #expect(member?.readSeq == 3 && member?.readOrdinal == 3)
    #expect(try await here.log.entry(4, in: view.id)?.kind == .memberAdded)
  }

  @Test(
    "C2 S12 a change that is broken off is done in whole or not at all, and doing it again ends the same",
    arguments: [FaultyDocumentStore.Fault.failBefore, .failAfter], ["memory", "sqlite"])
  func brokenOff(fault: FaultyDocumentStore.Fault, engine: String) async throws {
    let place =
      engine == "sqlite"
      ? try TestDocuments.sqlite() : TestDocuments(store: InMemoryDocumentStore()) {}
    let parts = try await Parts(place.store)
    let (ada, bob, eve) = (
      try await parts.user(1), try await parts.user(2), try await parts.user(3)
    )
    let (view, _) = try await parts.create(
      ada,
      try JSONDecoding.value(
        #"{"kind":"group","members":["\#(bob.userID)"]}"#, as: CreateConversation.Input.self))
    let opened = [ada.userID.description: "owner", bob.userID.description: "member"]
    func check() async throws {
      let entries = try await parts.log.entries(in: view.id, after: 0, limit: 100)
      let documents = try await Self.members(of: view.id, in: parts.documents)
      #expect(documents == Self.members(after: entries, from: opened))
      let conversation = try #require(
        try await Collection(Conversation.self, in: parts.documents).find(id: "\(view.id)"))
      #expect(conversation.memberCount == Int64(documents.count))
    }
    let member = PutMember.Input(role: nil, history: nil)
    parts.documents.plan(.transact, [fault])
    await #expect(throws: StoreError.self) {
      _ = try await parts.put(ada, view.id, user: eve.userID, member)
    }
    try await check()
    _ = try await parts.put(ada, view.id, user: eve.userID, member)
    try await check()
    parts.documents.plan(.transact, [fault])
    await #expect(throws: StoreError.self) {
      try await parts.remove(ada, view.id, user: ada.userID)
    }
    try await check()
    let heirs = try await Self.members(of: view.id, in: parts.documents)
    #expect(heirs.values.filter { $0 == "owner" }.count == 1)
    let entries = try await parts.log.entries(in: view.id, after: 0, limit: 100)
    #expect(entries.filter { $0.kind == .memberAdded }.count == 1)
    try await place.discard()
  }
}
