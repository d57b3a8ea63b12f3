// Objects on their way from one store to another.

internal import Crypto
internal import Encodings
internal import Synchronization

/// Copies objects byte for byte, in chunks, several at once.
struct ObjectCopy: Sendable {
  private let source: any ObjectStore
  private let target: any ObjectStore
  private let manifests: any DocumentStore
  private let pageLimit: Int
  private let surroundings: Surroundings

  /// Objects under way at once: most are small, and a bucket takes its time for each.
  private static let atOnce = 8

  init(_ migration: ArchiveMigration) {
    (source, target) = (migration.source.objects, migration.target.objects)
    (manifests, pageLimit) = (migration.source.documents, migration.pageLimit)
    surroundings = migration.surroundings
  }

  /// Empty at the end.
  func nextPage(after key: ObjectKey?) async throws(StoreError) -> [ObjectInfo] {
    try await surroundings.patiently { () async throws(StoreError) in
      try await source.list(prefix: "", after: key, limit: pageLimit)
    }
  }

  /// Returns when all are in the target. After a throw any of them may be.
  func copy(_ page: [ObjectInfo]) async throws(StoreError) {
    let first = await withTaskGroup(of: StoreError?.self) { group -> StoreError? in
      var rest = page[...]
      for object in rest.prefix(Self.atOnce) {
        group.addTask { await self.failure(copying: object) }
      }
      rest = rest.dropFirst(Self.atOnce)
      while let outcome = await group.next() {
        if let outcome {
          group.cancelAll()
          return outcome
        }
        if let object = rest.popFirst() { group.addTask { await self.failure(copying: object) } }
      }
      return nil
    }
    if let first { throw first }
  }

  private func failure(copying object: ObjectInfo) async -> StoreError? {
    do throws(StoreError) {
      try await surroundings.patiently { () async throws(StoreError) in
        try await copy(object.key)
      }
      return nil
    } catch {
      return error
    }
  }

  private func copy(_ key: ObjectKey) async throws(StoreError) {
    let expected = try await expectation(key)
    if try await target.head(key) != nil { return try await requireSame(key, expected) }
    let object = try await source.get(key, range: nil)
    let measured = MeasuredObject(object, expected: expected)
    let type = object.info.type ?? Self.type(of: key)
    do throws(StoreError) {
      try await target.put(
        key, .stream(length: object.info.sizeBytes) { try await measured.next() }, mode: .create,
        type: type)
    } catch {
      if let failure = measured.failure { throw failure }
      // Of an attempt whose answer was lost, or of one that was killed.
      guard error.kind == .conflict else { throw error }
      return try await requireSame(key, expected)
    }
    // Those that a manifest names are read by the verification at the end.
    if expected == nil { try await requireSame(key, nil) }
  }

  /// What the documents say of an object; `nil` where nothing refers to it.
  private func expectation(_ key: ObjectKey) async throws(StoreError) -> MeasuredObject.Expectation?
  {
    let query = Query(
      SegmentManifest.schema.name, where: .equal("key", .string(key.description)), limit: 1)
    guard let document = try await manifests.find(query).first else { return nil }
    let manifest = try SegmentManifest(document: document)
    return MeasuredObject.Expectation(bytes: manifest.objectBytes, digest: manifest.objectSHA256)
  }

  /// Throws `conflict` where something else has the key in the target.
  private func requireSame(_ key: ObjectKey, _ expected: MeasuredObject.Expectation?)
    async throws(StoreError)
  {
    let original = MeasuredObject(try await source.get(key, range: nil), expected: expected)
    let wanted = try await original.wholeDigest()
    let copy = MeasuredObject(try await target.get(key, range: nil), expected: nil)
    guard try await copy.wholeDigest() == wanted else {
      throw StoreError(
        .conflict, "another object lies in the target in the place of this one key=`\(key)`",
        hint: "empty the target, or name another, and begin again")
    }
  }

  /// For stores that keep no media types.
  private static func type(of key: ObjectKey) -> String {
    key.description.hasSuffix(".gz") ? "application/gzip" : "application/octet-stream"
  }
}

/// An object being read, measured on the way. The mutex guards what was measured; one task reads.
final class MeasuredObject: Sendable {
  /// What an object must be.
  struct Expectation: Hashable, Sendable {
    let bytes: Int64
    let digest: String
  }

  private struct State {
    var hash = SHA256()
    var count: Int64 = 0
    var failure: StoreError?
  }

  private let object: StoredObject
  private let expected: Expectation?
  private let state = Mutex(State())

  init(_ object: StoredObject, expected: Expectation?) {
    (self.object, self.expected) = (object, expected)
  }

  /// Why the object is not what it must be, once that is known.
  var failure: StoreError? { state.withLock(\.failure) }

  /// The next chunk. The last one is handed out only once all that was read is what was expected, so that a store
  /// that stops at the announced length does not keep an altered object.
  func next() async throws -> [UInt8]? {
    let chunk = try await object.next()
    try state.withLock { state in
      state.hash.update(data: chunk ?? [])
      state.count += Int64(chunk?.count ?? 0)
      state.failure = check(state, isEnd: chunk == nil)
      if let failure = state.failure { throw failure }
    }
    return chunk
  }

  private func check(_ state: State, isEnd: Bool) -> StoreError? {
    guard let expected, isEnd || state.count >= object.info.sizeBytes else { return nil }
    let digest = Hex.text(state.hash.finalize())
    if state.count == expected.bytes && digest == expected.digest { return nil }
    return StoreError(
      .corrupt, "an object of the source is not what its manifest says key=`\(object.info.key)`",
      hint: "run verify on the source, and put the object back from a backup")
  }

  /// Reads everything; size and SHA-256.
  func wholeDigest() async throws(StoreError) -> Expectation {
    do {
      while try await next() != nil {}
    } catch let error as StoreError {
      throw error
    } catch {
      throw StoreError(.unavailable, "reading broke off key=`\(object.info.key)`", cause: error)
    }
    return state.withLock {
      Expectation(bytes: $0.count, digest: Hex.text($0.hash.finalize()))
    }
  }
}
