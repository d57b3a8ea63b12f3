// Who may flush, compact and sweep: one process at a time, with a fencing number.

internal import Synchronization

/// The document behind the lease.
struct LeaseDocument: Codable, Hashable, Sendable {
  let id: String
  var holder: String
  /// Grows with every change of hands.
  var fence: Int64
  /// The beginning of all time where the lease is free. Otherwise the holder's clock says until when it means to hold
  /// it: a different moment with each renewal, which is all that others look at.
  var expiresAt: Timestamp

  static let archive = "archive"
  static let free = Timestamp(milliseconds: 0)
}

extension LeaseDocument: StoredDocument {
  static let schema = CollectionSchema("leases")
}

/// A lease that was granted. A transaction that carries `expectation` fails once somebody else holds it,
/// so a process that stalled and wakes up can do no harm.
struct ArchiveLease: Sendable {
  let holder: String
  let fence: Int64
  let lifetime: Duration

  var expectation: TransactionStep { .expect(LeaseDocument.schema.name, where: ownership) }

  /// Holds the lease for another lifetime; fails its transaction where it is lost.
  func renewal(at now: Timestamp) -> TransactionStep {
    let expiry = DocumentChange.set("expiresAt", .time(now.advanced(by: lifetime)))
    return .update(Update(LeaseDocument.schema.name, where: ownership, [expiry]), mustMatch: true)
  }

  private var ownership: Filter {
    .and([
      .id(LeaseDocument.archive), .equal("holder", .string(holder)),
      .equal("fence", .integer(fence)),
    ])
  }

  /// Gives the lease back, if it is still held.
  func release(in documents: any DocumentStore) async throws(StoreError) {
    let leases = Collection(LeaseDocument.self, in: documents)
    _ = try await leases.update(where: ownership, [.set("expiresAt", .time(LeaseDocument.free))])
  }
}

/// Takes the lease where it is free, or where its holder was not heard of for a lifetime. Safe from any task.
///
/// No clock is compared with that of another machine, so one that is wrong neither robs a living holder nor keeps
/// a dead one's lease: who waits measures, on its own steady clock, how long the document did not change.
final class LeaseTaker: Sendable {
  private let documents: any DocumentStore
  private let lifetime: Duration
  private let surroundings: Surroundings
  /// What another process holds, and since when it looks like that.
  private let seen = Mutex<(lease: LeaseDocument, since: Duration)?>(nil)

  init(documents: any DocumentStore, lifetime: Duration, surroundings: Surroundings) {
    (self.documents, self.lifetime, self.surroundings) = (documents, lifetime, surroundings)
  }

  /// `nil` where somebody else has it.
  func take() async throws(StoreError) -> ArchiveLease? {
    let free = Filter.lessOrEqual("expiresAt", .time(LeaseDocument.free))
    if let lease = try await take(where: free) { return lease }
    let leases = Collection(LeaseDocument.self, in: documents)
    guard let held = try await leases.find(id: LeaseDocument.archive) else {
      try await insertFree()
      return try await take(where: free)
    }
    guard isAbandoned(held, at: surroundings.uptime()) else { return nil }
    return try await take(
      where: .and([
        .equal("holder", .string(held.holder)), .equal("fence", .integer(held.fence)),
        .equal("expiresAt", .time(held.expiresAt)),
      ]))
  }

  private func take(where condition: Filter) async throws(StoreError) -> ArchiveLease? {
    let holder = surroundings.newID().description
    let expiry = surroundings.now().advanced(by: lifetime)
    let taken = try await Collection(LeaseDocument.self, in: documents).update(
      where: .and([.id(LeaseDocument.archive), condition]),
      [
        .set("holder", .string(holder)), .increment("fence", 1), .set("expiresAt", .time(expiry)),
      ])
    return taken.map { ArchiveLease(holder: holder, fence: $0.fence, lifetime: lifetime) }
  }

  private func insertFree() async throws(StoreError) {
    do {
      try await Collection(LeaseDocument.self, in: documents).insert(
        LeaseDocument(
          id: LeaseDocument.archive, holder: "", fence: 0, expiresAt: LeaseDocument.free))
    } catch  where error.kind == .conflict {
      // Somebody else made it in the same moment.
    }
  }

  /// Whether the lease has been the same for a lifetime, as seen from here.
  private func isAbandoned(_ held: LeaseDocument, at now: Duration) -> Bool {
    seen.withLock { seen in
      guard let since = seen?.since, seen?.lease == held else {
        seen = (held, now)
        return false
      }
      return now - since >= lifetime
    }
  }
}
