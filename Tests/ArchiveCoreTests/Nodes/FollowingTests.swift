// Two nodes on one store: each sees what the other wrote.

import ArchiveCore
import ArchiveTesting
import Testing

@Suite("Several nodes on one store")
struct FollowingTests {
  private func nodes(_ settings: LogSettings = LogSettings()) async throws -> (
    LogFixture, LogFixture
  ) {
    let first = try await LogFixture(settings, isShared: true)
    return (first, first.node())
  }

  @Test(
    "D3 a node knows the newest place of a conversation that another appended to, without asking")
  func heads() async throws {
    let (a, b) = try await nodes()
    try await LogFixture.whileRunning([a, b]) { () async throws in
      #expect(try await b.log.head(of: b.conversation()).seq == 0)
      for number in 1...3 { try await a.send("\(number)") }
      let asked = b.documents.callCount(.find)
      try await eventually { try await b.log.head(of: b.conversation()).seq == 3 }
      #expect(try await b.log.head(of: b.conversation()) == LogHead(seq: 3, ordinal: 3))
      #expect(b.documents.callCount(.find) == asked)
    }
  }

  @Test("D3 a node that hears late appends rightly, and does not deny what somebody has seen")
  func lag() async throws {
    let (a, b) = try await nodes()
    try await LogFixture.whileRunning([a, b]) { () async throws in
      try await b.send("one")
      b.documents.holdChanges()
      try await a.send("two")
      #expect(try await b.log.head(of: b.conversation()).seq == 1)
      #expect(try await b.log.head(of: b.conversation(), reaching: 2).seq == 2)
      try await a.send("three")
      #expect(try await b.send("four").seq == 4)
      #expect(try await b.texts() == ["one", "two", "three", "four"])
      b.documents.letChangesGo()
    }
  }

  @Test(
    "D3 a node that hears late loses no draft of a batch, however many conversations it is behind in"
  )
  func manyLateConversations() async throws {
    let (a, b) = try await nodes()
    let numbers: [UInt64] = Array(1...90)
    func sendToAll(_ text: String, from node: LogFixture) async throws {
      try await withThrowingTaskGroup(of: Void.self) { group in
        for number in numbers {
          group.addTask { _ = try await node.send(text, to: node.conversation(number)) }
        }
        try await group.waitForAll()
      }
    }
    try await LogFixture.whileRunning([a, b]) { () async throws in
      try await sendToAll("one", from: b)
      b.documents.holdChanges()
      try await sendToAll("two", from: a)
      try await sendToAll("three", from: b)
      for number in numbers {
        #expect(try await b.texts(b.conversation(number)) == ["one", "two", "three"])
      }
      b.documents.letChangesGo()
    }
  }

  @Test("D3 a node that cannot hear asks the store, and believes its memory again when it hears")
  func deaf() async throws {
    let (a, b) = try await nodes()
    try await LogFixture.whileRunning([a, b]) { () async throws in
      try await a.send("one")
      try await eventually { try await b.log.head(of: b.conversation()).seq == 1 }
      b.documents.plan(.changes, Array(repeating: .failBefore, count: 3))
      b.documents.breakChanges()
      try await a.send("two")
      await eventually { !b.log.measurements.isFollowing }
      try await a.send("three")
      #expect(try await b.log.head(of: b.conversation()).seq == 3)
      for _ in 0..<8 { await b.clock.advance(by: .seconds(5)) }
      await eventually { b.log.measurements.isFollowing }
      let asked = b.documents.callCount(.find)
      try await a.send("four")
      try await eventually { try await b.log.head(of: b.conversation()).seq == 4 }
      // The archivist of this node may look once; the head is not read for each question.
      #expect(b.documents.callCount(.find) - asked <= 2)
    }
  }

  @Test(
    "D3 A2 every node counts what any of them buffered, and stops counting what any of them flushed"
  )
  func accounting() async throws {
    let (a, b) = try await nodes()
    try await LogFixture.whileRunning([a, b]) { () async throws in
      for number in 1...20 {
        try await (number % 3 == 0 ? b : a).send(
          "\(number)", to: a.conversation(UInt64(number % 4)), clientID: "\(number)")
      }
      await eventually { a.log.measurements.bufferedBytes == b.log.measurements.bufferedBytes }
      #expect(a.log.measurements.bufferedBytes > 0)
      #expect(a.log.measurements.bufferedConversations == 4)
      await a.clock.advance(by: .seconds(26))
      for node in [a, b] {
        await eventually { node.log.measurements.bufferedConversations == 0 }
        #expect(node.log.measurements.bufferedBytes == 0)
      }
      await a.clock.advance(by: .seconds(60))
    }
    #expect(a.log.measurements.archivedEntries + b.log.measurements.archivedEntries == 20)
    #expect(try await a.keys().count == 1)
    #expect(a.objects.callCount(.put) == 1)
    #expect(try await a.verify().problems == [])
  }

  @Test("A2 a node that hears late does not give a seq again that was archived meanwhile")
  func lateAndArchived() async throws {
    let (a, b) = try await nodes()
    try await LogFixture.whileRunning([a, b]) { () async throws in
      try await b.send("one")
      // As good as stopped for a while: the other goes on, and archives all of it.
      b.documents.holdChanges()
      for number in 2...4 { try await a.send("\(number)") }
      try await a.log.flush(nil)
      #expect(try a.memory.count("entries", where: .exists("line")) == 0)
      #expect(try await b.send("five").seq == 5)
      #expect(try await b.texts() == ["one", "2", "3", "4", "five"])
      b.documents.letChangesGo()
    }
    #expect(try await b.verify().problems == [])
  }

  @Test("A2 a head that was not heard of for hours is read anew before something is appended to it")
  func oldHead() async throws {
    let (a, b) = try await nodes()
    try await LogFixture.whileRunning([b]) { () async throws in
      try await b.send("one")
      b.documents.holdChanges()
      try await a.send("two")
      try await a.log.flush(nil)
      // The memory of archived seqs is gone by now.
      _ = try a.memory.delete("entries", where: .missing("line"))
      for _ in 0..<7 { await b.clock.advance(by: .seconds(3600)) }
      #expect(try await b.send("three").seq == 3)
      b.documents.letChangesGo()
    }
    #expect(try await b.texts() == ["one", "two", "three"])
  }

  @Test("A2 what a node that died left in the buffer is archived by another that runs on")
  func death() async throws {
    let (a, b) = try await nodes()
    try await LogFixture.whileRunning([b]) { () async throws in
      try await LogFixture.whileRunning([a]) { () async throws in
        for number in 1...3 { try await a.send("text \(number)") }
      }
      await b.clock.advance(by: .seconds(26))
      #expect(try await b.keys().count == 1)
      #expect(b.log.measurements.archivedEntries == 3)
      #expect(try await b.send("after").seq == 4)
    }
    #expect(try await b.texts() == ["text 1", "text 2", "text 3", "after"])
  }

  @Test("A2 what a node left untrimmed is trimmed by another that runs on")
  func leftovers() async throws {
    let kill = KillSwitch(.flushCommitted, 1)
    let a = try await LogFixture(isShared: true, reached: { await kill.reached($0) })
    let b = a.node()
    try await LogFixture.whileRunning([b]) { () async throws in
      for number in 1...3 { try await a.send("text \(number)", clientID: "\(number)") }
      let doomed = Task { try await a.log.flush(nil) }
      await eventually { kill.isHit }
      #expect(try a.memory.count("entries", where: .exists("line")) == 3)
      for _ in 0..<140 { await b.clock.advance(by: .seconds(10)) }
      #expect(try a.memory.count("entries", where: .exists("line")) == 0)
      #expect(try a.memory.count("entries", where: .exists("clientKey")) == 3)
      kill.letGo()
      _ = try? await doomed.value
    }
    #expect(try await b.texts() == ["text 1", "text 2", "text 3"])
    #expect(try await b.verify().problems == [])
  }

  @Test("D3 changes that were lost are made up for by reading the buffer")
  func lostPosition() async throws {
    let (a, b) = try await nodes()
    try await LogFixture.whileRunning([a, b]) { () async throws in
      try await a.send("one")
      await eventually { b.log.measurements.bufferedConversations == 1 }
      b.documents.breakChanges()
      for number in 2...5 { try await a.send("\(number)", to: a.conversation(UInt64(number))) }
      await eventually { !b.log.measurements.isFollowing }
      b.memory.forgetChanges()
      try await a.log.flush(a.conversation(1))
      await b.clock.advance(by: .seconds(12))
      await eventually { b.log.measurements.isFollowing }
      await eventually { b.log.measurements.bufferedConversations == 4 }
      #expect(try await b.log.head(of: b.conversation(5)).seq == 1)
      #expect(a.log.measurements.bufferedBytes == b.log.measurements.bufferedBytes)
    }
  }

  @Test("D3 a damaged entry does not end the hearing of others")
  func damaged() async throws {
    let (a, b) = try await nodes()
    try await LogFixture.whileRunning([a, b]) { () async throws in
      _ = try a.memory.insert(
        [Document(["id": .string("\(a.conversation(9))/000000000001"), "line": .string("{}")])],
        into: "entries")
      try await a.send("one")
      try await eventually { try await b.log.head(of: b.conversation()).seq == 1 }
      #expect(b.log.measurements.isFollowing)
    }
  }
}
