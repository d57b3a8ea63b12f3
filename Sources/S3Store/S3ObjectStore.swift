// The object engine for deployments: a bucket on any server that speaks S3.

public import ArchiveCore
public import Logging
public import S3Client
import Synchronization

/// Keeps each object under PREFIX + key in one bucket.
///
/// A create-only put is decided by the server where a race of writers has shown that it can
/// (`ConditionalWrites`), and otherwise by looking first, one writer at a time in this process. Two
/// processes that create the same key at once can then both believe to have won; the archive's lease
/// lets only one process write. Bodies above `partBytes` are multipart uploads, for which servers
/// disagree on conditions (Ceph RGW ignores them): those always look, right before completing.
///
/// Foreign objects whose names are no `ObjectKey` are not listed; among them the engine's own scratch
/// objects under `@scratch/`. With a prefix, keys may be 1,024 bytes less the prefix's length.
public final class S3ObjectStore: ObjectStore {
  private let place: BucketPlace
  private let writer: ObjectWriter

  /// Ranges up to that size are read in one piece.
  private static let smallBytes = 1 << 20

  /// - Parameters:
  ///   - prefix: empty, or a key prefix that ends in `/`; `invalid` for anything else.
  ///   - partBytes: from this size on a body goes in parts; the client's own part size.
  public init(
    bucket: S3Bucket, prefix: String = "", partBytes: Int = 8 << 20,
    conditionalWrites: ConditionalWrites = .probe, surroundings: Surroundings, logger: Logger
  ) throws(StoreError) {
    guard let prefix = BucketPrefix(prefix) else {
      throw StoreError(
        .invalid, "not a prefix of keys prefix=`\(prefix)`", hint: BucketPrefix.allowed)
    }
    place = BucketPlace(bucket: bucket, prefix: prefix)
    writer = ObjectWriter(
      place: place, partBytes: partBytes,
      creation: CreateOnlyWrites(
        conditionalWrites, place: place, surroundings: surroundings, logger: logger))
  }

  public func put(_ key: ObjectKey, _ body: ObjectBody, mode: PutMode, type: String)
    async throws(StoreError)
  {
    switch body {
    case .bytes(let bytes): try await writer.put(key, bytes, mode: mode, type: type)
    case .stream(let length, let source):
      try await writer.put(key, length: length, source, mode: mode, type: type)
    }
  }

  public func get(_ key: ObjectKey, range: Range<Int64>?) async throws(StoreError) -> StoredObject {
    if let range, range.isEmpty || range.lowerBound < 0 { throw Self.noRange(range, key) }
    if let range, range.count <= Self.smallBytes { return try await small(key, range) }
    let object = try await place.asking("get", key) { name throws(S3Error) in
      try await place.bucket.get(name, range: range)
    }
    let info = try place.info(key, object.head)
    // A server may answer 200 to a range of an empty object instead of 416.
    if let range, range.lowerBound >= info.sizeBytes { throw Self.noRange(range, key) }
    let body = ObjectBodyReader(object, info, range: range, place)
    return StoredObject(info: info) { try await body.next() }
  }

  /// In one piece, as blocks of the archive are read: one call, and a cut body is simply asked for again.
  private func small(_ key: ObjectKey, _ range: Range<Int64>) async throws(StoreError)
    -> StoredObject
  {
    let (head, bytes) = try await place.asking("get", key) { name throws(S3Error) in
      try await place.bucket.getBytes(name, range: range, limitBytes: Self.smallBytes)
    }
    let info = try place.info(key, head)
    guard range.lowerBound < info.sizeBytes else { throw Self.noRange(range, key) }
    guard bytes.count == range.clamped(to: 0..<info.sizeBytes).count else {
      throw StoreError(.unavailable, "a range came with another length key=`\(key)`")
    }
    let rest = Mutex<[UInt8]?>(bytes)
    return StoredObject(info: info) {
      rest.withLock { rest in
        defer { rest = nil }
        return rest
      }
    }
  }

  /// Asks for the bucket too where there is nothing: a HEAD cannot tell a missing object from a missing bucket.
  public func head(_ key: ObjectKey) async throws(StoreError) -> ObjectInfo? {
    let head = try await place.asking("head", key) { name throws(S3Error) in
      try await place.bucket.head(name)
    }
    if let head { return try place.info(key, head) }
    try await place.asking("head") { () throws(S3Error) in try await place.bucket.head() }
    return nil
  }

  public func delete(_ key: ObjectKey) async throws(StoreError) {
    do {
      try await place.asking("delete", key) { name throws(S3Error) in
        try await place.bucket.delete(name)
      }
    } catch {
      // Nearly all servers answer 204 to the deletion of what is not there.
      guard error.kind == .notFound else { throw error }
    }
  }

  public func list(prefix: String, after: ObjectKey?, limit: Int)
    async throws(StoreError) -> [ObjectInfo]
  {
    try ObjectKey.checkPage(prefix: prefix, limit: limit)
    var listing = BucketListing(of: place, prefix: prefix, after: after, limit: limit)
    return try await listing.objects()
  }

  /// Lists one key, which needs the server, the bucket, the keys and the clock to be right.
  public func ping() async throws(StoreError) {
    _ = try await place.asking("ping") { () throws(S3Error) in
      try await place.bucket.listPage(prefix: place.prefix.text, limit: 1)
    }
  }

  private static func noRange(_ range: Range<Int64>, _ key: ObjectKey) -> StoreError {
    StoreError(.invalid, "the object has no such bytes key=`\(key)` range=`\(range)`")
  }
}
