// Who may flush, compact and sweep: one process at a time, with a fencing number.

/// The document behind the lease.
struct LeaseDocument: Codable, Sendable {
  let id: String
  var holder: String
  /// Grows with every change of hands.
  var fence: Int64
  var expiresAt: Timestamp

  static let archive = "archive"
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

  /// Takes the lease where it is free or expired; `nil` where somebody else has it.
  static func take(
    holder: String, lifetime: Duration, documents: any DocumentStore, now: Timestamp
  ) async throws(StoreError) -> ArchiveLease? {
    let leases = Collection(LeaseDocument.self, in: documents)
    do {
      try await leases.insert(
        LeaseDocument(
          id: LeaseDocument.archive, holder: "", fence: 0, expiresAt: Timestamp(milliseconds: 0)))
    } catch  where error.kind == .conflict {
      // Somebody made the document before: the usual case.
    }
    let free = Filter.lessOrEqual("expiresAt", .time(now))
    let taken = try await leases.update(
      where: .and([.id(LeaseDocument.archive), free]),
      [
        .set("holder", .string(holder)), .increment("fence", 1),
        .set("expiresAt", .time(now.advanced(by: lifetime))),
      ])
    return taken.map { ArchiveLease(holder: holder, fence: $0.fence, lifetime: lifetime) }
  }

  /// Gives the lease back, if it is still held.
  func release(in documents: any DocumentStore) async throws(StoreError) {
    let leases = Collection(LeaseDocument.self, in: documents)
    _ = try await leases.update(
      where: ownership, [.set("expiresAt", .time(Timestamp(milliseconds: 0)))])
  }
}
