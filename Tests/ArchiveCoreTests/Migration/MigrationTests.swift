// Moving a deployment between stores: what arrives, what is refused, and what a death in between does.

import ArchiveCore
import ArchiveTesting
import Synchronization
import Testing

@Suite("Migration", .timeLimit(.minutes(5)))
struct MigrationTests {
  @Test("J3 every document and object arrives as it is, and with them the chains")
  func wholeMove() async throws {
    let fixture = try await MigrationFixture()
    let report = try await fixture.migrate()
    try await fixture.expectMoved("first time")
    #expect(report.verification.conversations == 3)
    #expect(report.verification.bufferedEntries == 1)
    #expect(report.verification.archivedEntries > 10)
    #expect(try await report.objects == fixture.source.keys().count)
    #expect(try fixture.documents("leases", of: fixture.target).isEmpty)
    let again = try await fixture.migration().begin()
    #expect(again.isComplete)
    #expect(try await again.finish().documents == report.documents)
  }

  @Test("J3 the source stays as it was, but for its lease")
  func sourceIsOnlyRead() async throws {
    let fixture = try await MigrationFixture()
    let before = try MigrationFixture.schemas.map { schema in
      schema.name == "leases" ? [] : try fixture.documents(schema.name, of: fixture.source.memory)
    }
    let keys = try await fixture.source.keys()
    try await fixture.migrate()
    let after = try MigrationFixture.schemas.map { schema in
      schema.name == "leases" ? [] : try fixture.documents(schema.name, of: fixture.source.memory)
    }
    #expect(before == after)
    #expect(try await fixture.source.keys() == keys)
    try await fixture.source.send("and it can be used again")
    try await fixture.source.log.flush(nil)
    #expect(try await fixture.source.verify().isGood)
  }

  @Test("J3 killed at any step and run again, a migration ends the same", arguments: [false, true])
  func everyStep(takesEffect: Bool) async throws {
    var random = SeededGenerator.fromEnvironment("everyStep")
    let fixture = try await MigrationFixture(seed: random.next())
    var deaths = 0
    for length in 1... {
      let attempt = fixture.withOtherTarget()
      let fuse = Fuse(length, takesEffect: takesEffect)
      do {
        try await attempt.migrate(fuse)
      } catch {
        #expect(fuse.isBurnt, "step \(length): \(error)")
      }
      if !fuse.isBurnt { break }
      deaths += 1
      try await attempt.migrate()
      try await attempt.expectMoved("killed at step \(length)")
    }
    #expect(deaths > 100)
  }

  @Test("J3 killed again and again, a migration goes on where it was")
  func manyDeaths() async throws {
    var random = SeededGenerator.fromEnvironment("manyDeaths")
    let fixture = try await MigrationFixture(seed: random.next())
    var attempts = 0
    while true {
      attempts += 1
      // Long enough to save how far it came now and then.
      let fuse = Fuse(40 + attempts + random.int(0...30), takesEffect: random.oneIn(2))
      do {
        try await fixture.migrate(fuse)
        if !fuse.isBurnt { break }
      } catch {
        #expect(fuse.isBurnt, "attempt \(attempts): \(error)")
      }
      try #require(attempts < 1000)
    }
    #expect(attempts > 3)
    try await fixture.expectMoved("after \(attempts) attempts")
  }

  @Test("J3 stores that are away now and then only delay a migration")
  func faults() async throws {
    var random = SeededGenerator.fromEnvironment("faults")
    let fixture = try await MigrationFixture(seed: random.next())
    let documents = FaultyDocumentStore(fixture.source.memory)
    let begun = try await fixture.migration(from: documents).begin()
    // Rare enough that no object meets a fault in all of its eight attempts.
    fixture.targetObjects.follow(
      .seeded(
        random.next(), oneIn: 16, faults: [.failBefore(.unavailable), .failAfter(.unavailable)]))
    documents.plan(.find, (0..<200).map { $0 % 3 == 0 ? .failBefore : nil })
    fixture.source.objects.follow(
      .seeded(random.next(), oneIn: 16, faults: [.failBefore(.unavailable)]))
    // The verification reads everything once and tries nothing again: the next attempt does.
    do { _ = try await begun.finish() } catch { #expect(error.kind == .unavailable, "\(error)") }
    fixture.targetObjects.follow(.scripted([:]))
    fixture.source.objects.follow(.scripted([:]))
    let again = try await fixture.migration().begin()
    #expect(again.isComplete || again.isResumed)
    _ = try await again.finish()
    try await fixture.expectMoved("after faults")
  }

  @Test("J3 while a migration is not finished nobody may use its target")
  func unfinished() async throws {
    let fixture = try await MigrationFixture()
    try fixture.target.prepare(MigrationFixture.schemas)
    #expect(try await !ArchiveMigration.isUnfinished(in: fixture.target))
    try await fixture.dieAmongDocuments()
    #expect(try await ArchiveMigration.isUnfinished(in: fixture.target))
    try await fixture.migrate()
    #expect(try await !ArchiveMigration.isUnfinished(in: fixture.target))
    #expect(try await !ArchiveMigration.isUnfinished(in: fixture.source.memory))
  }
}
