// Troubles are noticed by looking.

import ArchiveCore
import ArchiveTesting
import Synchronization
import Testing

@testable import ArchiveService

@Suite struct AlertWatchTests {
  /// A watch with everything that it looks at.
  private final class Bench: Sendable {
    let fixture: OutboxFixture
    let sender = RecordingSender()
    let failures = Mutex(0)
    let free = Mutex<Int64?>(1 << 40)
    let audit: AuditLog
    private let alerts: Alerts
    private let readiness: Readiness
    private var settings: ServiceSettings {
      var settings = ServiceSettings()
      settings.alerts.to = ["ops@example.org"]
      settings.alerts.signInFailures = 5
      return settings
    }

    init(_ fixture: OutboxFixture) async throws {
      self.fixture = fixture
      try await fixture.documents.prepare([AuditEntry.schema])
      var settings = ServiceSettings()
      settings.alerts.to = ["ops@example.org"]
      let surroundings = fixture.clock.surroundings
      audit = AuditLog(
        documents: fixture.documents, settings: settings.audit, surroundings: surroundings)
      alerts = Alerts(
        documents: fixture.documents, outbox: fixture.outbox(ScriptedCarrier()), sender: sender,
        settings: settings, surroundings: surroundings, logger: OutboxFixture.logger)
      readiness = Readiness(
        documents: fixture.documents, objects: InMemoryObjectStore(), deadline: .seconds(2),
        surroundings: surroundings)
    }

    var watch: AlertWatch {
      AlertWatch(
        alerts: alerts, audit: audit, readiness: readiness,
        flushFailures: { self.failures.withLock { $0 } },
        freeBytes: { self.free.withLock { $0 } }, settings: settings.alerts,
        surroundings: fixture.clock.surroundings, logger: OutboxFixture.logger)
    }

    /// The titles of the letters that wait, and of those that went past the outbox.
    func titles() async throws -> [String] {
      let seal = LetterSeal(
        secret: OutboxFixture.secret, surroundings: fixture.clock.surroundings)
      let letters = try await fixture.letters().sorted { $0.id < $1.id }
      return letters.compactMap { letter in
        guard case .alert(let title, _)? = seal.open(letter.sealed, id: letter.id) else {
          return nil
        }
        return title
      }
    }
  }

  private func look(_ bench: Bench, _ memory: inout AlertWatch.Memory, for seconds: Int) async {
    for _ in 0..<seconds / 15 {
      await bench.watch.look(&memory)
      await bench.fixture.clock.advance(by: .seconds(15))
    }
  }

  @Test("I3 flushes that fail for two minutes are told, and that they work again")
  func flushes() async throws {
    try await OutboxFixture.run { fixture async throws in
      let bench = try await Bench(fixture)
      var memory = AlertWatch.Memory(bench.watch.settings)
      bench.failures.withLock { $0 = 3 }
      await look(bench, &memory, for: 105)
      bench.failures.withLock { $0 = 0 }
      await look(bench, &memory, for: 30)
      #expect(try await bench.titles() == [], "it passed")
      bench.failures.withLock { $0 = 9 }
      await look(bench, &memory, for: 300)
      #expect(try await bench.titles() == ["Messages cannot be archived"])
      bench.failures.withLock { $0 = 0 }
      await look(bench, &memory, for: 240)
      #expect(try await bench.titles().count == 1, "other nodes may fail still")
      await look(bench, &memory, for: 120)
      #expect(
        try await bench.titles()
          == ["Messages cannot be archived", "Over: Messages cannot be archived"])
    }
  }

  @Test("I3 a store that is down is told past it, and that it is back")
  func store() async throws {
    let store = SwitchedStore()
    try await OutboxFixture.run(on: store) { fixture async throws in
      let bench = try await Bench(fixture)
      var memory = AlertWatch.Memory(bench.watch.settings)
      await look(bench, &memory, for: 30)
      store.setDown(true)
      bench.failures.withLock { $0 = 5 }
      await look(bench, &memory, for: 600)
      #expect(bench.sender.mails.map(\.subject) == ["[Chat] The document store is down"])
      bench.failures.withLock { $0 = 0 }
      store.setDown(false)
      await look(bench, &memory, for: 360)
      #expect(try await bench.titles() == ["Over: The document store is down"])
    }
  }

  @Test("I3 a disk that is nearly full is told at once, and its end only when there is room again")
  func disk() async throws {
    try await OutboxFixture.run { fixture async throws in
      let bench = try await Bench(fixture)
      var memory = AlertWatch.Memory(bench.watch.settings)
      for free in [1 << 40, 1 << 29, (1 << 30) + 1, 1 << 29, nil] as [Int64?] {
        bench.free.withLock { $0 = free }
        await look(bench, &memory, for: 15)
      }
      #expect(try await bench.titles() == ["The disk is nearly full"])
      // A restart: the trouble is remembered in the store, and so is its end noticed.
      memory = AlertWatch.Memory(bench.watch.settings)
      bench.free.withLock { $0 = 1 << 40 }
      await look(bench, &memory, for: 360)
      #expect(try await bench.titles().last == "Over: The disk is nearly full")
    }
  }

  @Test("I3 B5 many failed sign-ins are told, on whichever nodes they failed")
  func attack() async throws {
    try await OutboxFixture.run { fixture async throws in
      let bench = try await Bench(fixture)
      var memory = AlertWatch.Memory(bench.watch.settings)
      for _ in 0..<4 { try await bench.audit.note(AuditEvent(.signInFailed)) }
      for _ in 0..<10 { try await bench.audit.note(AuditEvent(.signedIn)) }
      await look(bench, &memory, for: 30)
      #expect(try await bench.titles() == [])
      await fixture.clock.advance(by: .seconds(601))
      for _ in 0..<5 { try await bench.audit.note(AuditEvent(.signInFailed)) }
      await look(bench, &memory, for: 60)
      #expect(try await bench.titles() == ["Somebody is guessing passwords"])
    }
  }
}
