// Reading: an open file handed out in chunks; a replacement meanwhile does not disturb it.

import ArchiveCore
import Synchronization

/// An object that was opened, with the first chunk, so that a small one costs a single trip.
struct OpenedObject: Sendable {
  private let info: ObjectInfo
  private let file: FileDescriptor
  /// The bytes asked for, or `nil` where the object does not have the beginning of them.
  private let part: Range<Int64>?
  private let firstChunk: [UInt8]

  init(_ key: ObjectKey, range: Range<Int64>?, in tree: DirectoryTree) throws(SystemFailure) {
    let (folder, name) = try tree.place(of: key)
    let (file, status) = try folder.openFile(name)
    (self.file, info) = (file, ObjectInfo(key, status))
    part = Self.part(range, of: status.sizeBytes)
    let (start, end) = (part?.lowerBound ?? 0, part?.upperBound ?? 0)
    firstChunk = try file.read(at: start, count: Self.chunkSize(from: start, to: end))
  }

  func object(on threads: BlockingThreads) throws(StoreError) -> StoredObject {
    guard let part else {
      throw StoreError(
        .invalid, "the object has no such bytes key=`\(info.key)` size=`\(info.sizeBytes)`")
    }
    let position = Mutex(part.lowerBound)
    return StoredObject(info: info) { [self] in
      // The place is taken before the reading, so that no two calls could return the same bytes.
      let (start, count) = position.withLock { position in
        let count = Self.chunkSize(from: position, to: part.upperBound)
        defer { position += Int64(count) }
        return (position, count)
      }
      guard count > 0 else { return nil }
      let chunk =
        start == part.lowerBound
        ? firstChunk
        : try await threads.run("read", info.key) { () throws(SystemFailure) in
          try file.read(at: start, count: count)
        }
      guard chunk.count == count else {
        throw StoreError(
          .corrupt, "the object became shorter while it was read key=`\(info.key)`",
          hint: "nothing else may write in the object directory")
      }
      return chunk
    }
  }

  /// `nil` for a range that is empty or begins outside the object.
  private static func part(_ range: Range<Int64>?, of sizeBytes: Int64) -> Range<Int64>? {
    guard let range else { return 0..<sizeBytes }
    guard !range.isEmpty, range.lowerBound >= 0, range.lowerBound < sizeBytes else { return nil }
    return range.lowerBound..<min(range.upperBound, sizeBytes)
  }

  private static func chunkSize(from start: Int64, to end: Int64) -> Int {
    Int(min(max(0, end - start), Int64(DirectoryObjectStore.chunkBytes)))
  }
}
