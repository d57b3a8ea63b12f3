// Counts the uses of links, for all nodes together.

import ArchiveCore
import Logging
import Uploads

/// Changes the uses of a link in the store. Whatever comes at once is done one after the other, each on what the one
/// before it left: a change is written only where the link has the version that was read.
struct LinkCounter: Sendable {
  let documents: any DocumentStore
  let audit: AuditLog
  let settings: ServiceSettings.Links
  let surroundings: Surroundings
  let logger: Logger

  /// How often a change is tried anew because another one came first.
  private static let attemptLimit = 256
  /// How often the end of a use is written down, where the store is away.
  private static let endAttempts = 3

  private var links: Collection<FileLink> { Collection(in: documents) }
  private var now: Timestamp { surroundings.now() }
  private var placeEnd: HTTPDate { now.advanced(by: settings.placeLifetime).httpDate }

  /// Takes a place for a use, before anything of the file is sent; the audit log has it then. Throws `gone` where the
  /// link is over, and `tooMany` where all uses that are left are going on.
  func begin(_ link: FileLink, _ id: String, _ event: AuditEvent) async throws {
    // Nothing is to be reserved where nothing runs out.
    guard link.uses.limit != nil else { return try await audit.note(event) }
    try await change(link, also: { [try audit.step(event)] }) { link in
      if let end = link.life(at: now).end { throw ServiceError.over(end) }
      var uses = link.uses
      switch uses.begin(id, ends: placeEnd, now: now.httpDate) {
      case .admitted: return uses
      case .usedUp: throw ServiceError.over(.usedUp)
      case .busy(let until):
        let wait = Duration.seconds(until.secondsSinceEpoch - now.httpDate.secondsSinceEpoch)
        throw ServiceError(
          .tooMany, "the last uses of the link are going on, try again later",
          retryAfter: max(wait, .seconds(1)))
      }
    }
  }

  /// Counts a use that somebody else sees through: the object store hands out the file.
  func pass(_ link: FileLink, _ event: AuditEvent) async throws {
    try await audit.note(event)
    try await links.update(where: .id(link.id.description), [.increment("uses", 1)])
  }

  /// Gives a use that goes on more time. Throws `gone` where another one has its place by now.
  func keep(_ link: FileLink, _ id: String) async throws {
    guard link.uses.limit != nil else { return }
    try await change(link) { link in
      var uses = link.uses
      guard uses.keep(id, until: placeEnd) else { throw ServiceError.over(.usedUp) }
      return uses
    }
  }

  /// Gives the place back of a use that sent nothing.
  func release(_ link: FileLink, _ id: String) async {
    guard link.uses.limit != nil else { return }
    await settle(link) { uses in
      uses.release(id)
      return 0
    }
  }

  /// A use is over, in whatever way.
  func end(_ link: FileLink, _ transfer: LinkTransfer, _ id: String) async {
    await settle(link) { $0.end(transfer, id: id) }
  }

  /// Goes on also where the request was cancelled: what was sent must count. Where the store stays away, the place is
  /// free when its time is over, and the log has it.
  private func settle(_ link: FileLink, _ plan: @escaping @Sendable (inout LinkUses) -> Int) async {
    let settling = Task {
      for attempt in 1...Self.endAttempts {
        do {
          return try await write(link, plan)
        } catch {
          logger.warning(
            "the use of a link could not be written down",
            metadata: ["link": "\(link.id)", "error": "\(error)"])
        }
        let pause = surroundings.backoff(after: attempt, atMost: .seconds(4))
        do { try await surroundings.sleep(pause) } catch { return }
      }
    }
    await settling.value
  }

  private func write(_ link: FileLink, _ plan: (inout LinkUses) -> Int) async throws {
    guard link.uses.limit == nil else {
      return try await change(link) { link in
        var uses = link.uses
        _ = plan(&uses)
        return uses
      }
    }
    // Nobody depends on the number, so those that end together need not wait for each other.
    var uses = link.uses
    let added = plan(&uses)
    guard added > 0 else { return }
    try await links.update(where: .id(link.id.description), [.increment("uses", Int64(added))])
  }

  private func change(
    _ link: FileLink, also steps: () throws -> [TransactionStep] = { [] },
    _ plan: (FileLink) throws -> LinkUses
  ) async throws {
    for attempt in 1...Self.attemptLimit {
      guard let link = try await links.find(id: link.id.description) else {
        throw ServiceError.noSuchDownload
      }
      let uses = try plan(link)
      guard uses != link.uses else { return }
      let steps = try steps()
      do throws(StoreError) {
        return try await documents.transact(
          [.update(link.writing(uses), mustMatch: true)] + steps)
      } catch {
        guard error.kind == .conflict else { throw error }
      }
      // Those who met come back one after the other.
      let pause = Duration.microseconds(
        Int64(surroundings.random() % UInt64(200 * min(attempt, 50))))
      try await surroundings.sleep(pause)
    }
    throw ServiceError(.busy, "others keep using the link, try again", retryAfter: .seconds(1))
  }
}
