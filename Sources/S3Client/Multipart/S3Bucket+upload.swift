// Storing an object of any size.

import CurlHTTP
import Logging

extension S3Bucket {
  /// Stores the bytes of a source: with one put where they fit in a part, else in parts, several at once.
  ///
  /// Each part is read, hashed and kept until it is stored, so that it can be sent again by itself; that needs
  /// `partBytes` × `parallelParts` of memory. On every exit but success the upload is aborted on the server.
  /// With `createOnly` and many parts, the object's absence is looked at before the first part, and the completion is
  /// conditional; servers that ignore the condition leave a race.
  /// - Parameters:
  ///   - length: in bytes; `nil` where it is not known, then `streamLimitBytes` is the most. A source that gives
  ///     another number is `sourceFailed`.
  ///   - source: the next bytes, `nil` at the end; called by one task at a time.
  public func upload(
    _ key: String, length: Int64?, _ options: S3PutOptions = .init(),
    source: @escaping @Sendable () async throws -> [UInt8]?
  ) async throws(S3Error) -> S3Receipt {
    let plan = try UploadPlan(length: length, settings: client.settings)
    var reader = PartReader(partBytes: plan.partBytes, source: source)
    var first = try await reader.next() ?? []
    if try await plan.isLast(first, &reader) {
      try plan.checkEnd(reader.takenBytes)
      return try await put(key, .bytes(first), options)
    }
    try plan.checkMore(reader.takenBytes)
    if options.createOnly, try await head(key) != nil {
      throw S3Error(.preconditionFailed, "the object exists key=`\(S3Error.shown(key))`")
    }
    let upload = try await createUpload(key, options)
    do {
      let parts = try await sendParts(upload, &first, &reader, plan)
      return try await completeUpload(upload, parts: parts, createOnly: options.createOnly)
    } catch {
      await abortShielded(upload)
      throw error
    }
  }

  /// Keeps up to `parallelParts` parts under way. The first failure cancels the others and is thrown when all have ended.
  /// Takes what it is given: a part that somebody else still held would stay in memory until the upload ends.
  private func sendParts(
    _ upload: S3Upload, _ first: inout [UInt8], _ reader: inout PartReader, _ plan: UploadPlan
  ) async throws(S3Error) -> [S3Part] {
    let limit = client.settings.parallelParts
    let result = await withTaskGroup(of: Result<StoredPart, S3Error>.self) { group in
      var (parts, running) = ([S3Part](), 0)
      do throws(S3Error) {
        var next: [UInt8]? = first
        first = []
        var number = 0
        while let bytes = next {
          number += 1
          let current = number
          group.addTask { await sendPart(upload, current, bytes) }
          next = nil
          running += 1
          if running == limit, let done = await group.next() {
            running -= 1
            let stored = try done.get()
            parts.append(stored.part)
            reader.reuse(stored.bytes)
          }
          next = try await reader.next()
          try plan.checkMore(reader.takenBytes)
        }
        try plan.checkEnd(reader.takenBytes)
        for await done in group { parts.append(try done.get().part) }
        return Result<[S3Part], S3Error>.success(parts)
      } catch {
        group.cancelAll()
        return .failure(error)
      }
    }
    return try result.get()
  }

  private func sendPart(
    _ upload: S3Upload, _ number: Int, _ bytes: [UInt8]
  ) async -> Result<StoredPart, S3Error> {
    do {
      let part = try await uploadPart(upload, number: number, bytes)
      return .success(StoredPart(part: part, bytes: bytes))
    } catch {
      return .failure(error)
    }
  }

  /// Aborts even where our own task is cancelled, which is when it matters most; not for longer than a deadline.
  private func abortShielded(_ upload: S3Upload) async {
    var deadlines = client.settings.http.deadlines
    deadlines.total = .seconds(10)
    // A task of its own does not inherit the cancellation; it is awaited here.
    let abortion = Task { [deadlines] () async -> S3Error? in
      do throws(S3Error) {
        try await abort(upload, deadlines: deadlines)
        return nil
      } catch {
        return error
      }
    }
    guard let error = await abortion.value else { return }
    client.logger.warning(
      "a multipart upload could not be aborted; its parts stay until the bucket's rules remove them",
      metadata: [
        "host": "\(client.settings.endpoint.host)", "bucket": "\(name)",
        "kind": "\(error.kind.rawValue)",
      ])
  }
}

/// A part that the server has, with its bytes, whose memory the next one may take.
private struct StoredPart {
  let part: S3Part
  let bytes: [UInt8]
}

/// How an upload is cut.
struct UploadPlan {
  let length: Int64?
  let partBytes: Int
  /// The most bytes that the parts can hold, or that are allowed.
  private let limitBytes: Int64

  /// Parts are equal, as some servers demand, and as large as needed for 10,000 of them to hold everything.
  init(length: Int64?, settings: S3Settings) throws(S3Error) {
    let most = length ?? settings.streamLimitBytes
    guard (0...5 << 40).contains(most) else {
      throw S3Error(
        .invalidRequest, "no object has this size bytes=`\(most)`", hint: "5 TiB is the most")
    }
    let partLimit = Int64(S3Bucket.partLimit)
    let needed = (most + partLimit - 1) / partLimit
    // In whole MiB, so that ranges on part boundaries stay round.
    let rounded = ((needed + (1 << 20) - 1) >> 20) << 20
    (self.length, partBytes) = (length, max(settings.partBytes, Int(clamping: rounded)))
    limitBytes = most
  }

  /// Whether the first part is the only one.
  func isLast(_ first: [UInt8], _ reader: inout PartReader) async throws(S3Error) -> Bool {
    if first.count < partBytes { return true }
    return try await reader.isAtEnd()
  }

  /// Throws as soon as the source has given more than it may.
  func checkMore(_ takenBytes: Int64) throws(S3Error) {
    guard takenBytes > limitBytes else { return }
    if let length { throw Self.wrongLength(said: length) }
    throw S3Error(
      .invalidRequest, "the source has more bytes than allowed limit=`\(limitBytes)`",
      hint: "name the length, or raise streamLimitBytes")
  }

  func checkEnd(_ takenBytes: Int64) throws(S3Error) {
    try checkMore(takenBytes)
    guard let length, takenBytes != length else { return }
    throw Self.wrongLength(said: length)
  }

  private static func wrongLength(said: Int64) -> S3Error {
    S3Error(.sourceFailed, "the source has another number of bytes than said bytes=`\(said)`")
  }
}
