// Live entries: in order, each once, from every node.

import ArchiveCore
import ArchiveTesting
import Testing

@Suite("Live entries")
struct LiveEntriesTests {
  @Test(
    "D3 A3 whoever reads and then listens gets every entry once and in order, through breaks of any kind",
    arguments: 0..<12)
  func randomInterleavings(round: Int) async throws {
    var random = SeededGenerator.fromEnvironment("randomInterleavings \(round)")
    let a = try await LogFixture(isShared: true)
    let b = a.node()
    let nodes = [a, b]
    let readers = nodes.flatMap { node in
      (1...2).map { Reader(node, node.conversation($0), queueLimit: random.pick([1, 4, 1024])) }
    }
    var sent: [ConversationID: Int] = [:]
    try await LogFixture.whileRunning(nodes) { () async throws in
      try await withThrowingTaskGroup(of: Void.self) { group in
        for reader in readers { group.addTask { await reader.run() } }
        for step in 0..<120 {
          try await disturb(random.pick(nodes), &random)
          let conversation = a.conversation(UInt64(random.int(1...2)))
          let texts = (0..<random.int(1...4)).map { "\(step).\($0)" }
          sent[conversation, default: 0] += texts.count
          let senders = texts.map { _ in random.pick(nodes) }
          try await withThrowingTaskGroup(of: Void.self) { sends in
            for (text, node) in zip(texts, senders) {
              sends.addTask { try await node.send(text, to: conversation) }
            }
            try await sends.waitForAll()
          }
        }
        for node in nodes { node.documents.letChangesGo() }
        // Whoever is deaf comes back, and hears that there is more.
        for _ in 0..<5 { await a.clock.advance(by: .seconds(11)) }
        for number in 1...2 {
          let conversation = a.conversation(UInt64(number))
          sent[conversation, default: 0] += 1
          try await a.send("last", to: conversation)
        }
        for _ in 0..<5 { await a.clock.advance(by: .seconds(11)) }
        for reader in readers {
          let count = sent[reader.conversation] ?? 0
          await eventually { reader.seqs.count >= count }
          #expect(reader.seqs == Array(1...Int64(count)))
          #expect(reader.texts == (try await a.texts(reader.conversation)))
        }
        group.cancelAll()
      }
      for node in nodes { node.documents.letChangesGo() }
    }
    #expect(try await a.verify().problems == [])
  }

  private func disturb(_ node: LogFixture, _ random: inout SeededGenerator) async throws {
    switch random.int(0...24) {
    case 0, 1: node.documents.breakChanges()
    case 2:
      node.documents.plan(.changes, Array(repeating: .failBefore, count: random.int(1...3)))
      node.documents.breakChanges()
    case 3:
      node.memory.forgetChanges()
      node.documents.breakChanges()
    case 4: node.documents.breakChanges(.refused)
    case 5: node.documents.holdChanges()
    case 6, 7, 8: node.documents.letChangesGo()
    case 9, 10: await node.clock.advance(by: .seconds(random.int(1...30)))
    default: break
    }
  }

  @Test(
    "D3 entries of two nodes come in the order of their seqs, however late the others' are heard of"
  )
  func order() async throws {
    let a = try await LogFixture(isShared: true)
    let b = a.node()
    try await LogFixture.whileRunning([a, b]) { () async throws in
      var live = a.log.liveEntries(in: a.conversation()).makeAsyncIterator()
      try await a.send("1")
      #expect(try await live.next()?.seq == 1)
      a.documents.holdChanges()
      try await a.send("2")
      // An own entry that follows what was published need not wait for the changes.
      #expect(try await live.next()?.seq == 2)
      try await b.send("3")
      try await a.send("4")
      try await a.send("5")
      a.documents.letChangesGo()
      for seq in 3...5 as ClosedRange<Int64> { #expect(try await live.next()?.seq == seq) }
      try await a.send("6")
      #expect(try await live.next()?.seq == 6)
    }
  }

  @Test(
    "D3 a subscriber that is too slow gets what was queued, is told so, and catches up without a gap"
  )
  func tooSlow() async throws {
    let a = try await LogFixture()
    var live = a.log.liveEntries(in: a.conversation(), queueLimit: 3).makeAsyncIterator()
    for number in 1...10 { try await a.send("\(number)") }
    for seq in 1...3 as ClosedRange<Int64> { #expect(try await live.next()?.seq == seq) }
    let end = await #expect(throws: LiveEnd.self) { () async throws in try await live.next() }
    #expect(end == .tooSlow)
    var again = a.log.liveEntries(in: a.conversation(), queueLimit: 3).makeAsyncIterator()
    let missed = try await a.log.entries(in: a.conversation(), after: 3, limit: 100)
    #expect(missed.map(\.seq) == Array(4...10))
    try await a.send("11")
    #expect(try await again.next()?.seq == 11)
  }

  @Test("D3 a slow subscriber of one conversation costs others nothing")
  func othersGoOn() async throws {
    let a = try await LogFixture()
    let slow = a.log.liveEntries(queueLimit: 1)
    var one = a.log.liveEntries(in: a.conversation(1)).makeAsyncIterator()
    var all = a.log.liveEntries().makeAsyncIterator()
    for number in 1...6 { try await a.send("\(number)", to: a.conversation(UInt64(number % 2))) }
    for seq in 1...3 as ClosedRange<Int64> { #expect(try await one.next()?.seq == seq) }
    for number in 1...6 { #expect(try await all.next()?.text == "\(number)") }
    var iterator = slow.makeAsyncIterator()
    #expect(try await iterator.next()?.seq == 1)
    await #expect(throws: LiveEnd.tooSlow) { () async throws in try await iterator.next() }
  }

  @Test("D3 changes that were lost end a subscription, because it may lack entries")
  func lost() async throws {
    let a = try await LogFixture(isShared: true)
    let b = a.node()
    try await LogFixture.whileRunning([a, b]) { () async throws in
      try await a.send("1")
      try await eventually { try await b.log.head(of: b.conversation()).seq == 1 }
      var live = b.log.liveEntries(in: b.conversation()).makeAsyncIterator()
      b.documents.breakChanges()
      try await a.send("2")
      await eventually { !b.log.measurements.isFollowing }
      b.memory.forgetChanges()
      await b.clock.advance(by: .seconds(12))
      let end = await #expect(throws: LiveEnd.self) { () async throws in try await live.next() }
      #expect(end == .interrupted)
    }
  }

  @Test("D3 a break that is resumed from loses nothing and ends no subscription")
  func resumed() async throws {
    let a = try await LogFixture(isShared: true)
    let b = a.node()
    try await LogFixture.whileRunning([a, b]) { () async throws in
      var live = b.log.liveEntries(in: b.conversation()).makeAsyncIterator()
      try await a.send("1")
      #expect(try await live.next()?.seq == 1)
      b.documents.breakChanges()
      for number in 2...5 { try await a.send("\(number)") }
      await eventually { !b.log.measurements.isFollowing }
      await b.clock.advance(by: .seconds(2))
      for seq in 2...5 as ClosedRange<Int64> { #expect(try await live.next()?.seq == seq) }
    }
  }

  @Test(
    "A2 an entry whose write failed is not live, and one whose reply was lost is not skipped unseen"
  )
  func onlyDurable() async throws {
    let a = try await LogFixture()
    var live = a.log.liveEntries(in: a.conversation()).makeAsyncIterator()
    try await a.send("1")
    a.documents.plan(.insert, [.failBefore])
    await #expect(throws: StoreError.self) { try await a.send("not stored") }
    try await a.send("2")
    #expect(try await live.next()?.text == "1")
    #expect(try await live.next()?.text == "2")
    a.documents.plan(.insert, [.failAfter])
    await #expect(throws: StoreError.self) { try await a.send("3") }
    try await a.send("4")
    let end = await #expect(throws: LiveEnd.self) { () async throws in try await live.next() }
    #expect(end == .interrupted)
  }

  @Test("the log's end ends live entries in order")
  func logEnds() async throws {
    let a = try await LogFixture(isShared: true)
    var live: LiveEntries.Iterator?
    try await LogFixture.whileRunning([a]) { () async throws in
      live = a.log.liveEntries().makeAsyncIterator()
      try await a.send("1")
      #expect(try await live?.next()?.seq == 1)
    }
    #expect(try await live?.next() == nil)
    var late = a.log.liveEntries().makeAsyncIterator()
    #expect(try await late.next() == nil)
  }
}
