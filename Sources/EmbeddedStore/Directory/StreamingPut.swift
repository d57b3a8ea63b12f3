// Writing from a stream: memory stays bounded whatever the size, and nothing shows before the end.

import ArchiveCore

/// One put whose bytes come in pieces. Waits for the source outside the threads that write.
struct StreamingPut {
  private let key: ObjectKey
  private let announcedBytes: Int64?
  private let tree: DirectoryTree
  private let threads: BlockingThreads
  private let file: AtomicFile

  init(
    _ key: ObjectKey, announcedBytes: Int64?, _ tree: DirectoryTree, _ threads: BlockingThreads
  ) async throws(StoreError) {
    (self.key, self.announcedBytes) = (key, announcedBytes)
    (self.tree, self.threads) = (tree, threads)
    file = try await threads.run("put", key) { () throws(SystemFailure) in
      try AtomicFile(in: tree.temporary)
    }
  }

  func receive(from source: @Sendable () async throws -> [UInt8]?, mode: PutMode)
    async throws(StoreError)
  {
    do throws(StoreError) {
      try await writeAll(from: source)
      try await threads.run("put", key) { [file, key, tree] () throws(SystemFailure) in
        try file.publish(as: key, in: tree, mode: mode)
      }
    } catch {
      // On the threads if they take it; otherwise the end of `file` does the same.
      try? await threads.run("discard", key) { [file] in file.discard() }
      throw error
    }
  }

  private func writeAll(from source: @Sendable () async throws -> [UInt8]?)
    async throws(StoreError)
  {
    var (received, waiting): (Int64, [UInt8]) = (0, [])
    while let chunk = try await next(source) {
      received += Int64(chunk.count)
      guard received <= announcedBytes ?? .max else { throw wrongLength(received) }
      waiting += chunk
      guard waiting.count >= DirectoryObjectStore.chunkBytes else { continue }
      try await write(waiting)
      waiting = []
    }
    guard received == announcedBytes ?? received else { throw wrongLength(received) }
    try await write(waiting)
  }

  private func next(_ source: @Sendable () async throws -> [UInt8]?)
    async throws(StoreError) -> [UInt8]?
  {
    do {
      return try await source()
    } catch let error as StoreError {
      throw error
    } catch {
      throw StoreError(.unavailable, "the source of a put broke off key=`\(key)`", cause: error)
    }
  }

  private func write(_ bytes: [UInt8]) async throws(StoreError) {
    try await threads.run("put", key) { [file] () throws(SystemFailure) in try file.append(bytes) }
  }

  private func wrongLength(_ received: Int64) -> StoreError {
    StoreError(
      .invalid,
      "the source of a put gave another number of bytes key=`\(key)` announced=`\(announcedBytes ?? -1)` received=`\(received)`"
    )
  }
}
