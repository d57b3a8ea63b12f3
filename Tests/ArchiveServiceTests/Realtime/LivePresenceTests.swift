// Who is there, who types and who has read, on one node and on two.

import ArchiveCore
import ArchiveTesting
import RealtimeProtocol
import Testing

@testable import ArchiveService

@Suite(.timeLimit(.minutes(1))) struct LivePresenceTests {
  private func statuses(_ town: LiveTown, _ socket: SocketID, of user: UInt64) -> [String?] {
    town.sender.events(socket, .presence)
      .filter { $0["userId"]?.string == town.user(user).description }
      .map { $0["status"]?.string }
  }

  @Test("C4 whoever has a conversation open is told who comes, is away, and goes; others are not")
  func comesAndGoes() async throws {
    let town = try await LiveTown()
    try await town.run {
      try await town.group(of: [1, 2, 3])
      let (viewer, other) = (try await town.connect(1), try await town.connect(3))
      try await town.join(viewer, of: 1)
      let answer = try #require(town.sender.answer(viewer, 1))
      let people = answer["presence"]?.array ?? []
      #expect(people.map { $0["status"]?.string } == ["online", "offline", "online"])
      let socket = try await town.connect(2)
      await town.clock.advance(by: .seconds(1))
      #expect(statuses(town, viewer, of: 2) == ["online"])
      await town.gateway.setAway(true, on: socket)
      await town.clock.advance(by: .seconds(1))
      await town.disconnect(socket)
      await town.clock.advance(by: .seconds(10))
      #expect(statuses(town, viewer, of: 2) == ["online", "away", "offline"])
      #expect(town.sender.events(viewer, .presence).last?["lastSeenAt"]?.string != nil)
      #expect(town.sender.count(other, .presence) == 0)
    }
  }

  @Test("C4 a page that is loaded again is no news, and two devices are one person")
  func coalesced() async throws {
    let town = try await LiveTown()
    try await town.run {
      try await town.group(of: [1, 2])
      let viewer = try await town.connect(1)
      try await town.join(viewer, of: 1)
      var socket = try await town.connect(2)
      await town.clock.advance(by: .seconds(1))
      for _ in 0..<20 {
        await town.disconnect(socket)
        await town.clock.advance(by: .seconds(1))
        socket = try await town.connect(2)
      }
      let second = try await town.connect(2)
      await town.disconnect(second)
      await town.clock.advance(by: .seconds(10))
      #expect(statuses(town, viewer, of: 2) == ["online"])
    }
  }

  @Test("C4 whoever sends nothing is away after a while, and back with the next event")
  func away() async throws {
    let town = try await LiveTown { $0.awayAfter = .seconds(60) }
    try await town.run {
      try await town.group(of: [1, 2])
      let (viewer, socket) = (try await town.connect(1), try await town.connect(2))
      try await town.join(viewer, of: 1)
      await town.clock.advance(by: .seconds(80))
      #expect(statuses(town, viewer, of: 2).last == "away")
      _ = try await town.gateway.enter(socket, .typing)
      await town.clock.advance(by: .seconds(1))
      #expect(statuses(town, viewer, of: 2).last == "online")
    }
  }

  @Test("C4 of a large conversation only the number is told, seldom")
  func large() async throws {
    let town = try await LiveTown { $0.detailLimit = 50 }
    try await town.run {
      try await town.group(of: Array(1...1000))
      let viewer = try await town.connect(1)
      try await town.join(viewer, of: 1)
      var sockets: [SocketID] = []
      for user in UInt64(2)...1000 { sockets.append(try await town.connect(user)) }
      await town.clock.advance(by: .seconds(11))
      let told = town.sender.events(viewer, .presence)
      #expect(told.allSatisfy { $0["userId"] == nil })
      #expect(told.last?["online"]?.integer == 1000)
      #expect(told.count <= 3)
      await town.gateway.noteTyping(town.user(2), in: town.conversation(), isOwn: true)
      await town.gateway.noteRead(town.user(2), in: town.conversation(), 1, isOwn: true)
      await town.clock.advance(by: .seconds(1))
      #expect(town.sender.count(viewer, .userTyping) == 0)
      #expect(town.sender.count(viewer, .messageRead) == 0)
      #expect(town.sender.count(sockets[0], .messageRead) == 1)
    }
  }

  @Test(
    "C4 typing is told to who has the conversation open, twice in its lifetime, of a few people")
  func typing() async throws {
    let town = try await LiveTown { $0.typingLimit = 2 }
    try await town.run {
      let id = try await town.group(of: [1, 2, 3, 4])
      let viewer = try await town.connect(1)
      let (own, blind) = (try await town.connect(2), try await town.connect(3))
      try await town.join(viewer, of: 1)
      try await town.join(own, of: 2)
      for _ in 0..<30 {
        for user in UInt64(2)...4 {
          await town.gateway.noteTyping(town.user(user), in: id, isOwn: true)
        }
        await town.clock.advance(by: .milliseconds(100))
      }
      let told = town.sender.events(viewer, .userTyping)
      #expect(told.count == 2)
      #expect(Set(told.compactMap { $0["userId"]?.string }).count == 2)
      #expect(told.allSatisfy { $0["expiresIn"]?.integer == 6 })
      #expect(town.sender.count(blind, .userTyping) == 0)
      #expect(
        town.sender.events(own, .userTyping).allSatisfy {
          $0["userId"]?.string != town.user(2).description
        })
      await town.clock.advance(by: .seconds(7))
      await town.gateway.noteTyping(town.user(4), in: id, isOwn: true)
      #expect(town.sender.events(viewer, .userTyping).last?["userId"]?.string == "\(town.user(4))")
    }
  }

  @Test("C4 read marks are told to everybody in the conversation, the newest of each alone")
  func reads() async throws {
    let town = try await LiveTown()
    try await town.run {
      let id = try await town.group(of: [1, 2])
      let (one, two) = (try await town.connect(1), try await town.connect(2))
      for seq in Int64(1)...9 {
        await town.gateway.noteRead(town.user(2), in: id, seq, isOwn: true)
      }
      await eventually { await town.gateway.isLoaded(id) }
      await town.clock.advance(by: .seconds(1))
      for socket in [one, two] {
        let told = town.sender.events(socket, .messageRead)
        #expect(told.map { $0["seq"]?.integer } == [9])
        #expect(told.first?["userId"]?.string == town.user(2).description)
      }
    }
  }

  @Test("D3 presence, typing, read marks and entries of another node are told here too")
  func otherNode() async throws {
    let town = try await LiveTown(isShared: true)
    let other = town.node()
    try await LiveTown.run([town, other]) {
      let id = try await town.group(of: [1, 2])
      let viewer = try await town.connect(1)
      try await town.join(viewer, of: 1)
      let far = try await other.connect(2)
      try await other.join(far, of: 2)
      await town.passing { statuses(town, viewer, of: 2) == ["online"] }
      try await other.say("hello", as: 2)
      await town.handedOut(1)
      #expect(town.sender.seqs(viewer) == [1])
      await other.gateway.noteTyping(town.user(2), in: id, isOwn: true)
      await other.gateway.noteRead(town.user(2), in: id, 1, isOwn: true)
      await town.passing { town.sender.count(viewer, .userTyping) == 1 }
      await town.passing { town.sender.count(viewer, .messageRead) == 1 }
      // A node that starts later asks.
      let third = town.node()
      try await LiveTown.run([third]) {
        try await third.group(2, of: [1, 2])
        let late = try await third.connect(1)
        await town.passing { await third.gateway.status(of: third.user(2)) == .online }
        try await third.join(late, of: 1, third.conversation(2))
        let answer = try #require(third.sender.answer(late, 1))
        #expect(answer["presence"]?.array?.map { $0["status"]?.string } == ["online", "online"])
      }
      // It is gone with its users, and so is whoever leaves the other.
      await other.disconnect(far)
      await town.passing { statuses(town, viewer, of: 2).last == "offline" }
    }
  }

  @Test("D3 a node that is silent takes its users with it")
  func silentNode() {
    var board = PresenceBoard(isShared: true)
    let (node, user) = (ULID(high: 9, low: 9), LiveTown.user(1))
    board.heard(node, [user: .online], at: .zero)
    #expect(board.takeNews(10).map(\.status) == [.online])
    board.forgetNodes(silentFor: .seconds(70), at: .seconds(69))
    #expect(board.takeNews(10).isEmpty)
    board.forgetNodes(silentFor: .seconds(70), at: .seconds(70))
    #expect(board.takeNews(10).map(\.status) == [.offline])
  }

  @Test("C4 a node that has no others keeps nothing to tell them")
  func alone() {
    var (shared, alone) = (PresenceBoard(isShared: true), PresenceBoard(isShared: false))
    shared.set(.online, of: LiveTown.user(1))
    alone.set(.online, of: LiveTown.user(1))
    let (told, kept) = (shared.takeUnsent(), alone.takeUnsent())
    #expect(told == [LiveTown.user(1): .online])
    #expect(kept.isEmpty)
    #expect(alone.wholeState == told)
  }

  @Test("D3 what cannot be written for other nodes is told later, and only what still counts")
  func unwritten() async throws {
    let town = try await LiveTown(isShared: true)
    let signals = LiveSignals(
      documents: town.documents, surroundings: town.clock.surroundings, logger: LiveTown.silent)
    signals.typing(town.user(1), in: town.conversation())
    town.documents.plan(.insert, [.failBefore])
    await signals.flush([town.user(1): .online, town.user(2): .online], at: .zero)
    await signals.flush([town.user(2): .offline], at: .seconds(1))
    let found = try await Collection(LiveSignal.self, in: town.documents).find(limit: 10)
    #expect(found.count == 1)
    #expect(found.first?.presence == [town.user(1): .online, town.user(2): .offline])
    #expect(found.first?.typing.isEmpty == true)
    // Nothing new: only the heartbeat comes.
    await signals.flush([:], at: .seconds(2))
    await signals.flush([:], at: .seconds(22))
    #expect(try await town.documents.count(LiveSignal.schema.name, where: .everything) == 2)
  }
}
