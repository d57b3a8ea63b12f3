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
    try await documents.transact([lease.renewal(at: surroundings.now())])
    for object in try await due(limit: Self.limit) {
      let isReferred =
        try await documents.count(
          SegmentManifest.schema.name, where: .equal("key", .string(object.id))) > 0
      if !isReferred, let key = ObjectKey(object.id) {
        try await objects.delete(key)
        await surroundings.reached(.sweepDeleted)
        totals.count { $0.objectsDeleted += 1 }
        logger.info("deleted an unreferred object", metadata: ["key": "\(key)"])
      }
      try await retired.delete(where: .id(object.id))
    }
  }
}
