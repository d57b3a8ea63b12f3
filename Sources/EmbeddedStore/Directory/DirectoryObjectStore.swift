// The object engine for one machine: a directory in which each object is a plain file.

public import ArchiveCore

/// Keeps each object as the file ROOT/key, readable with any tool.
///
/// All file work runs on a few own threads. Several processes may use the same directory at once
/// (a command beside the server). Media types are not kept. Folders stay when they become empty:
/// removing them would race with a put into them. Since `a` cannot be a file and a folder at once,
/// a put of `a/b` where `a` is an object is `refused`, and the reverse.
public struct DirectoryObjectStore: ObjectStore {
  /// How much is read and written at once.
  static let chunkBytes = 256 * 1024

  let tree: DirectoryTree
  private let threads: BlockingThreads

  /// Opens the directory, makes it when it is missing, and deletes what dead processes left half-written.
  public init(root: String, threadCount: Int = 3, queueLimit: Int = 1024)
    async throws(StoreError)
  {
    let threads = BlockingThreads(
      name: "objects", count: min(max(threadCount, 1), 16), queueLimit: queueLimit)
    self.threads = threads
    do throws(StoreError) {
      tree = try await threads.run("open", nil) { () throws(SystemFailure) in
        try DirectoryTree(path: root)
      }
    } catch {
      await threads.close()
      // A missing or foreign root is a wrong set-up and not a missing object.
      throw StoreError(
        error.kind == .unavailable ? .unavailable : .refused,
        "the object directory cannot be used path=`\(root)`", hint: error.hint, cause: error)
    }
  }

  /// Finishes what was begun and ends the threads; calls after it are `unavailable`.
  public func close() async {
    await threads.close()
  }

  public func put(_ key: ObjectKey, _ body: ObjectBody, mode: PutMode, type: String)
    async throws(StoreError)
  {
    switch body {
    case .bytes(let bytes):
      try await threads.run("put", key) { [tree] () throws(SystemFailure) in
        let file = try AtomicFile(in: tree.temporary)
        try file.append(bytes)
        try file.publish(as: key, in: tree, mode: mode)
      }
    case .stream(let length, let source):
      // Known losers need not send their bytes first; the race itself is decided by `publish`.
      if mode == .create, try await head(key) != nil {
        throw StoreError(.conflict, "the object exists key=`\(key)`")
      }
      let put = try await StreamingPut(key, announcedBytes: length, tree, threads)
      try await put.receive(from: source, mode: mode)
    }
  }

  public func get(_ key: ObjectKey, range: Range<Int64>?) async throws(StoreError) -> StoredObject {
    let opened = try await threads.run("get", key) { [tree] () throws(SystemFailure) in
      try Self.ifThere { () throws(SystemFailure) in try OpenedObject(key, range: range, in: tree) }
    }
    guard let opened else { throw StoreError(.notFound, "there is no such object key=`\(key)`") }
    return try opened.object(on: threads)
  }

  public func head(_ key: ObjectKey) async throws(StoreError) -> ObjectInfo? {
    try await threads.run("head", key) { [tree] () throws(SystemFailure) in
      try Self.ifThere { () throws(SystemFailure) in
        let (folder, name) = try tree.place(of: key)
        let status = try folder.status(of: name)
        return status.isFile ? ObjectInfo(key, status) : nil
      } ?? nil
    }
  }

  public func delete(_ key: ObjectKey) async throws(StoreError) {
    _ = try await threads.run("delete", key) { [tree] () throws(SystemFailure) in
      try Self.ifThere { () throws(SystemFailure) in
        let (folder, name) = try tree.place(of: key)
        guard try folder.status(of: name).isFile else { return }
        try folder.unlink(name)
        // What was erased must not come back after a power cut.
        try folder.sync()
      }
    }
  }

  public func list(prefix: String, after: ObjectKey?, limit: Int)
    async throws(StoreError) -> [ObjectInfo]
  {
    try ObjectKey.checkPage(prefix: prefix, limit: limit)
    return try await threads.run("list", nil) { [tree] () throws(SystemFailure) in
      try DirectoryListing.page(of: tree, prefix: prefix, after: after, limit: limit)
    }
  }

  /// Makes and deletes a file, which finds a full, failed or read-only disk.
  public func ping() async throws(StoreError) {
    try await threads.run("ping", nil) { [tree] () throws(SystemFailure) in
      try AtomicFile(in: tree.temporary).append([0])
    }
  }

  /// `nil` where the path does not lead to anything, be it for want of a folder.
  private static func ifThere<Value>(_ work: () throws(SystemFailure) -> Value)
    throws(SystemFailure) -> Value?
  {
    do throws(SystemFailure) {
      return try work()
    } catch  where error.meansNothingThere {
      return nil
    }
  }
}

extension ObjectInfo {
  init(_ key: ObjectKey, _ status: FileStatus) {
    self.init(key: key, sizeBytes: status.sizeBytes, modified: status.modified, type: nil)
  }
}

extension AtomicFile {
  func publish(as key: ObjectKey, in tree: DirectoryTree, mode: PutMode) throws(SystemFailure) {
    let (folder, name) = try tree.makePlace(of: key)
    try publish(as: name, in: folder, mode: mode)
  }
}

extension BlockingThreads {
  /// Carries out file work and translates its failure for the caller of the store.
  func run<Value: Sendable>(
    _ act: String, _ key: ObjectKey?,
    _ work: @escaping @Sendable () throws(SystemFailure) -> Value
  ) async throws(StoreError) -> Value {
    try await run { () throws(StoreError) in
      do throws(SystemFailure) {
        return try work()
      } catch {
        throw StoreError(error, act, key)
      }
    }
  }
}
