// Appending: numbers without gaps, once each, together in one write.

import ArchiveCore
import ArchiveTesting
import Testing

@Suite("Appending to the log")
struct AppendTests {
  @Test("C3 entries of a conversation are numbered 1, 2, 3 … and read back in order")
  func numbering() async throws {
    let fixture = try await LogFixture()
    for number in 1...5 { #expect(try await fixture.send("text \(number)").seq == Int64(number)) }
    #expect(try await fixture.texts() == (1...5).map { "text \($0)" })
    #expect(try await fixture.log.head(of: fixture.conversation()) == LogHead(seq: 5, ordinal: 5))
  }

  @Test("A2 sends that arrive together are numbered without gaps or doubles and share writes")
  func concurrentSends() async throws {
    let fixture = try await LogFixture()
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in 0..<400 {
        group.addTask {
          try await fixture.send("\(number)", to: fixture.conversation(UInt64(number % 4)))
        }
      }
      try await group.waitForAll()
    }
    var texts: Set<String> = []
    for number in 0..<4 {
      let messages = try await fixture.allMessages(fixture.conversation(UInt64(number)))
      #expect(messages.map(\.entry.seq) == Array(1...100))
      texts.formUnion(messages.compactMap(\.text))
    }
    #expect(texts.count == 400)
    #expect(fixture.documents.callCount(.insert) < 400)
  }

  @Test("C6 D08 a retried send returns the entry of the first, and the first text wins")
  func retriedSend() async throws {
    let fixture = try await LogFixture()
    let first = try await fixture.send("one", clientID: "a")
    let again = try await fixture.log.append(
      EntryDraft(
        .message, in: fixture.conversation(), by: fixture.sender, text: "two", clientID: "a"))
    #expect(again.isRepeat)
    #expect(again.entry == first)
    #expect(try await fixture.texts() == ["one"])
  }

  @Test("C6 of many equal sends at once exactly one is stored and the others keep their places")
  func concurrentRetries() async throws {
    let fixture = try await LogFixture()
    let seqs = try await withThrowingTaskGroup(of: (String, Int64).self) { group in
      for number in 0..<90 {
        let id = "id \(number / 3)"
        group.addTask { (id, try await fixture.send(id, clientID: id).seq) }
      }
      return try await group.reduce(into: [String: Set<Int64>]()) {
        $0[$1.0, default: []].insert($1.1)
      }
    }
    #expect(seqs.values.allSatisfy { $0.count == 1 })
    #expect(try await fixture.allMessages().map(\.entry.seq) == Array(1...30))
  }

  @Test("C6 a retry after the conversation was archived still returns the first entry")
  func retryAfterFlush() async throws {
    let fixture = try await LogFixture()
    let first = try await fixture.send("one", clientID: "a")
    try await fixture.log.flush(nil)
    let again = try await fixture.reopened().send("one", clientID: "a")
    #expect(again == first)
    #expect(try await fixture.texts() == ["one"])
  }

  @Test("C6 a send whose reply was lost is stored once when it is retried")
  func lostReply() async throws {
    let fixture = try await LogFixture()
    fixture.documents.plan(.insert, [.failAfter])
    await #expect(throws: StoreError.self) { try await fixture.send("one", clientID: "a") }
    #expect(try await fixture.send("one", clientID: "a").seq == 1)
    #expect(try await fixture.send("two").seq == 2)
    #expect(try await fixture.texts() == ["one", "two"])
  }

  @Test("A2 a send that the store did not take is refused and leaves no gap")
  func refusedSend() async throws {
    let fixture = try await LogFixture()
    try await fixture.send("one")
    fixture.documents.plan(.insert, [.failBefore])
    await #expect(throws: StoreError.self) { try await fixture.send("lost") }
    #expect(try await fixture.send("two").seq == 2)
  }

  @Test("A2 two processes that append to one conversation neither collide nor leave gaps")
  func twoProcesses() async throws {
    let fixture = try await LogFixture()
    let other = fixture.reopened()
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in 0..<60 {
        let log = number % 2 == 0 ? fixture : other
        group.addTask { try await log.send("\(number)", clientID: "\(number)") }
      }
      try await group.waitForAll()
    }
    let messages = try await fixture.allMessages()
    #expect(messages.map(\.entry.seq) == Array(1...60))
    #expect(Set(messages.compactMap(\.text)).count == 60)
  }

  @Test("a full queue refuses and keeps what it has")
  func fullQueue() async throws {
    var settings = LogSettings()
    settings.appendQueueLimit = 5
    let fixture = try await LogFixture(settings)
    let outcomes = await withTaskGroup(of: Bool.self) { group in
      for number in 0..<200 {
        group.addTask { (try? await fixture.send("\(number)")) != nil }
      }
      return await group.reduce(into: [Bool]()) { $0.append($1) }
    }
    let accepted = outcomes.filter(\.self).count
    #expect(try await fixture.allMessages().map(\.entry.seq) == Array(1...Int64(accepted)))
  }

  @Test("a text above the limit is invalid, and the next send is not hurt")
  func tooLarge() async throws {
    var settings = LogSettings()
    settings.entryLimitBytes = 100
    let fixture = try await LogFixture(settings)
    let error = await #expect(throws: StoreError.self) {
      try await fixture.send(String(repeating: "x", count: 101))
    }
    #expect(error?.kind == .invalid)
    #expect(try await fixture.send("small").seq == 1)
  }

  @Test("a buffer that is full refuses until a flush made room")
  func fullBuffer() async throws {
    var settings = LogSettings()
    settings.bufferLimitBytes = 2000
    let fixture = try await LogFixture(settings)
    var refused = false
    for _ in 0..<20 where !refused {
      do { try await fixture.send(String(repeating: "x", count: 200)) } catch { refused = true }
    }
    #expect(refused)
    try await fixture.log.flush(nil)
    try await fixture.send("again")
  }

  @Test("S16 what a flush has in hand counts as buffered until it is archived")
  func fullBufferDuringFlush() async throws {
    var settings = LogSettings()
    settings.bufferLimitBytes = 2000
    let fixture = try await LogFixture(settings)
    func sendUntilRefused() async -> Int {
      for count in 0..<20 {
        do { try await fixture.send(String(repeating: "x", count: 200)) } catch { return count }
      }
      return 20
    }
    #expect(await sendUntilRefused() < 20)
    let full = fixture.log.measurements.bufferedBytes
    fixture.objects.failNext(.put, .hold)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await fixture.log.flush(nil) }
      await fixture.objects.waitUntilHeld()
      #expect(fixture.log.measurements.bufferedBytes == full)
      #expect(await sendUntilRefused() == 0)
      fixture.objects.release()
      try await group.waitForAll()
    }
    #expect(fixture.log.measurements.bufferedBytes == 0)
    #expect(await sendUntilRefused() > 0)
  }

  @Test("C3 edits and deletions show in their message; a deletion outweighs an edit")
  func amendments() async throws {
    let fixture = try await LogFixture()
    let conversation = fixture.conversation()
    for text in ["one", "two", "three"] { try await fixture.send(text) }
    func amend(_ kind: EntryKind, _ target: Int64, _ text: String? = nil) async throws {
      _ = try await fixture.log.append(
        EntryDraft(kind, in: conversation, by: fixture.sender, text: text, target: target))
    }
    try await amend(.edit, 1, "uno")
    try await amend(.deletion, 2)
    try await amend(.edit, 2, "too late")
    #expect(try await fixture.texts() == ["uno", nil, "three"])
    try await fixture.log.flush(nil)
    #expect(try await fixture.texts() == ["uno", nil, "three"])
    try await amend(.edit, 1, "eins")
    #expect(try await fixture.texts() == ["eins", nil, "three"])
    try await fixture.log.flush(nil)
    #expect(try await fixture.texts() == ["eins", nil, "three"])
    let first = try #require(try await fixture.log.message(1, in: conversation))
    #expect(first.entry.text == "one" && first.editedAt != nil && first.deletedAt == nil)
    #expect(try await fixture.log.message(4, in: conversation) == nil)
    #expect(try await fixture.log.head(of: conversation) == LogHead(seq: 7, ordinal: 3))
    #expect(try await fixture.verify().problems == [])
  }
}
