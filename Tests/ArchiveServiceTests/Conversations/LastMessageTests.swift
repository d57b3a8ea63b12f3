// The newest message in lists, and what lists cost.

import ArchiveCore
import ArchiveTesting
import Testing

@testable import ArchiveService

@Suite struct LastMessageTests {
  private func newest(_ server: TestServer, _ person: Person) async throws -> JSONNode? {
    try await server.ask("GET", "/api/conversations", as: person)["items"]?[0]?["lastMessage"]
  }

  @Test("C1 a list shows the newest message as it is now")
  func newest() async throws {
    try await TestServer.run { server async throws in
      let (ada, bob) = (try await server.signUp("Ada"), try await server.signUp("Bob"))
      let id = try await server.converse(ada, with: [bob])
      #expect(try await newest(server, bob) == nil)
      try await server.post("one", as: ada, in: id)
      try await server.post("two", as: bob, in: id)
      let two = try await newest(server, ada)
      #expect(two?["text"]?.text == "two")
      #expect(two?["seq"]?.number == 2)
      #expect(two?["senderId"]?.text == bob.id)
      // The edit of an older one is no news; that of the newest is.
      let messages = "/api/conversations/\(id)/messages"
      try await server.ask("PATCH", "\(messages)/1", as: ada, #"{"text":"ONE"}"#)
      #expect(try await newest(server, ada)?["text"]?.text == "two")
      try await server.ask("PATCH", "\(messages)/2", as: bob, #"{"text":"TWO"}"#)
      let edited = try await newest(server, ada)
      #expect(edited?["text"]?.text == "TWO")
      #expect(edited?["editedAt"]?.text != nil)
      try await server.ask("DELETE", "\(messages)/2", as: bob, expecting: 204)
      let deleted = try await newest(server, ada)
      #expect(deleted?["text"] == nil)
      #expect(deleted?["seq"]?.number == 2)
      #expect(deleted?["deletedAt"]?.text != nil)
      try await server.ask("PATCH", "/api/conversations/\(id)", as: ada, #"{"title":"T"}"#)
      let system = try await newest(server, bob)
      #expect(system?["kind"]?.text == "titleChanged")
      #expect(system?["data"]?["title"]?.text == "T")
    }
  }

  @Test("C1 a long text is shown shortened, between characters and not within")
  func long() async throws {
    try await TestServer.run { server async throws in
      let (ada, bob) = (try await server.signUp("Ada"), try await server.signUp("Bob"))
      let id = try await server.converse(ada, with: [bob])
      try await server.post(String(repeating: "ж", count: 5000), as: ada, in: id)
      let text = try #require(try await newest(server, bob)?["text"]?.text)
      #expect(text == String(repeating: "ж", count: LastMessage.shownScalars))
    }
  }

  @Test("J2 what a crash kept from the lists is read from the log, also a deletion")
  func repair() async throws {
    try await TestServer.run { server async throws in
      let (ada, bob) = (try await server.signUp("Ada"), try await server.signUp("Bob"))
      let text = try await server.converse(ada, with: [bob])
      let id = try #require(ConversationID(text))
      try await server.post("one", as: ada, in: text)
      #expect(try await newest(server, bob)?["text"]?.text == "one")
      // Written behind the service's back, as if it had died before it wrote what it had noted.
      _ = try await server.log.append(
        EntryDraft(.message, in: id, by: UserID(ada.id), text: "two"))
      #expect(try await newest(server, bob)?["text"]?.text == "two")
      _ = try await server.log.append(EntryDraft(.deletion, in: id, by: UserID(ada.id), target: 2))
      #expect(try await newest(server, bob)?["deletedAt"] != nil)
      #expect(try await newest(server, bob)?["text"] == nil)
      // As after a restoration, which brings back no lists.
      _ = try await server.documents.delete("lastMessages", where: .everything)
      _ = try await server.log.append(
        EntryDraft(.message, in: id, by: UserID(ada.id), text: "three"))
      #expect(try await newest(server, bob)?["text"]?.text == "three")
      #expect(try await newest(server, bob)?["text"]?.text == "three")
      let stored = try await server.documents.find(Query("lastMessages", limit: 9))
      #expect(stored.first?["seenSeq"] == .integer(4))
    }
  }

  @Test("C1 a list costs no more questions with thirty conversations than with three")
  func questions() async throws {
    let store = FaultyDocumentStore(InMemoryDocumentStore())
    try await TestServer.run(documents: store) {
      // The outbox of tests asks fifty times a second.
      $0.mail.interval = .seconds(3600)
    } _: { server async throws in
      let (ada, bob) = (try await server.signUp("Ada"), try await server.signUp("Bob"))
      func cost() async throws -> Int {
        // What was said is written first, and the one who asks is known.
        _ = try await server.ask("GET", "/api/conversations?limit=100", as: bob)
        var least = Int.max
        // What goes on in the background asks too, now and then.
        for _ in 0..<5 {
          let before = store.callCount(.find)
          let list = try await server.ask("GET", "/api/conversations?limit=100", as: bob)
          least = min(least, store.callCount(.find) - before)
          #expect(
            list["items"]?.list.allSatisfy { $0["lastMessage"]?["text"]?.text == "hi" } == true)
        }
        return least
      }
      var costs: [Int] = []
      for count in [3, 27] {
        for _ in 0..<count {
          let id = try await server.converse(ada, with: [bob])
          try await server.post("hi", as: ada, in: id)
        }
        costs.append(try await cost())
      }
      // What goes on in the background may ask now and then; a question for each row would be 27 more.
      #expect(abs(costs[0] - costs[1]) <= 3)
      #expect(costs[0] <= 10)
    }
  }

  @Test("C1 marks that come late, twice and in any order leave the newest")
  func anyOrder() async throws {
    let documents = InMemoryDocumentStore()
    try documents.prepare([LastMessageDocument.schema])
    let id = ConversationID(ULID(high: 1, low: 1))
    func message(_ seq: Int64, _ text: String?, amendedBy: Int64 = 0) throws -> LastMessage {
      func entry(_ kind: String, _ more: String) throws -> Entry {
        let line =
          #"{"conversationId":"\#(id)","createdAt":"2026-01-01T00:00:00.000Z","kind":"\#(kind)","ordinal":\#(seq),"seq":\#(seq)\#(more)}"#
        return try EntryLine(bytes: Array(line.utf8)).entry()
      }
      let edit = try text.map { try entry("edit", #","target":\#(seq),"text":"\#($0)""#) }
      let deletion = text == nil ? try entry("deletion", #","target":\#(seq)"#) : nil
      return LastMessage(
        Message(try entry("message", #","text":"x""#), edit: edit, deletion: deletion),
        amendedBy: amendedBy)
    }
    let marks: [(LastMessage, Int64)] = [
      (try message(1, "one"), 1), (try message(2, "two"), 2),
      (try message(1, "ONE", amendedBy: 3), 3), (try message(2, "TWO", amendedBy: 4), 4),
      (try message(2, nil, amendedBy: 5), 5),
    ]
    var generator = SeededGenerator(seed: 7)
    for _ in 0..<50 {
      try documents.delete(LastMessageDocument.schema.name, where: .everything)
      for (mark, seen) in (marks + marks).shuffled(using: &generator) {
        try documents.transact(
          LastMessageDocument.steps(id, mark, seenSeq: seen, mayBeMissing: true))
      }
      let stored = try #require(
        try await Collection(LastMessageDocument.self, in: documents).find(id: "\(id)"))
      #expect(stored.seenSeq == 5)
      #expect(stored.message?.seq == 2)
      #expect(stored.message?.text == nil)
    }
  }
}
