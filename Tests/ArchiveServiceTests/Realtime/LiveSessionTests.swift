// Sockets whose session or token is over.

import ArchiveCore
import ArchiveTesting
import RealtimeProtocol
import Testing

@testable import ArchiveService

@Suite(.timeLimit(.minutes(1))) struct LiveSessionTests {
  @Test("A19 B2 the sockets of a session that ends hear so and go, and no others")
  func ended() async throws {
    let town = try await LiveTown()
    try await town.run {
      try await town.group(of: [1])
      let gone = [try await town.connect(1, session: 1), try await town.connect(1, session: 1)]
      let stays = try await town.connect(1, session: 2)
      town.ends.publish(.session(town.caller(1, session: 1).sessionID))
      await eventually { gone.allSatisfy { town.sender.fate($0) == .over } }
      try await town.say("x")
      await town.handedOut(1)
      for socket in gone {
        #expect(town.sender.events(socket, .sessionEnded).map { $0["reason"]?.string } == ["ended"])
        #expect(town.sender.seqs(socket) == [])
      }
      #expect(town.sender.seqs(stays) == [1])
      #expect(town.sender.fate(stays) == nil)
    }
  }

  @Test(
    "A19 B3 when something about a user changed, sessions that are over end, and the role counts",
    arguments: [SessionEnd.some(of: LiveTown.user(1)), .unknown])
  func changed(end: SessionEnd) async throws {
    let town = try await LiveTown()
    try await store(town, user: 1, sessions: [1, 2], role: .agent)
    _ = try await town.documents.update(
      Session.ending(where: .id("\(town.caller(1, session: 2).sessionID)"), at: town.clock.now))
    try await town.run {
      let (stays, goes, unknown) = (
        try await town.connect(1, session: 1), try await town.connect(1, session: 2),
        try await town.connect(1, session: 3)
      )
      town.documents.plan(.find, [.failBefore])
      town.ends.publish(end)
      for _ in 0..<5 where town.sender.fate(goes) == nil {
        await town.clock.advance(by: .seconds(2))
      }
      #expect(town.sender.fate(goes) == .over)
      #expect(town.sender.fate(unknown) == .over)
      #expect(town.sender.fate(stays) == nil)
      let known = try await town.gateway.enter(stays, .typing)
      #expect(known.caller.role == .agent)
    }
  }

  @Test("B3 C1 who is no agent any more hears nothing of the support conversations in their charge")
  func demoted() async throws {
    let town = try await LiveTown()
    try await store(town, user: 2, sessions: [2], role: .agent)
    let id = town.conversation()
    let place = Member(town.user(2), of: id, .support, role: .admin, at: town.clock.now)
    try await town.documents.transact([.insert(try place.document(), into: Member.schema.name)])
    try await town.run {
      let agent = try await town.connect(2, role: .agent)
      try await town.say("heard")
      await town.handedOut(1)
      try await change(town, user: 2, to: .customer)
      await eventually { await town.gateway.role(of: agent) == .customer }
      try await town.say("not heard")
      await town.handedOut(2)
      let another = try await town.connect(2, role: .customer)
      try await town.say("not heard either")
      await town.handedOut(3)
      await #expect(throws: ServiceError.self) { () async throws in
        try await town.gateway.open(agent, id, isReading: false)
      }
      try await change(town, user: 2, to: .agent)
      await eventually { await town.gateway.role(of: agent) == .agent }
      try await town.say("heard again")
      await town.handedOut(4)
      #expect(town.sender.seqs(agent) == [1, 4])
      #expect(town.sender.seqs(another) == [4])
    }
  }

  private func change(_ town: LiveTown, user: UInt64, to role: Role) async throws {
    _ = try await town.documents.update(
      Update(
        User.schema.name, where: .id(town.user(user).description),
        [.set("role", .string(role.rawValue))]))
    town.ends.publish(.some(of: town.user(user)))
  }

  @Test("A19 after more ends than could wait, every session is looked at")
  func tooMany() async throws {
    let town = try await LiveTown()
    try await store(town, user: 1, sessions: [1])
    let (stays, goes) = (
      try await town.connect(1, session: 1), try await town.connect(2, session: 2)
    )
    for number in UInt64(0)..<6000 {
      town.ends.publish(.session(SessionID(ULID(high: 99, low: number))))
    }
    try await town.run {
      await eventually { town.sender.fate(goes) == .over }
      #expect(town.sender.fate(stays) == nil)
    }
  }

  @Test("E19 D2 a token that is over: a fresh one is asked for, and the rooms stay")
  func renewed() async throws {
    let town = try await LiveTown()
    try await town.run {
      try await town.group(of: [1])
      let socket = try await town.connect(1, tokenFor: .seconds(10))
      try await town.join(socket, of: 1)
      await town.clock.advance(by: .seconds(11))
      #expect(town.sender.count(socket, .tokenExpired) == 1)
      await #expect(throws: ServiceError.self) { () async throws in
        _ = try await town.gateway.enter(socket, .sendMessage)
      }
      _ = try await town.gateway.enter(socket, .authenticate)
      try await town.gateway.renew(
        socket, town.caller(1), tokenExpiry: town.clock.now.advanced(by: .seconds(900)))
      await town.clock.advance(by: .seconds(120))
      #expect(town.sender.fate(socket) == nil)
      _ = try await town.gateway.enter(socket, .sendMessage)
      try await town.say("x")
      await town.handedOut(1)
      #expect(town.sender.seqs(socket) == [1])
      #expect(await town.gateway.viewers(town.conversation()) == [socket])
    }
  }

  @Test("E19 a socket that brings no fresh token ends")
  func notRenewed() async throws {
    let town = try await LiveTown()
    try await town.run {
      let socket = try await town.connect(1, tokenFor: .seconds(10))
      await town.clock.advance(by: .seconds(69))
      #expect(town.sender.fate(socket) == nil)
      await town.clock.advance(by: .seconds(3))
      #expect(town.sender.fate(socket) == .over)
      #expect(town.sender.count(socket, .tokenExpired) == 1)
      #expect(
        town.sender.events(socket, .sessionEnded).map { $0["reason"]?.string } == ["tokenExpired"])
    }
  }

  @Test("A08 a fresh token of somebody else is refused; one of another session counts from then on")
  func otherToken() async throws {
    let town = try await LiveTown()
    try await town.run {
      let socket = try await town.connect(1, session: 1)
      let expiry = town.clock.now.advanced(by: .seconds(900))
      await #expect(throws: ServiceError.self) { () async throws in
        try await town.gateway.renew(socket, town.caller(2), tokenExpiry: expiry)
      }
      try await town.gateway.renew(socket, town.caller(1, session: 5), tokenExpiry: expiry)
      town.ends.publish(.session(town.caller(1, session: 1).sessionID))
      town.ends.publish(.session(town.caller(1, session: 5).sessionID))
      await eventually { town.sender.fate(socket) == .over }
      #expect(await town.gateway.sessions.isEmpty)
    }
  }

  @Test(
    "E16 a socket that sends too many events is refused until it sends fewer, and others are not")
  func flood() async throws {
    let town = try await LiveTown {
      $0.eventsPerSecond = 10
      $0.eventBurst = 20
    }
    let (loud, quiet) = (try await town.connect(1), try await town.connect(2))
    var admitted = 0
    for _ in 0..<1000 {
      do {
        _ = try await town.gateway.enter(loud, .typing)
        admitted += 1
      } catch let error as ServiceError {
        #expect(error.kind == .tooMany)
      }
    }
    #expect(admitted == 20)
    _ = try await town.gateway.enter(quiet, .typing)
    await town.clock.advance(by: .seconds(1))
    for _ in 0..<10 { _ = try await town.gateway.enter(loud, .typing) }
    await #expect(throws: ServiceError.self) { () async throws in
      _ = try await town.gateway.enter(loud, .typing)
    }
    #expect(await town.gateway.measurements.eventsRefused == 981)
  }

  @Test("B5 a user has only so many sockets")
  func socketLimit() async throws {
    let town = try await LiveTown { $0.socketsPerUser = 3 }
    var sockets: [SocketID] = []
    for _ in 0..<3 { sockets.append(try await town.connect(1)) }
    await #expect(throws: ServiceError.self) { () async throws in _ = try await town.connect(1) }
    _ = try await town.connect(2)
    await town.disconnect(sockets[0])
    await town.disconnect(sockets[0])
    _ = try await town.connect(1)
  }

  private func store(
    _ town: LiveTown, user: UInt64, sessions: [UInt64], role: Role = .customer
  ) async throws {
    let account = User(
      id: town.user(user), email: "a@example.org", name: "A", role: role,
      createdAt: town.clock.now, passwordHash: "")
    var steps: [TransactionStep] = [.insert(try account.document(), into: User.schema.name)]
    for number in sessions {
      let session = Session(
        id: town.caller(user, session: number).sessionID, userID: account.id, device: nil,
        address: nil, createdAt: town.clock.now, lastSeenAt: town.clock.now,
        expiresAt: town.clock.now.advanced(by: .seconds(3600)), era: 0, refreshHash: "",
        familyHash: "", endedAt: nil)
      steps.append(.insert(try session.document(), into: Session.schema.name))
    }
    try await town.documents.transact(steps)
  }
}
