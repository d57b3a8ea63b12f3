// The port to archives and files. Its contract is tested by `ObjectStoreContract`.

/// Stores whole objects by key: S3-compatible storage or a directory in production, memory in tests.
///
/// It mirrors the weaker engine: no append, no rename, no partial write. What must hold, word for word what the contract tests check:
/// - A put that returned is durable and complete; a reader sees the old object or the new one, never a part.
/// - A put that threw, or whose process died, leaves the old object or the complete new one.
/// - A create-only put of an existing key throws `conflict` and changes nothing; of several at once exactly one wins.
/// - A list is in the order of the keys' bytes and sees every put that returned before it began.
/// - Deleting what is not there succeeds.
/// - `unavailable` and `refused` are never final for a caller that holds data: keep it, retry, raise an alarm.
public protocol ObjectStore: Sendable {
  func put(_ key: ObjectKey, _ body: ObjectBody, mode: PutMode, type: String)
    async throws(StoreError)

  /// The object, or the bytes of `range` that it has. `notFound` where there is none,
  /// `invalid` where the range begins at or behind its end (an empty object has no ranges).
  func get(_ key: ObjectKey, range: Range<Int64>?) async throws(StoreError) -> StoredObject

  /// `nil` where there is no such object.
  func head(_ key: ObjectKey) async throws(StoreError) -> ObjectInfo?

  func delete(_ key: ObjectKey) async throws(StoreError)

  /// Up to `limit` (1 to 1,000) objects whose keys begin with the prefix, behind the key `after`.
  /// `invalid` for a prefix that no key can begin with (`ObjectKey.isPrefix`).
  func list(prefix: String, after: ObjectKey?, limit: Int) async throws(StoreError) -> [ObjectInfo]

  /// Answers when the engine can serve; otherwise throws why not.
  func ping() async throws(StoreError)
}

/// Whether a put may replace what is there.
public enum PutMode: Sendable { case create, replace }

/// The bytes of an object to be stored.
public enum ObjectBody: Sendable {
  case bytes([UInt8])
  /// Chunks in order, `length` bytes in all where that is known. A source that throws, or gives another number of bytes, stores nothing.
  case stream(length: Int64?, @Sendable () async throws -> [UInt8]?)
}

/// What a store knows of an object without reading it.
public struct ObjectInfo: Hashable, Sendable {
  public let key: ObjectKey
  public let sizeBytes: Int64
  /// When it was last put, by the store's clock.
  public let modified: Timestamp
  /// The media type given with the put; `nil` where a list does not tell it.
  public let type: String?

  public init(key: ObjectKey, sizeBytes: Int64, modified: Timestamp, type: String?) {
    (self.key, self.sizeBytes, self.modified, self.type) = (key, sizeBytes, modified, type)
  }
}

/// An object being read: what it is, and its bytes in chunks that are pulled one at a time.
public struct StoredObject: Sendable {
  public let info: ObjectInfo
  /// The next chunk, never empty; `nil` at the end. Throws `StoreError`, also where the object turns out shorter than announced.
  public let next: @Sendable () async throws -> [UInt8]?

  public init(info: ObjectInfo, next: @escaping @Sendable () async throws -> [UInt8]?) {
    (self.info, self.next) = (info, next)
  }

  /// All the bytes; `invalid` where there are more than `limitBytes`.
  public func bytes(limitBytes: Int) async throws(StoreError) -> [UInt8] {
    var bytes: [UInt8] = []
    do {
      while let chunk = try await next() {
        guard bytes.count + chunk.count <= limitBytes else {
          throw StoreError(.invalid, "an object is larger than expected key=`\(info.key)`")
        }
        bytes += chunk
      }
    } catch let error as StoreError {
      throw error
    } catch {
      throw StoreError(.unavailable, "reading broke off key=`\(info.key)`", cause: error)
    }
    return bytes
  }
}
