// The object port in memory: the oracle of contract tests and the fast engine of all others.

public import ArchiveCore
import Synchronization

/// Objects in a dictionary; keeps the same contract as the real engines.
public final class InMemoryObjectStore: ObjectStore {
  private struct Entry {
    var bytes: [UInt8]
    var info: ObjectInfo
  }

  private let entries = Mutex<[ObjectKey: Entry]>([:])
  private let now: @Sendable () -> Timestamp
  private let chunkBytes: Int

  /// `chunkBytes` is how much a read hands out at once; small values find readers that expect one chunk.
  public init(
    chunkBytes: Int = 64 * 1024,
    now: @escaping @Sendable () -> Timestamp = { Timestamp(milliseconds: 0) }
  ) {
    (self.chunkBytes, self.now) = (max(1, chunkBytes), now)
  }

  public func put(_ key: ObjectKey, _ body: ObjectBody, mode: PutMode, type: String)
    async throws(StoreError)
  {
    let bytes = try await body.collected(for: key)
    let info = ObjectInfo(key: key, sizeBytes: Int64(bytes.count), modified: now(), type: type)
    let isStored = entries.withLock { entries in
      if mode == .create, entries[key] != nil { return false }
      entries[key] = Entry(bytes: bytes, info: info)
      return true
    }
    guard isStored else { throw StoreError(.conflict, "the object exists key=`\(key)`") }
  }

  public func get(_ key: ObjectKey, range: Range<Int64>?) async throws(StoreError) -> StoredObject {
    guard let entry = entries.withLock({ $0[key] }) else {
      throw StoreError(.notFound, "there is no such object key=`\(key)`")
    }
    let sizeBytes = entry.info.sizeBytes
    if let range {
      guard !range.isEmpty, range.lowerBound >= 0, range.lowerBound < sizeBytes else {
        throw StoreError(.invalid, "the object has no such bytes key=`\(key)`")
      }
    }
    let range = range ?? 0..<sizeBytes
    let end = Int(min(range.upperBound, sizeBytes))
    let position = Mutex(Int(range.lowerBound))
    return StoredObject(info: entry.info) { [chunkBytes] in
      let part = position.withLock { position in
        defer { position = min(end, position + chunkBytes) }
        return position..<min(end, position + chunkBytes)
      }
      return part.isEmpty ? nil : Array(entry.bytes[part])
    }
  }

  public func head(_ key: ObjectKey) async throws(StoreError) -> ObjectInfo? {
    entries.withLock { $0[key]?.info }
  }

  public func delete(_ key: ObjectKey) async throws(StoreError) {
    entries.withLock { $0[key] = nil }
  }

  public func list(prefix: String, after: ObjectKey?, limit: Int)
    async throws(StoreError) -> [ObjectInfo]
  {
    try ObjectKey.checkPage(prefix: prefix, limit: limit)
    let wanted = entries.withLock { entries in
      entries.values.map(\.info).filter { info in
        info.key.description.utf8.starts(with: prefix.utf8)
          && after.map { $0 < info.key } ?? true
      }
    }
    return Array(wanted.sorted { $0.key < $1.key }.prefix(limit))
  }

  public func ping() async throws(StoreError) {}
}

extension ObjectBody {
  /// All the bytes of a body, checked against the announced length; for tests, as it is not bounded.
  func collected(for key: ObjectKey) async throws(StoreError) -> [UInt8] {
    switch self {
    case .bytes(let bytes): return bytes
    case .stream(let length, let source):
      var bytes: [UInt8] = []
      do {
        while Int64(bytes.count) <= length ?? .max, let chunk = try await source() {
          bytes += chunk
        }
      } catch let error as StoreError {
        throw error
      } catch {
        throw StoreError(.unavailable, "the source of a put broke off key=`\(key)`", cause: error)
      }
      guard Int64(bytes.count) == length ?? Int64(bytes.count) else {
        throw StoreError(.invalid, "the source of a put gave another number of bytes key=`\(key)`")
      }
      return bytes
    }
  }
}
