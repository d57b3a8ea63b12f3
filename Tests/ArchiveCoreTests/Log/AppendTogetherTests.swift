// Entries that change documents of others: both or neither.

import ArchiveCore
import ArchiveTesting
import Testing

@Suite("Appending together with documents")
struct AppendTogetherTests {
  private static let things = CollectionSchema("things").snapshotted

  private static func draft(_ conversation: ConversationID) -> EntryDraft {
    EntryDraft(
      EntryKind(rawValue: "changed"), in: conversation, by: nil, data: ["by": .string("test")])
  }

  /// The step that counts a thing up, where it has been counted this far.
  private static func step(_ id: String, from count: Int64) -> TransactionStep {
    .update(
      Update(
        "things", where: .and([.id(id), .equal("count", .integer(count))]), [.increment("count", 1)]
      ), mustMatch: true)
  }

  private func fixture(isShared: Bool = false) async throws -> LogFixture {
    let fixture = try await LogFixture(isShared: isShared, others: [Self.things])
    _ = try fixture.memory.insert(
      [Document(["id": .string("a"), "count": .integer(0)])], into: "things")
    return fixture
  }

  private func count(_ fixture: LogFixture) throws -> DocumentValue? {
    try fixture.memory.find(Query("things", limit: 1)).first?["count"]
  }

  @Test("C2 entry and documents change together, and the entry counts as no message")
  func together() async throws {
    let fixture = try await fixture()
    try await fixture.send("one")
    let id = fixture.conversation()
    let entry = try await fixture.log.append(
      Self.draft(id), together: { _ in [Self.step("a", from: 0)] }
    )
    .entry
    #expect(entry.seq == 2)
    #expect(entry.ordinal == 1)
    #expect(try count(fixture) == .integer(1))
    #expect(try await fixture.send("two").seq == 3)
    // The buffer has it as it has every other: it is archived, and the chain is whole.
    try await fixture.log.flush(nil)
    #expect(try await fixture.verify().problems.isEmpty)
    #expect(
      try await fixture.log.entries(in: id, after: 0, limit: 9).map(\.kind.rawValue)
        == ["message", "changed", "message"])
  }

  @Test("C2 a step that expects what is not so leaves no entry")
  func conflict() async throws {
    let fixture = try await fixture()
    let id = fixture.conversation()
    await #expect {
      try await fixture.log.append(Self.draft(id), together: { _ in [Self.step("a", from: 5)] })
    } throws: { ($0 as? StoreError)?.kind == .conflict }
    #expect(try await fixture.log.head(of: id).seq == 0)
    #expect(try await fixture.send("one").seq == 1)
    #expect(try count(fixture) == .integer(0))
  }

  @Test("C6 a draft with a clientId that is sent again is one entry, and its steps are done once")
  func retried() async throws {
    let fixture = try await fixture()
    let id = fixture.conversation()
    let sender = UserID(ULID(high: 9, low: 9))
    @Sendable func send() async throws -> AppendedEntry {
      let draft = EntryDraft(.message, in: id, by: sender, text: "x", clientID: "once")
      return try await fixture.log.append(draft) { _ in
        [
          .update(
            Update("things", where: .id("a"), [.increment("count", 1)]), mustMatch: true)
        ]
      }
    }
    let outcomes = try await withThrowingTaskGroup(of: AppendedEntry.self) { group in
      for _ in 0..<5 { group.addTask { try await send() } }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    #expect(Set(outcomes.map(\.entry.seq)) == [1])
    #expect(outcomes.filter { !$0.isRepeat }.count == 1)
    #expect(try count(fixture) == .integer(1))
    // Also when it was archived meanwhile, and over a restart.
    try await fixture.log.flush(nil)
    #expect(try await send().isRepeat)
    #expect(try count(fixture) == .integer(1))
  }

  @Test(
    "C2 S02 a transaction that fails, or whose reply is lost, leaves both or neither",
    arguments: [FaultyDocumentStore.Fault.failBefore, .failAfter])
  func lostReply(fault: FaultyDocumentStore.Fault) async throws {
    let fixture = try await fixture()
    let id = fixture.conversation()
    fixture.documents.plan(.transact, [fault])
    await #expect(throws: StoreError.self) {
      try await fixture.log.append(Self.draft(id), together: { _ in [Self.step("a", from: 0)] })
    }
    let isDone = try count(fixture) == .integer(1)
    #expect(try await fixture.log.entries(in: id, after: 0, limit: 9).count == (isDone ? 1 : 0))
    #expect(try await fixture.send("next").seq == (isDone ? 2 : 1))
    // What is there although nobody was told is archived all the same.
    try await fixture.log.flush(nil)
    #expect(try await fixture.verify().problems.isEmpty)
  }

  @Test(
    "C2 A2 two processes that change one thing and talk at once number without gaps",
    arguments: [1, 2])
  func race(processes: Int) async throws {
    let first = try await fixture()
    let nodes = [first] + (1..<max(2, processes)).map { _ in first.node() }
    let id = first.conversation()
    try await withThrowingTaskGroup(of: Void.self) { group in
      for node in nodes.prefix(processes) {
        for _ in 0..<3 {
          group.addTask {
            for number in 0..<10 { try await node.send("\(number)") }
          }
        }
        group.addTask {
          var done = 0
          while done < 10 {
            guard case .integer(let seen)? = try self.count(first) else { return }
            do throws(StoreError) {
              _ = try await node.log.append(
                Self.draft(id), together: { _ in [Self.step("a", from: seen)] })
              done += 1
            } catch {
              guard error.kind == .conflict else { throw error }
            }
          }
        }
      }
      try await group.waitForAll()
    }
    let entries = try await first.reopened().log.entries(in: id, after: 0, limit: 1000)
    #expect(entries.map(\.seq) == Array(1...Int64(40 * processes)))
    #expect(try count(first) == .integer(Int64(10 * processes)))
    #expect(entries.filter { $0.kind.rawValue == "changed" }.count == 10 * processes)
  }
}
