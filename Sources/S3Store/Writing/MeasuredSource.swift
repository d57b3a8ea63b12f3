// The source of a put, measured against what it announced.

import ArchiveCore

/// Pulls from the caller's source, skips empty chunks, and refuses another number of bytes than announced.
///
/// It holds the last chunk back until the source has ended, so that nothing can be complete at the server
/// before it is known to be right, and `atEnd` runs at exactly that moment. For one reader at a time.
actor MeasuredSource {
  private let key: ObjectKey
  private let announcedBytes: Int64?
  private let source: @Sendable () async throws -> [UInt8]?
  private let atEnd: @Sendable () async throws(StoreError) -> Void
  private var receivedBytes: Int64 = 0
  private var heldBack: [UInt8]?
  private var hasEnded = false
  /// What went wrong on this side, for the caller of the put.
  private(set) var failure: StoreError?

  init(
    _ key: ObjectKey, announcedBytes: Int64?,
    atEnd: @escaping @Sendable () async throws(StoreError) -> Void = {},
    _ source: @escaping @Sendable () async throws -> [UInt8]?
  ) {
    (self.key, self.announcedBytes) = (key, announcedBytes)
    (self.atEnd, self.source) = (atEnd, source)
  }

  /// All the bytes where there are at most so many; else `nil`, and `next` begins with them.
  func whole(limitBytes: Int) async throws(StoreError) -> [UInt8]? {
    var bytes: [UInt8] = []
    while let chunk = try await pull() {
      bytes += chunk
      if bytes.count > limitBytes {
        heldBack = bytes
        return nil
      }
    }
    return bytes
  }

  /// The next chunk, never empty; `nil` at the end.
  func next() async throws(StoreError) -> [UInt8]? {
    while !hasEnded {
      guard let chunk = try await pull() else {
        try await noting(atEnd)
        hasEnded = true
        break
      }
      let ready = heldBack
      heldBack = chunk
      if let ready { return ready }
    }
    defer { heldBack = nil }
    return heldBack
  }

  private func pull() async throws(StoreError) -> [UInt8]? {
    let chunk = try await noting { () throws(StoreError) in
      let chunk = try await self.chunk()
      if let chunk { self.receivedBytes += Int64(chunk.count) }
      try self.check(isAtEnd: chunk == nil)
      return chunk
    }
    return chunk
  }

  private func check(isAtEnd: Bool) throws(StoreError) {
    guard let announcedBytes else { return }
    let isRight = isAtEnd ? receivedBytes == announcedBytes : receivedBytes <= announcedBytes
    guard !isRight else { return }
    throw StoreError(
      .invalid,
      "the source of a put gave another number of bytes key=`\(key)` announced=`\(announcedBytes)` received=`\(receivedBytes)`"
    )
  }

  private func chunk() async throws(StoreError) -> [UInt8]? {
    do {
      while let chunk = try await source() {
        if !chunk.isEmpty { return chunk }
      }
      return nil
    } catch let error as StoreError {
      throw error
    } catch {
      throw StoreError(.unavailable, "the source of a put broke off key=`\(key)`", cause: error)
    }
  }

  private func noting<Value>(_ work: () async throws(StoreError) -> Value)
    async throws(StoreError) -> Value
  {
    do throws(StoreError) {
      return try await work()
    } catch {
      failure = error
      throw error
    }
  }
}
