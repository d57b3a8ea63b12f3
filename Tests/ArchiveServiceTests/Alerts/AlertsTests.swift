// Mails to the operator: each trouble once.

import ArchiveCore
import ArchiveTesting
import Synchronization
import Testing

@testable import ArchiveService

@Suite struct AlertsTests {
  /// A node's alerts over shared documents.
  private struct Node {
    let alerts: Alerts
    let carrier: ScriptedCarrier
    let delivery: MailDelivery
    let sender: RecordingSender

    init(_ fixture: OutboxFixture, to: [String] = ["ops@example.org"]) {
      var settings = ServiceSettings()
      settings.alerts.to = to
      (carrier, sender) = (ScriptedCarrier(), RecordingSender())
      alerts = Alerts(
        documents: fixture.documents, outbox: fixture.outbox(carrier), sender: sender,
        settings: settings, surroundings: fixture.clock.surroundings, logger: OutboxFixture.logger)
      delivery = fixture.delivery(carrier)
    }

    /// The titles of what was sent so far.
    func titles() async -> [String] {
      _ = await delivery.tryRound()
      return carrier.carried.compactMap {
        if case .alert(let title, _) = $0 { title } else { nil }
      }
    }
  }

  private static let full = OperatorAlert.diskNearlyFull(freeMiB: 3)

  @Test("I3 a trouble is told once, again when it goes on for long, and once when it is over")
  func once() async throws {
    try await OutboxFixture.run { fixture async throws in
      let node = Node(fixture)
      for _ in 0..<5 { await node.alerts.raise(Self.full) }
      #expect(await node.titles() == ["The disk is nearly full"])
      await fixture.clock.advance(by: .seconds(6 * 3600 - 1))
      await node.alerts.raise(Self.full)
      #expect(await node.titles().count == 1)
      await fixture.clock.advance(by: .seconds(1))
      await node.alerts.raise(.diskNearlyFull(freeMiB: 2))
      #expect(await node.titles().count == 2)
      await node.alerts.endAll(but: [])
      #expect(await node.titles().count == 2, "another node may meet it still")
      await fixture.clock.advance(by: .seconds(300))
      await node.alerts.endAll(but: [Self.full.key])
      #expect(await node.titles().count == 2)
      for _ in 0..<3 { await node.alerts.endAll(but: []) }
      #expect(await node.titles().suffix(1) == ["Over: The disk is nearly full"])
      #expect(await node.titles().count == 3)
      // It begins anew: news, although the last was told a moment ago.
      await node.alerts.raise(Self.full)
      #expect(await node.titles().count == 4)
    }
  }

  @Test("D3 I3 of several nodes one tells, and none says that it is over while another meets it")
  func nodes() async throws {
    try await OutboxFixture.run { fixture async throws in
      let nodes = (0..<4).map { _ in Node(fixture) }
      await withTaskGroup(of: Void.self) { group in
        for node in nodes { group.addTask { await node.alerts.raise(Self.full) } }
      }
      #expect(try await fixture.letters().count == 1)
      for _ in 0..<60 {
        await nodes[0].alerts.raise(Self.full)
        for node in nodes[1...] { await node.alerts.endAll(but: []) }
        await fixture.clock.advance(by: .seconds(15))
      }
      #expect(try await fixture.letters().count == 1)
      await fixture.clock.advance(by: .seconds(300))
      await withTaskGroup(of: Void.self) { group in
        for node in nodes { group.addTask { await node.alerts.endAll(but: []) } }
      }
      #expect(try await fixture.letters().count == 2)
    }
  }

  @Test("troubles are told apart")
  func apart() async throws {
    try await OutboxFixture.run { fixture async throws in
      let node = Node(fixture, to: ["a@example.org", "b@example.org"])
      await node.alerts.raise(.storeDown(.objects, reason: "unavailable"))
      await node.alerts.raise(.signInAttack(failures: 100, accounts: 3, addresses: 4, minutes: 10))
      await node.alerts.raise(.flushFailing(failures: 5, minutes: 3))
      #expect(try await fixture.letters().count == 6)
    }
  }

  @Test("an attack that ended long ago is told again when it comes again, and has no end")
  func attack() async throws {
    try await OutboxFixture.run { fixture async throws in
      let node = Node(fixture)
      let attack = OperatorAlert.signInAttack(failures: 100, accounts: 3, addresses: 4, minutes: 10)
      await node.alerts.raise(attack)
      await node.alerts.raise(attack)
      await fixture.clock.advance(by: .seconds(3600))
      await node.alerts.endAll(but: [])
      #expect(await node.titles().count == 1)
      await fixture.clock.advance(by: .seconds(5 * 3600))
      await node.alerts.raise(attack)
      #expect(await node.titles().count == 2)
    }
  }

  @Test("without anybody to tell nothing is written")
  func nobody() async throws {
    try await OutboxFixture.run { fixture async throws in
      await Node(fixture, to: []).alerts.raise(Self.full)
      #expect(try await fixture.letters().isEmpty)
    }
  }

  @Test("I3 that the document store is down is told past it, once, and its end through it")
  func storeDown() async throws {
    let store = SwitchedStore()
    try await OutboxFixture.run(on: store) { fixture async throws in
      let node = Node(fixture)
      let down = OperatorAlert.storeDown(.documents, reason: "unavailable")
      store.setDown(true)
      node.sender.setFailing(true)
      await node.alerts.raise(down)
      node.sender.setFailing(false)
      for _ in 0..<3 { await node.alerts.raise(down) }
      #expect(node.sender.mails.map(\.to.address) == ["ops@example.org"])
      #expect(node.sender.mails.first?.subject == "[Chat] The document store is down")
      await node.alerts.endAll(but: [])
      store.setDown(false)
      await node.alerts.endAll(but: [])
      await fixture.clock.advance(by: .seconds(300))
      await node.alerts.endAll(but: [])
      #expect(await node.titles() == ["Over: The document store is down"])
    }
  }

  @Test(
    "of several people who cannot all be reached past the outbox nobody hears it again and again")
  func oneOfTwo() async throws {
    let store = SwitchedStore()
    try await OutboxFixture.run(on: store) { fixture async throws in
      let node = Node(fixture, to: ["ops@example.org", "nobody@example.org"])
      node.sender.refuse("nobody@example.org")
      store.setDown(true)
      for _ in 0..<4 { await node.alerts.raise(.storeDown(.documents, reason: "unavailable")) }
      #expect(node.sender.mails.map(\.to.address) == ["ops@example.org"])
    }
  }

  @Test("alerts have words in every language, and no secrets of others")
  func words() {
    let all: [OperatorAlert] = [
      .flushFailing(failures: 3, minutes: 4), .storeDown(.documents, reason: "unavailable"),
      .storeDown(.objects, reason: "refused"), .diskNearlyFull(freeMiB: 5),
      .signInAttack(failures: 100, accounts: 7, addresses: 8, minutes: 10),
      .lettersGivenUp(kind: "resetPassword"),
    ]
    for alert in all {
      let (english, russian) = (alert.words(in: .en), alert.words(in: .ru))
      #expect(english.lines.count == russian.lines.count && english.title != russian.title)
    }
    #expect(Set(all.map(\.key)).count == all.count)
  }
}

/// Keeps what it is given.
final class RecordingSender: MailSender {
  private struct State {
    var mails: [OutgoingMail] = []
    var isFailing = false
    var refused: String?
  }

  private let state = Mutex(State())
  var mails: [OutgoingMail] { state.withLock(\.mails) }
  func setFailing(_ isFailing: Bool) { state.withLock { $0.isFailing = isFailing } }
  func refuse(_ address: String) { state.withLock { $0.refused = address } }

  func send(_ mail: OutgoingMail) async throws(MailError) {
    let isTaken = state.withLock { state in
      guard !state.isFailing, state.refused != mail.to.address else { return false }
      state.mails.append(mail)
      return true
    }
    if !isTaken { throw MailError(.away, "nobody there") }
  }
}
