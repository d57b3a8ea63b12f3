// Letters leave the outbox: once as a rule, by one node, tried again for a bounded time.

import ArchiveCore
import ArchiveTesting
import Synchronization
import Testing

@testable import ArchiveService

@Suite struct MailDeliveryTests {
  @Test("C7 a letter is sent once and leaves the outbox")
  func sent() async throws {
    try await OutboxFixture.run { fixture async throws in
      let carrier = ScriptedCarrier()
      let outbox = fixture.outbox(carrier)
      try await outbox.post(.passwordChanged, to: OutboxFixture.ada, in: .en)
      let delivery = fixture.delivery(carrier)
      #expect(await delivery.tryRound())
      #expect(await delivery.tryRound())
      #expect(carrier.carried == [.passwordChanged])
      #expect(try await fixture.letters().isEmpty)
    }
  }

  @Test("a letter is written with what it tells of, or not at all")
  func transaction() async throws {
    try await OutboxFixture.run { fixture async throws in
      let outbox = fixture.outbox(ScriptedCarrier())
      let step = try outbox.step(.passwordChanged, to: OutboxFixture.ada, in: .ru)
      await #expect(throws: StoreError.self) {
        try await fixture.documents.transact([
          step, .expect(User.schema.name, where: .id("nobody")),
        ])
      }
      #expect(try await fixture.letters().isEmpty)
      try await fixture.documents.transact([step])
      let letters = try await fixture.letters()
      #expect(letters.map(\.language) == [.ru] && letters.map(\.to) == [OutboxFixture.ada])
    }
  }

  @Test("J2 a waiting letter shows its link to nobody who reads the database or the log")
  func sealed() async throws {
    try await OutboxFixture.run { fixture async throws in
      let letter = Letter.resetPassword(link: "https://chat.example.org/reset?token=geheim")
      try await fixture.outbox(ScriptedCarrier()).post(letter, to: OutboxFixture.ada, in: .en)
      let documents = try await fixture.documents.find(Query(QueuedLetter.schema.name, limit: 10))
      #expect(!"\(documents)".contains("geheim"))
      var shown = "\(letter) \(String(reflecting: letter))"
      dump(letter, to: &shown)
      #expect(!shown.contains("geheim") && shown.contains("resetPassword"))
    }
  }

  @Test(
    "what one address refuses for now is tried again after growing pauses, and delays nobody else")
  func later() async throws {
    try await OutboxFixture.run { fixture async throws in
      let carrier = ScriptedCarrier()
      carrier.plan([MailError(.later, "full"), nil, MailError(.later, "full")])
      let outbox = fixture.outbox(carrier)
      try await outbox.post(.passwordChanged, to: OutboxFixture.ada, in: .en)
      await fixture.clock.advance(by: .milliseconds(1))
      try await outbox.post(.accountDeactivated, to: OutboxFixture.ada, in: .en)
      let delivery = fixture.delivery(carrier)
      #expect(await delivery.tryRound())
      #expect(carrier.carried == [.accountDeactivated])
      let first = try #require(try await fixture.letters().first)
      let pause = first.dueAt.since(fixture.clock.now)
      #expect(pause >= .seconds(15) && pause <= .seconds(30))
      #expect(await delivery.tryRound())
      #expect(carrier.tries == 2, "it is not tried before its time")
      await fixture.clock.advance(by: .seconds(30))
      #expect(await delivery.tryRound())
      let second = try #require(try await fixture.letters().first)
      #expect(second.dueAt.since(fixture.clock.now) >= .seconds(30))
      #expect(second.attempts == 2 && second.holder == QueuedLetter.free)
      await fixture.clock.advance(by: .seconds(60))
      #expect(await delivery.tryRound())
      #expect(carrier.carried == [.accountDeactivated, .passwordChanged])
    }
  }

  @Test("what is refused for good is not tried again")
  func refused() async throws {
    try await OutboxFixture.run { fixture async throws in
      let carrier = ScriptedCarrier()
      carrier.plan([MailError(.refused, "no such user")])
      try await fixture.outbox(carrier).post(.passwordChanged, to: OutboxFixture.ada, in: .en)
      let totals = MailTotals()
      #expect(await fixture.delivery(carrier, totals: totals).tryRound())
      #expect(try await fixture.letters().isEmpty)
      #expect(totals.measurements.refused == 1 && totals.measurements.sent == 0)
    }
  }

  @Test("while the server is away one letter is tried and not each, and all go when it is back")
  func away() async throws {
    try await OutboxFixture.run { fixture async throws in
      let carrier = ScriptedCarrier()
      let outbox = fixture.outbox(carrier)
      for _ in 0..<50 {
        try await outbox.post(.passwordChanged, to: OutboxFixture.ada, in: .en)
        await fixture.clock.advance(by: .milliseconds(1))
      }
      carrier.setAway(true)
      let delivery = fixture.delivery(carrier)
      #expect(await !delivery.tryRound())
      #expect(await !delivery.tryRound())
      #expect(carrier.tries == 2)
      // The one that was tried waits behind the others: it may be its fault.
      let letters = try await fixture.letters()
      #expect(letters.allSatisfy { $0.attempts == 0 && $0.holder == QueuedLetter.free })
      carrier.setAway(false)
      await fixture.clock.advance(by: .milliseconds(1))
      #expect(await delivery.tryRound())
      #expect(carrier.carried.count == 50)
      #expect(Set(carrier.ids).count == 50)
    }
  }

  @Test(
    "J3 a letter at which the server always goes away delays itself alone, once others were sent")
  func breakingLetter() async throws {
    try await OutboxFixture.run { fixture async throws in
      let carrier = ScriptedCarrier()
      let broken = MailError(.away, "broken off")
      let outbox = fixture.outbox(carrier)
      let delivery = fixture.delivery(carrier)
      try await outbox.post(.passwordChanged, to: OutboxFixture.ada, in: .en)
      carrier.plan([broken, broken])
      // Alone, it cannot be told from an outage.
      for _ in 0..<2 {
        #expect(await !delivery.tryRound())
        await fixture.clock.advance(by: .milliseconds(1))
      }
      try await outbox.post(.accountDeactivated, to: OutboxFixture.ada, in: .en)
      carrier.plan([broken, nil, broken])
      #expect(await !delivery.tryRound())
      await fixture.clock.advance(by: .milliseconds(1))
      #expect(await delivery.tryRound(), "others were sent, so the server is there")
      #expect(carrier.carried == [.accountDeactivated])
      let waiting = try #require(try await fixture.letters().first)
      #expect(waiting.attempts == 1 && waiting.holder == QueuedLetter.free)
      #expect(waiting.dueAt.since(fixture.clock.now) >= .seconds(15))
      // It stays the letter's own trouble while it is alone.
      carrier.plan([broken, broken])
      for pause in [30, 60] {
        await fixture.clock.advance(by: .seconds(pause))
        #expect(await delivery.tryRound())
      }
      #expect(try await fixture.letters().map(\.attempts) == [3])
      await fixture.clock.advance(by: .seconds(120))
      #expect(await delivery.tryRound())
      #expect(carrier.carried == [.accountDeactivated, .passwordChanged])
    }
  }

  @Test("the worker pauses longer and longer during an outage, and recovers by itself")
  func outage() async throws {
    try await OutboxFixture.run { fixture async throws in
      let carrier = ScriptedCarrier()
      let outbox = fixture.outbox(carrier)
      try await outbox.post(.passwordChanged, to: OutboxFixture.ada, in: .en)
      carrier.setAway(true)
      let worker = Task { await outbox.run() }
      await fixture.clock.waitForSleepers(1)
      for _ in 0..<600 { await fixture.clock.advance(by: .seconds(1)) }
      #expect((4...25).contains(carrier.tries), "\(carrier.tries) tries in ten minutes")
      carrier.setAway(false)
      for _ in 0..<130 { await fixture.clock.advance(by: .seconds(1)) }
      #expect(carrier.carried == [.passwordChanged])
      worker.cancel()
      await worker.value
    }
  }

  @Test("what could not be sent in all its time is given up, and told")
  func givenUp() async throws {
    try await OutboxFixture.run { fixture async throws in
      let carrier = ScriptedCarrier()
      carrier.setAway(true)
      let outbox = fixture.outbox(carrier)
      try await outbox.post(.passwordChanged, to: OutboxFixture.ada, in: .en)
      let useful = fixture.clock.now.advanced(by: .seconds(3600))
      try await outbox.post(
        .resetPassword(link: "x"), to: OutboxFixture.ada, in: .en, usefulUntil: useful)
      let (told, totals) = (Told(), MailTotals())
      let delivery = fixture.delivery(carrier, totals: totals)
      await fixture.clock.advance(by: .seconds(3599))
      #expect(await !delivery.tryRound(told.note))
      #expect(told.all == [])
      await fixture.clock.advance(by: .seconds(1))
      // Two rounds: one of them may meet the other letter first.
      _ = await delivery.tryRound(told.note)
      _ = await delivery.tryRound(told.note)
      #expect(told.all == ["resetPassword"], "nobody wants a link that has expired")
      await fixture.clock.advance(by: fixture.settings.giveUpAfter)
      #expect(await delivery.tryRound(told.note))
      #expect(told.all == ["resetPassword", "passwordChanged"])
      #expect(totals.measurements.givenUp == 2)
      #expect(try await fixture.letters().isEmpty)
    }
  }

  @Test("letters that wait when the secret changes are given up, and told")
  func otherSecret() async throws {
    try await OutboxFixture.run { fixture async throws in
      let carrier = ScriptedCarrier()
      let new = Secret(Array(repeating: 9, count: 32))
      try await fixture.outbox(carrier).post(.passwordChanged, to: OutboxFixture.ada, in: .en)
      let told = Told()
      #expect(await fixture.delivery(carrier, secret: new).tryRound(told.note))
      #expect(told.all == ["passwordChanged"] && carrier.carried.isEmpty)
    }
  }

  // MARK: Several nodes

  @Test("D3 several nodes send each letter once")
  func severalNodes() async throws {
    try await OutboxFixture.run { fixture async throws in
      let carrier = ScriptedCarrier()
      let outbox = fixture.outbox(carrier)
      for _ in 0..<60 { try await outbox.post(.passwordChanged, to: OutboxFixture.ada, in: .en) }
      let nodes = (0..<4).map { _ in fixture.delivery(carrier) }
      await withTaskGroup(of: Void.self) { group in
        for node in nodes { group.addTask { _ = await node.tryRound() } }
      }
      for node in nodes { #expect(await node.tryRound()) }
      #expect(carrier.ids.count == 60)
      #expect(Set(carrier.ids).count == 60)
    }
  }

  @Test(
    "a letter in one hand is left alone for its time, and taken over after it, whatever the clocks say"
  )
  func takeover() async throws {
    try await OutboxFixture.run { fixture async throws in
      let (stalled, other) = (ScriptedCarrier(), ScriptedCarrier())
      try await fixture.outbox(stalled).post(.passwordChanged, to: OutboxFixture.ada, in: .en)
      stalled.hold()
      let first = fixture.delivery(stalled)
      let stuck = Task { await first.tryRound() }
      await stalled.waitUntilInHand()
      let second = fixture.delivery(other)
      #expect(await second.tryRound())
      // The wall clock of the second node jumps a year ahead: no reason to take anything.
      fixture.clock.setWallClock(fixture.clock.now.advanced(by: .seconds(3600)))
      #expect(await second.tryRound())
      #expect(other.carried.isEmpty)
      await fixture.clock.advance(by: fixture.settings.leaseLifetime)
      #expect(await second.tryRound())
      #expect(other.carried == [.passwordChanged])
      stalled.letGo()
      _ = await stuck.value
      #expect(try await fixture.letters().isEmpty)
    }
  }

  @Test(
    "a restart finds what the process before it had in hand, at once where nobody else can have it")
  func restart() async throws {
    // Not shared: one process has it alone.
    try await OutboxFixture.run(on: InMemoryDocumentStore()) { fixture async throws in
      let dead = ScriptedCarrier()
      try await fixture.outbox(dead).post(.passwordChanged, to: OutboxFixture.ada, in: .en)
      try await fixture.documents.update(
        Update(
          QueuedLetter.schema.name, where: .everything, [.set("holder", .string("a dead process"))],
          extent: .all))
      let carrier = ScriptedCarrier()
      let outbox = fixture.outbox(carrier)
      let worker = Task { await outbox.run() }
      await fixture.clock.waitForSleepers(1)
      #expect(carrier.carried == (fixture.documents.isShared ? [] : [.passwordChanged]))
      worker.cancel()
      await worker.value
    }
  }

  @Test("a server that stops while a letter is in hand neither loses it nor lets it be sent again")
  func stopping() async throws {
    try await OutboxFixture.run { fixture async throws in
      for error in [nil, MailError(.away, "broken off")] {
        let carrier = ScriptedCarrier()
        carrier.plan([error])
        carrier.hold()
        let outbox = fixture.outbox(carrier)
        try await outbox.post(.passwordChanged, to: OutboxFixture.ada, in: .en)
        let worker = Task { await outbox.run() }
        await carrier.waitUntilInHand()
        worker.cancel()
        carrier.letGo()
        await worker.value
        let left = try await fixture.letters()
        #expect(left.map(\.holder) == (error == nil ? [] : [QueuedLetter.free]))
      }
    }
  }

  // MARK: A store that fails

  @Test("a mail that is out is not sent again because the store is away")
  func deletionFails() async throws {
    let store = FaultyDocumentStore(InMemoryDocumentStore())
    try await OutboxFixture.run(on: store) { fixture async throws in
      let carrier = ScriptedCarrier()
      let outbox = fixture.outbox(carrier)
      try await outbox.post(.passwordChanged, to: OutboxFixture.ada, in: .en)
      store.plan(.delete, [.failBefore, .failAfter, .failBefore])
      let worker = Task { await outbox.run() }
      await fixture.clock.waitForSleepers(1)
      for _ in 0..<60 { await fixture.clock.advance(by: .seconds(1)) }
      #expect(carrier.ids.count == 1)
      #expect(try await fixture.letters().isEmpty)
      worker.cancel()
      await worker.value
    }
  }

  @Test("a store that is away delays letters and loses none")
  func storeAway() async throws {
    let store = FaultyDocumentStore(InMemoryDocumentStore())
    try await OutboxFixture.run(on: store) { fixture async throws in
      let carrier = ScriptedCarrier()
      let outbox = fixture.outbox(carrier)
      try await outbox.post(.passwordChanged, to: OutboxFixture.ada, in: .en)
      store.plan(.find, [.failBefore, .failBefore])
      store.plan(.update, [.failAfter, .failBefore])
      let worker = Task { await outbox.run() }
      await fixture.clock.waitForSleepers(1)
      for _ in 0..<400 { await fixture.clock.advance(by: .seconds(1)) }
      #expect(carrier.ids.count == 1)
      worker.cancel()
      await worker.value
    }
  }

  @Test("a full outbox refuses, and says that it may be tried again")
  func full() async throws {
    try await OutboxFixture.run {
      $0.queueLimit = 2
    } _: { fixture async throws in
      let carrier = ScriptedCarrier()
      carrier.setAway(true)
      let outbox = fixture.outbox(carrier)
      for _ in 0..<2 { try await outbox.post(.passwordChanged, to: OutboxFixture.ada, in: .en) }
      let worker = Task { await outbox.run() }
      await fixture.clock.waitForSleepers(1)
      let error = await #expect(throws: StoreError.self) {
        try await outbox.post(.passwordChanged, to: OutboxFixture.ada, in: .en)
      }
      #expect(error?.kind == .unavailable)
      carrier.setAway(false)
      for _ in 0..<90 { await fixture.clock.advance(by: .seconds(1)) }
      try await outbox.post(.passwordChanged, to: OutboxFixture.ada, in: .en)
      worker.cancel()
      await worker.value
    }
  }
}

/// Notes what was given up.
private final class Told: Sendable {
  private let kinds = Mutex<[String]>([])
  var all: [String] { kinds.withLock { $0 } }
  var note: MailDelivery.GivenUp { { kind in self.kinds.withLock { $0.append(kind) } } }
}
