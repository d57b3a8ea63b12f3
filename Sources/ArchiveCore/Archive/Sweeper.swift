// Deletes archive objects that nothing refers to any more, after a grace period.

internal import Logging

/// Works through the retired objects, oldest first.
struct Sweeper: Sendable {
  let documents: any DocumentStore
  let objects: any ObjectStore
  let totals: LogTotals
  let settings: LogSettings
  let surroundings: Surroundings
  let logger: Logger

  /// Objects looked at in one sweep.
  private static let limit = 100

  /// Whether any object is past its grace period.
  func hasWork() async throws(StoreError) -> Bool { try await !due(limit: 1).isEmpty }

  private func due(limit: Int) async throws(StoreError) -> [RetiredObject] {
    let deadline = surroundings.now().advanced(by: .zero - settings.orphanGrace)
    return try await Collection(RetiredObject.self, in: documents).find(
      where: .lessOrEqual("at", .time(deadline)), sort: [.ascending("at")], limit: limit)
  }

  /// Deletes what is past its grace period and unreferred. Stops at the first error; the next sweep goes on.
  func sweep(under lease: ArchiveLease) async throws(StoreError) {
    let retired = Collection(RetiredObject.self, in: documents)
    for object in try await due(limit: Self.limit) {
      try await delete(object, under: lease)
      try await retired.delete(where: .id(object.id))
    }
  }

  /// Decides under the lease, then deletes. A sweep that stalls in between does no harm: once decided,
  /// no flush may put the key again before its document is gone.
  private func delete(_ object: RetiredObject, under lease: ArchiveLease) async throws(StoreError) {
    let isReferred =
      try await documents.count(
        SegmentManifest.schema.name, where: .equal("key", .string(object.id))) > 0
    guard !isReferred, let key = ObjectKey(object.id) else { return }
    try await documents.transact([lease.renewal(at: surroundings.now()), object.deletion])
    try await objects.delete(key)
    await surroundings.reached(.sweepDeleted)
    totals.count { $0.objectsDeleted += 1 }
    logger.info("deleted an unreferred object", metadata: ["key": "\(key)"])
  }
}
