// How an object comes into the bucket: in one request or in parts, created once or replaced.

import ArchiveCore
import S3Client
import Synchronization

/// Puts whole objects, and nothing where anything went wrong.
struct ObjectWriter: Sendable {
  let place: BucketPlace
  let partBytes: Int
  let creation: CreateOnlyWrites

  /// What S3 allows; a source that announces more is not even asked.
  private static let objectLimitBytes: Int64 = 5 << 40
  private static let sliceBytes = 1 << 20

  func put(_ key: ObjectKey, _ bytes: [UInt8], mode: PutMode, type: String)
    async throws(StoreError)
  {
    if bytes.count <= partBytes {
      return try await putOnce(key, bytes, mode: mode, type: type)
    }
    let position = Mutex(0)
    try await upload(key, length: Int64(bytes.count), mode: mode, type: type) { atEnd in
      MeasuredSource(key, announcedBytes: Int64(bytes.count), atEnd: atEnd) {
        position.withLock { position in
          guard position < bytes.count else { return nil }
          let end = min(bytes.count, position + Self.sliceBytes)
          defer { position = end }
          return Array(bytes[position..<end])
        }
      }
    }
  }

  func put(
    _ key: ObjectKey, length: Int64?, _ source: @escaping @Sendable () async throws -> [UInt8]?,
    mode: PutMode, type: String
  ) async throws(StoreError) {
    guard (0...Self.objectLimitBytes).contains(length ?? 0) else {
      throw StoreError(.invalid, "no object has that length key=`\(key)` length=`\(length ?? 0)`")
    }
    // What fits in one part is put like bytes: hashed, repeatable, and created by the server's own decision.
    let start = MeasuredSource(key, announcedBytes: length, source)
    if let bytes = try await start.whole(limitBytes: partBytes) {
      return try await putOnce(key, bytes, mode: mode, type: type)
    }
    try await upload(key, length: length, mode: mode, type: type) { atEnd in
      MeasuredSource(key, announcedBytes: length, atEnd: atEnd) { try await start.next() }
    }
  }

  private func putOnce(_ key: ObjectKey, _ bytes: [UInt8], mode: PutMode, type: String)
    async throws(StoreError)
  {
    guard mode == .create else {
      return try await send(key, bytes, S3PutOptions(type: type))
    }
    switch try await creation.means() {
    case .condition: try await send(key, bytes, S3PutOptions(type: type, createOnly: true))
    case .turns:
      try await creation.turns.inTurn(key.description) { () throws(StoreError) in
        try await creation.refuseExisting(key)
        try await send(key, bytes, S3PutOptions(type: type))
      }
    }
  }

  private func send(_ key: ObjectKey, _ bytes: [UInt8], _ options: S3PutOptions)
    async throws(StoreError)
  {
    let receipt = try await place.asking("put", key) { name throws(S3Error) in
      try await place.bucket.put(name, .bytes(bytes), options)
    }
    try Self.check(receipt, key)
  }

  /// Every S3 server names the ETag of what a single put has stored (Ceph RGW does not for uploads in
  /// parts, but there the answer is a document that the client checks). A 200 without one comes from something in
  /// between, or carries an error; whoever holds the data must keep it.
  private static func check(_ receipt: S3Receipt, _ key: ObjectKey) throws(StoreError) {
    guard receipt.etag?.isEmpty != false else { return }
    throw StoreError(
      .unavailable, "the answer to a put does not say what was stored key=`\(key)`",
      hint: "look at what lies between: a proxy that answers itself or removes headers")
  }

  /// In parts. A create-only one takes the key's turn when its source has ended, looks, and keeps the
  /// turn until it is complete.
  private func upload(
    _ key: ObjectKey, length: Int64?, mode: PutMode, type: String,
    _ makeSource: (@escaping @Sendable () async throws(StoreError) -> Void) -> MeasuredSource
  ) async throws(StoreError) {
    guard mode == .create else {
      return try await send(key, length, makeSource({}), S3PutOptions(type: type))
    }
    let isConditional = try await creation.means() == .condition
    // Who is known to lose need not send bytes first; a conditional upload looks by itself.
    if !isConditional { try await creation.refuseExisting(key) }
    let hasTurn = Mutex(false)
    defer { if hasTurn.withLock({ $0 }) { creation.turns.give(key.description) } }
    let source = makeSource { [creation] () throws(StoreError) in
      try await creation.turns.take(key.description)
      hasTurn.withLock { $0 = true }
      try await creation.refuseExisting(key)
    }
    try await send(key, length, source, S3PutOptions(type: type, createOnly: isConditional))
  }

  private func send(
    _ key: ObjectKey, _ length: Int64?, _ source: MeasuredSource, _ options: S3PutOptions
  ) async throws(StoreError) {
    do throws(StoreError) {
      _ = try await place.asking("put", key) { name throws(S3Error) in
        try await place.bucket.upload(name, length: length, options) { try await source.next() }
      }
    } catch {
      // The source's own failure says more than that it failed.
      throw await source.failure ?? error
    }
  }
}

extension S3PutOptions {
  fileprivate init(type: String, createOnly: Bool = false) {
    self.init()
    contentType = type
    self.createOnly = createOnly
  }
}
