// Who hears what of conversations.

import ArchiveCore
import ArchiveTesting
import RealtimeProtocol
import Testing

@testable import ArchiveService

@Suite(.timeLimit(.minutes(1))) struct HearingTests {
  @Test(
    "A1 C4 every socket of every member hears every message, in order, each once, and nobody else")
  func everybody() async throws {
    let town = try await LiveTown()
    try await town.run {
      try await town.group(of: [1, 2])
      let tabs = [try await town.connect(1), try await town.connect(1), try await town.connect(2)]
      let stranger = try await town.connect(3)
      for number in 1...5 { try await town.say("\(number)", as: number % 2 == 0 ? 1 : 2) }
      await town.handedOut(5)
      // Connected when the room is known already.
      let late = try await town.connect(2)
      try await town.say("6")
      await town.handedOut(6)
      for tab in tabs { #expect(town.sender.seqs(tab) == [1, 2, 3, 4, 5, 6]) }
      #expect(town.sender.seqs(late) == [6])
      #expect(town.sender.heard(stranger).isEmpty)
      let first = try #require(town.sender.events(tabs[0], .newMessage).first)
      #expect(first["text"]?.string == "1")
      #expect(first["senderId"]?.string == town.user(2).description)
    }
  }

  @Test("A1 the socket that sends is not told what it said; the sender's other devices are")
  func echo() async throws {
    let town = try await LiveTown()
    try await town.run {
      let id = try await town.group(of: [1, 2])
      let (phone, laptop, other) = (
        try await town.connect(1), try await town.connect(1), try await town.connect(2)
      )
      for (number, clientID) in [(1, "a-1"), (2, nil)] {
        let ticket = await town.gateway.begin(
          phone, town.caller(1), id,
          PostMessage.Input(text: "\(number)", files: nil, replyTo: nil, clientId: clientID))
        let entry = try await town.say("\(number)", clientID: clientID)
        await town.gateway.end(ticket, phone, id, seq: entry.seq, isRepeat: false)
        await town.handedOut(Int64(number))
      }
      #expect(town.sender.seqs(phone) == [])
      #expect(town.sender.seqs(laptop) == [1, 2])
      #expect(town.sender.seqs(other) == [1, 2])
      // Over HTTP nobody is spared.
      try await town.say("3")
      await town.handedOut(3)
      #expect(town.sender.seqs(phone) == [3])
    }
  }

  @Test("A1 two tabs that say the same at once: each ends with both, in its answer or as an event")
  func twins() async throws {
    let town = try await LiveTown()
    try await town.run {
      let id = try await town.group(of: [1])
      let tabs = [try await town.connect(1), try await town.connect(1)]
      var tickets: [SendsInFlight.Ticket] = []
      for tab in tabs {
        tickets.append(
          await town.gateway.begin(
            tab, town.caller(1), id,
            PostMessage.Input(text: "x", files: nil, replyTo: nil, clientId: nil)))
      }
      // The second is written first, so each was taken for the other.
      try await town.say("x")
      try await town.say("x")
      await town.handedOut(2)
      await town.gateway.end(tickets[1], tabs[1], id, seq: 1, isRepeat: false)
      await town.gateway.end(tickets[0], tabs[0], id, seq: 2, isRepeat: false)
      #expect(Set(town.sender.seqs(tabs[0]) + [2]) == [1, 2])
      #expect(Set(town.sender.seqs(tabs[1]) + [1]) == [1, 2])
    }
  }

  @Test(
    "C6 a send whose answer is an error is told to its own socket where it happened all the same")
  func lostReply() async throws {
    let town = try await LiveTown()
    try await town.run {
      let id = try await town.group(of: [1])
      let socket = try await town.connect(1)
      let ticket = await town.gateway.begin(
        socket, town.caller(1), id,
        PostMessage.Input(text: "x", files: nil, replyTo: nil, clientId: nil))
      try await town.say("x")
      await town.handedOut(1)
      #expect(town.sender.seqs(socket) == [])
      await town.gateway.end(ticket, socket, id, seq: nil, isRepeat: false)
      #expect(town.sender.seqs(socket) == [1])
    }
  }

  @Test(
    "A19 who is removed hears the entry that says so and nothing behind it",
    arguments: [true, false])
  func removed(isKnown: Bool) async throws {
    let town = try await LiveTown()
    try await town.run {
      try await town.group(of: [1, 2])
      let (one, two) = (try await town.connect(1), try await town.connect(2))
      var expected: [Int64] = []
      if isKnown {
        try await town.say("before")
        await town.handedOut(1)
        expected = [1]
      }
      let entry = try await town.takeOut(2)
      try await town.say("behind")
      try await town.edit(entry.seq + 1, to: "behind it")
      await town.handedOut(entry.seq + 2)
      #expect(town.sender.seqs(two) == expected + [entry.seq])
      #expect(town.sender.seqs(one) == expected + [entry.seq, entry.seq + 1])
      #expect(town.sender.count(one, .messageEdited) == 1)
      #expect(town.sender.count(two, .messageEdited) == 0)
      // Another device of the removed one.
      let late = try await town.connect(2)
      try await town.say("still")
      await town.handedOut(entry.seq + 3)
      #expect(town.sender.heard(late).isEmpty)
    }
  }

  @Test("C2 who is added hears of it on all devices, and everything behind it")
  func added() async throws {
    let town = try await LiveTown()
    try await town.run {
      try await town.group(of: [1])
      let sockets = [try await town.connect(2), try await town.connect(2)]
      _ = try await town.connect(1)
      try await town.say("before")
      await town.handedOut(1)
      try await town.putIn(2)
      try await town.say("behind")
      await town.handedOut(3)
      for socket in sockets { #expect(town.sender.seqs(socket) == [2, 3]) }
    }
  }

  @Test("C2 an edit of what was said before somebody joined without history is not told to them")
  func hidden() async throws {
    let town = try await LiveTown()
    try await town.run {
      try await town.group(of: [1])
      let (one, two) = (try await town.connect(1), try await town.connect(2))
      try await town.say("secret")
      try await town.putIn(2, history: false)
      try await town.say("open")
      try await town.edit(1, to: "still secret")
      try await town.edit(3, to: "still open")
      await town.handedOut(5)
      #expect(town.sender.seqs(one, [.messageEdited]) == [1, 3])
      #expect(town.sender.seqs(two, [.messageEdited]) == [3])
      #expect(town.sender.seqs(two) == [2, 3])
    }
  }

  @Test("C3 edits and deletions show the message as it is, and keep their place among what follows")
  func amendments() async throws {
    let town = try await LiveTown()
    try await town.run {
      try await town.group(of: [1])
      let socket = try await town.connect(1)
      try await town.say("one")
      try await town.edit(1, to: "two")
      try await town.say("three")
      _ = try await town.log.append(
        EntryDraft(.deletion, in: town.conversation(), by: town.user(1), target: 1))
      await town.handedOut(4)
      let names = town.sender.heard(socket).compactMap { heard in
        if case .event(let event) = heard { event.name } else { nil }
      }
      #expect(names == [.newMessage, .messageEdited, .newMessage, .messageDeleted])
      let deleted = try #require(town.sender.events(socket, .messageDeleted).first)
      #expect(deleted["text"] == nil && deleted["deletedAt"]?.string != nil)
      #expect(deleted["seq"]?.integer == 1)
    }
  }

  @Test(
    "C1 a support conversation that is handed over is heard by its new agent, and by its old one no more"
  )
  func support() async throws {
    let town = try await LiveTown()
    try await town.run {
      let id = try await town.group(of: [1, 2])
      let sockets = [
        try await town.connect(1), try await town.connect(2, role: .agent),
        try await town.connect(3, role: .agent),
      ]
      try await town.say("help")
      await town.handedOut(1)
      let place = Member(
        town.user(3), of: id, .support, role: .admin, at: town.clock.now)
      let document = try place.document()
      _ = try await town.log.append(
        EntryDraft(
          .supportTaken, in: id, by: town.user(3), data: ["agentId": town.user(3).stored]),
        together: { _ in
          [
            .delete(Member.schema.name, where: .id(Member.id(id, town.user(2)))),
            .insert(document, into: Member.schema.name),
          ]
        })
      try await town.say("thanks")
      await town.handedOut(3)
      #expect(town.sender.seqs(sockets[0]) == [1, 2, 3])
      #expect(town.sender.seqs(sockets[1]) == [1, 2])
      #expect(town.sender.seqs(sockets[2]) == [2, 3])
    }
  }

  @Test("C2 a deleted group is heard to the last entry, and then of nobody")
  func deleted() async throws {
    let town = try await LiveTown()
    try await town.run {
      let id = try await town.group(of: [1, 2])
      let two = try await town.connect(2)
      try await town.say("one")
      await town.handedOut(1)
      _ = try await town.log.append(
        EntryDraft(.conversationDeleted, in: id, by: town.user(1)),
        together: { _ in [.delete(Member.schema.name, where: .equal("conversationId", id.stored))] }
      )
      await town.handedOut(2)
      #expect(town.sender.seqs(two) == [1, 2])
      #expect(await town.gateway.roomsOfUser.isEmpty)
    }
  }

  @Test(
    "entries wait for a store that does not say who belongs to a conversation, and keep their order"
  )
  func slowStore() async throws {
    let town = try await LiveTown()
    try await town.run {
      try await town.group(of: [1])
      // Whoever appends knows the head from here on, and reads nothing.
      try await town.say("0")
      let socket = try await town.connect(1)
      town.documents.plan(.find, [.failBefore, .failBefore])
      for number in 1...3 { try await town.say("\(number)") }
      await eventually { await town.gateway.isWorking(town.conversation()) }
      for _ in 0..<6 where await town.gateway.lastSeq(town.conversation()) < 4 {
        await town.clock.advance(by: .seconds(2))
      }
      await town.handedOut(4)
      #expect(town.sender.seqs(socket).suffix(3) == [2, 3, 4])
    }
  }

  @Test(
    "rooms are forgotten when too many places are remembered, and read again with their next entry")
  func forgetting() async throws {
    let town = try await LiveTown { $0.memberMemory = 10 }
    try await town.run {
      let socket = try await town.connect(1)
      for number in UInt64(1)...20 { try await town.group(number, of: [1, 2]) }
      for round in 1...2 {
        for number in UInt64(1)...20 {
          let id = town.conversation(number)
          try await town.say("\(round)", in: id)
          await town.handedOut(Int64(round), in: id)
        }
      }
      #expect(await town.gateway.memberCount <= 10)
      #expect(await town.gateway.roomCount <= 5)
      #expect(town.sender.count(socket, .newMessage) == 40)
      await town.disconnect(socket)
      #expect(await town.gateway.roomCount == 0)
      #expect(await town.gateway.memberCount == 0)
      #expect(await town.gateway.roomsOfUser.isEmpty)
    }
  }

  @Test("a node that may have missed entries sends everybody back to the log")
  func interrupted() async throws {
    let town = try await LiveTown { $0.feedLimit = 4 }
    let socket = try await town.connect(1)
    try await town.group(of: [1])
    // Nobody takes the entries yet: the queue overflows.
    for number in 1...10 { try await town.say("\(number)") }
    try await town.run {
      await eventually { town.sender.fate(socket) == .interrupted }
      #expect(await town.gateway.measurements.interruptions == 1)
      let again = try await town.connect(1)
      try await town.join(again, of: 1, after: 0)
      try await town.say("11")
      await town.handedOut(11)
      #expect(town.sender.shown(again) == Array(1...11))
    }
  }
}
