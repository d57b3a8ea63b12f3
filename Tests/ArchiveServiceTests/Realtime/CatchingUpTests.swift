// What was missed and what is heard next: no gap and no double between them.

import ArchiveCore
import ArchiveTesting
import RealtimeProtocol
import Testing

@testable import ArchiveService

@Suite(.timeLimit(.minutes(1))) struct CatchingUpTests {
  @Test("D2 whoever comes back gets what was missed, and then hears what follows")
  func comesBack() async throws {
    let town = try await LiveTown()
    try await town.run {
      try await town.group(of: [1, 2])
      for number in 1...5 { try await town.say("\(number)") }
      let socket = try await town.connect(2)
      try await town.join(socket, of: 2, after: 2)
      try await town.say("6")
      await town.handedOut(6)
      #expect(town.sender.shown(socket) == [3, 4, 5, 6])
      let answer = try #require(town.sender.answer(socket, 1))
      #expect(answer["ok"]?.bool == true && answer["hasMore"]?.bool == false)
      #expect(answer["lastSeq"]?.integer == 5)
      #expect(answer["messages"]?.array?.first?["text"]?.string == "3")
    }
  }

  @Test("D2 what was missed comes from the archive as from the buffer")
  func archived() async throws {
    let town = try await LiveTown()
    try await town.run {
      let id = try await town.group(of: [1])
      for number in 1...5 { try await town.say("\(number)") }
      try await town.log.flush(id)
      for number in 6...8 { try await town.say("\(number)") }
      let socket = try await town.connect(1)
      try await town.join(socket, of: 1, after: 3)
      #expect(town.sender.shown(socket) == [4, 5, 6, 7, 8])
    }
  }

  @Test("D2 edits and deletions of what one has are in the answer, apart from what is new")
  func amended() async throws {
    let town = try await LiveTown()
    try await town.run {
      try await town.group(of: [1])
      for number in 1...4 { try await town.say("\(number)") }
      try await town.edit(1, to: "one")
      try await town.edit(1, to: "uno")
      try await town.edit(4, to: "four")
      _ = try await town.log.append(
        EntryDraft(.deletion, in: town.conversation(), by: town.user(1), target: 2))
      let socket = try await town.connect(1)
      try await town.join(socket, of: 1, after: 3)
      let answer = try #require(town.sender.answer(socket, 1))
      #expect(answer["lastSeq"]?.integer == 8)
      #expect(answer["messages"]?.array?.map { $0["text"]?.string } == ["four"])
      let amended = answer["amended"]?.array ?? []
      #expect(amended.map { $0["seq"]?.integer } == [1, 2])
      #expect(amended.map { $0["text"]?.string } == ["uno", nil])
      #expect(amended.last?["deletedAt"]?.string != nil)
    }
  }

  @Test("D2 who has more than there is hears what comes, though its seq is below")
  func ahead() async throws {
    let town = try await LiveTown()
    try await town.run {
      try await town.group(of: [1])
      try await town.say("1")
      let socket = try await town.connect(1)
      try await town.join(socket, of: 1, after: .max)
      #expect(town.sender.answer(socket, 1)?["lastSeq"]?.integer == 1)
      try await town.say("2")
      await town.handedOut(2)
      #expect(town.sender.shown(socket) == [2])
    }
  }

  @Test("without `after` nothing is read: the answer says how far the conversation is")
  func nothingAsked() async throws {
    let town = try await LiveTown()
    try await town.run {
      try await town.group(of: [1])
      for number in 1...3 { try await town.say("\(number)") }
      let socket = try await town.connect(1)
      try await town.join(socket, of: 1)
      let answer = try #require(town.sender.answer(socket, 1))
      #expect(answer["lastSeq"]?.integer == 3 && answer["messages"]?.array?.isEmpty == true)
    }
  }

  @Test(
    "D2 entries that come before, during and after the reading, known and heard in every order",
    arguments: 0..<81)
  func everyOrder(number: Int) async throws {
    // Four entries; each becomes durable, and is heard of, before the opening, after it, or behind the reading.
    let town = try await LiveTown()
    let id = try await town.group(of: [1])
    let socket = try await town.connect(1)
    var choices: [Int] = []
    var rest = number
    for _ in 0..<4 {
      choices.append(rest % 3)
      rest /= 3
    }
    // Rising: an entry is not heard of before the one in front of it.
    let heardAt = choices.indices.map { choices[...$0].max() ?? 0 }
    // The feed does not run: the test hands entries out by itself.
    await town.gateway.publish(try await town.say("first"))
    await town.gateway.work(on: id)
    var entries: [Entry] = []
    for number in 2...5 { entries.append(try await town.say("\(number)")) }
    func hear(_ step: Int) async {
      for (entry, at) in zip(entries, heardAt) where at == step {
        await town.gateway.publish(entry)
      }
    }
    await hear(0)
    let before = town.sender.seqs(socket)
    try await town.gateway.open(socket, id, isReading: true)
    await hear(1)
    let missed = MissedReader(log: town.log, settings: town.settings.realtime)
    // The client says what it has: all it heard.
    let part = try await missed(id, after: before.last ?? 0, hidden: 0)
    await hear(2)
    let isAnswered = try await town.gateway.answer(
      socket, id, part,
      with: (
        1,
        JSONWriter.bytes(["messages": .array(part.messages.map { ["seq": .integer($0.entry.seq)] })]
        )
      ))
    #expect(isAnswered)
    await town.gateway.publish(entry(6))
    #expect(before + town.sender.shown(socket) == [1, 2, 3, 4, 5, 6])
  }

  private func entry(_ seq: Int64) -> Entry {
    let line = EntryLine(
      bytes: Array(
        #"{"conversationId":"\#(ConversationID(ULID(high: 7, low: 1)))","createdAt":"2026-01-01T00:00:00.000Z","kind":"message","ordinal":\#(seq),"seq":\#(seq),"text":"x"}"#
          .utf8))
    do { return try line.entry() } catch { preconditionFailure("the line is no entry") }
  }

  @Test(
    "D2 many who come and go while many talk: everybody ends with the same, complete, in order",
    arguments: [1, 4, 256])
  func crowd(heldLimit: Int) async throws {
    let town = try await LiveTown {
      $0.heldLimit = heldLimit
      $0.catchUpLimit = 23
    }
    var generator = SeededGenerator.fromEnvironment("crowd of \(heldLimit)")
    let pauses = (0..<40).map { _ in generator.int(0...60) }
    let starts = (0..<40).map { _ in Int64(generator.int(0...5)) }
    try await town.run {
      try await town.group(of: Array(1...8))
      for number in 1...5 { try await town.say("\(number)") }
      try await withThrowingTaskGroup(of: Void.self) { group in
        for writer in UInt64(1)...8 {
          group.addTask {
            for number in 0..<40 {
              try await town.say("\(writer) \(number)", as: writer)
              for _ in 0..<3 { await Task.yield() }
            }
          }
        }
        for (index, pause) in pauses.enumerated() {
          group.addTask {
            for _ in 0..<pause { await Task.yield() }
            let user = UInt64(index % 8 + 1)
            let socket = try await town.connect(user)
            var after = starts[index]
            for request in Int64(1)...100 {
              try await town.join(socket, of: user, after: after, request: request)
              let answer = try #require(town.sender.answer(socket, request))
              after = try #require(answer["lastSeq"]?.integer)
              if answer["hasMore"]?.bool == false { break }
            }
            await town.handedOut(325)
            let shown = town.sender.shown(socket)
            #expect(shown == Array((starts[index] + 1)...325))
          }
        }
        try await group.waitForAll()
      }
    }
  }

  @Test(
    "D2 a part that is not the whole: entries wait until the rest was asked for, or for a while")
  func parts() async throws {
    let town = try await LiveTown { $0.catchUpLimit = 3 }
    try await town.run {
      try await town.group(of: [1])
      for number in 1...5 { try await town.say("\(number)") }
      let (patient, idle) = (try await town.connect(1), try await town.connect(1))
      for socket in [patient, idle] { try await town.join(socket, of: 1, after: 0) }
      let answer = try #require(town.sender.answer(patient, 1))
      #expect(answer["hasMore"]?.bool == true && answer["lastSeq"]?.integer == 3)
      try await town.say("6")
      await town.handedOut(6)
      #expect(town.sender.shown(patient) == [1, 2, 3])
      try await town.join(patient, of: 1, after: 3, request: 2)
      try await town.say("7")
      await town.handedOut(7)
      #expect(town.sender.shown(patient) == Array(1...7))
      #expect(town.sender.shown(idle) == [1, 2, 3])
      await town.clock.advance(by: .seconds(31))
      try await town.say("8")
      await town.handedOut(8)
      #expect(town.sender.shown(idle) == [1, 2, 3, 8])
    }
  }

  @Test("A19 who is removed while the answer is made gets none, and hears nothing more")
  func removedMeanwhile() async throws {
    let town = try await LiveTown()
    try await town.run {
      let id = try await town.group(of: [1, 2])
      try await town.say("1")
      let socket = try await town.connect(2)
      try await town.gateway.open(socket, id, isReading: true)
      try await town.takeOut(2)
      try await town.say("3")
      await town.handedOut(3)
      let part = MissedEntries(lastSeq: 3)
      await #expect(throws: ServiceError.self) { () async throws in
        _ = try await town.gateway.answer(socket, id, part, with: (1, [1]))
      }
      #expect(town.sender.answer(socket, 1) == nil)
      #expect(!town.sender.seqs(socket).contains(3))
      await #expect(throws: ServiceError.self) { () async throws in
        try await town.join(socket, of: 2, after: 0)
      }
    }
  }

  @Test("C2 what was said before somebody joined without history is not in the answer")
  func hidden() async throws {
    let town = try await LiveTown()
    try await town.run {
      try await town.group(of: [1])
      for number in 1...3 { try await town.say("\(number)") }
      try await town.putIn(2, history: false)
      try await town.edit(2, to: "secret")
      try await town.say("open")
      let socket = try await town.connect(2)
      try await town.join(socket, of: 2, after: 0)
      let answer = try #require(town.sender.answer(socket, 1))
      #expect(town.sender.shown(socket) == [4, 6])
      #expect(answer["amended"]?.array?.isEmpty == true)
    }
  }

  @Test("an answer that fails leaves the socket hearing what came meanwhile")
  func failed() async throws {
    let town = try await LiveTown()
    try await town.run {
      let id = try await town.group(of: [1])
      try await town.say("1")
      let socket = try await town.connect(1)
      try await town.gateway.open(socket, id, isReading: true)
      try await town.say("2")
      await town.handedOut(2)
      await town.gateway.stopReading(socket, id)
      try await town.say("3")
      await town.handedOut(3)
      #expect(town.sender.seqs(socket).suffix(2) == [2, 3])
    }
  }

  @Test("a socket has only so many conversations open")
  func openLimit() async throws {
    let town = try await LiveTown { $0.openLimit = 2 }
    try await town.run {
      for number in UInt64(1)...3 { try await town.group(number, of: [1]) }
      let socket = try await town.connect(1)
      try await town.join(socket, of: 1, town.conversation(1))
      try await town.join(socket, of: 1, town.conversation(2))
      try await town.join(socket, of: 1, town.conversation(2))
      await #expect(throws: ServiceError.self) { () async throws in
        try await town.join(socket, of: 1, town.conversation(3))
      }
      await town.gateway.close(town.conversation(1), on: socket)
      try await town.join(socket, of: 1, town.conversation(3))
    }
  }
}
