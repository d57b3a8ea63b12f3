// Puts an archive object, then commits what refers to it: the steps that a flush and a compaction share.

/// Writes objects so that being killed between any two steps leaves at worst an orphan, which the sweep finds.
struct ArchiveWriter: Sendable {
  let documents: any DocumentStore
  let objects: any ObjectStore
  let surroundings: Surroundings

  /// Notes the object as unreferred, puts it, and carries out the steps that refer to it, in one
  /// transaction under the lease. After a throw nothing refers to the object.
  func write(
    _ object: ArchiveObject, under lease: ArchiveLease, put: FaultPoint, committed: FaultPoint,
    steps: [TransactionStep]
  ) async throws(StoreError) {
    try await self.put(object.key, object.bytes, under: lease)
    await surroundings.reached(put)
    try await documents.transact(
      [lease.expectation] + steps + [RetiredObject.step(keeping: object.key.description)])
    await surroundings.reached(committed)
  }

  /// Notes the object as unreferred, in one transaction with `steps`, and puts it. The note stays until a transaction
  /// takes it back.
  /// - Parameter replacing: whether an object of other bytes may make room, where nothing refers to it.
  func put(
    _ key: ObjectKey, _ bytes: [UInt8], under lease: ArchiveLease, replacing: Bool = true,
    steps: [TransactionStep] = []
  ) async throws(StoreError) {
    let now = surroundings.now()
    try await documents.transact(
      [
        lease.renewal(at: now), RetiredObject.step(retiring: key.description, at: now),
        RetiredObject.expectationNotDeleting(key.description),
      ] + steps)
    try await putOnce(key, bytes, replacing: replacing)
  }

  /// A create-only put that may have happened before: then what lies there must be the same.
  private func putOnce(_ key: ObjectKey, _ bytes: [UInt8], replacing: Bool)
    async throws(StoreError)
  {
    let type = "application/gzip"
    do {
      try await objects.put(key, .bytes(bytes), mode: .create, type: type)
    } catch {
      guard error.kind == .conflict else { throw error }
      let found = try await objects.get(key, range: nil)
      if found.info.sizeBytes == Int64(bytes.count),
        try await found.bytes(limitBytes: bytes.count) == bytes
      {
        return
      }
      guard replacing else { throw error }
      // Left by a flush that was killed under another zlib: equal entries, other bytes. Nothing may refer to it.
      guard try await documents.count(SegmentManifest.schema.name, where: referring(key)) == 0
      else {
        throw StoreError(
          .corrupt, "another object lies in the place of a segment key=`\(key)`",
          hint: "run verify")
      }
      try await objects.put(key, .bytes(bytes), mode: .replace, type: type)
    }
  }

  private func referring(_ key: ObjectKey) -> Filter {
    .equal("key", .string(key.description))
  }
}

/// An object that nothing refers to, since when: about to be referred to, or no longer.
struct RetiredObject: Codable, Sendable {
  /// The object's key.
  let id: String
  let at: Timestamp
  /// Set once the sweep has decided to delete the object. Nobody may refer to the key any more until it has.
  let isDeleting: Bool?

  /// Fails the transaction while a sweep, perhaps one that stalls, is about to delete the object.
  static func expectationNotDeleting(_ key: String) -> TransactionStep {
    .expect(schema.name, where: .and([.id(key), .missing("isDeleting")]))
  }

  /// Decides that the object is deleted, unless its document changed or is gone.
  var deletion: TransactionStep {
    .update(
      Update(
        Self.schema.name, where: .and([.id(id), .equal("at", .time(at))]),
        [.set("isDeleting", .bool(true))]),
      mustMatch: true)
  }

  static func step(retiring key: String, at time: Timestamp) -> TransactionStep {
    .update(
      Update(
        schema.name, where: .id(key), [.set("at", .time(time))],
        extent: .upsert(insertedOnMiss: Document(["id": .string(key)]))),
      mustMatch: true)
  }

  static func step(keeping key: String) -> TransactionStep { .delete(schema.name, where: .id(key)) }
}

extension RetiredObject: StoredDocument {
  static let schema = CollectionSchema(
    "retiredObjects", indexes: [CollectionIndex("retiredAt", on: [.ascending("at")])])
}
