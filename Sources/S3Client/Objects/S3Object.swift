// An object being read.

import CurlHTTP
import Logging
import Synchronization

/// The head of an object and its bytes, pulled one chunk at a time by one reader; letting go of it ends the transfer.
///
/// A body that breaks off is continued behind the bytes that have come, by a ranged GET that insists on the same
/// ETag, a bounded number of times. Bytes of two versions are never mixed, and a body shorter or longer than
/// announced is an error, never an end.
public final class S3Object: Sendable {
  typealias Source = @Sendable () async throws(CurlError) -> [UInt8]?

  private struct State {
    var source: Source?
    var skippedBytes: Int64
    /// Where in the object the next wanted byte lies, and where the wanted bytes end.
    var position: Int64
    let end: Int64
    var resumptions = 0
    /// Why reading ended; thrown again by each later call.
    var failure: S3Error?
  }

  public let head: S3ObjectHead
  private let bucket: S3Bucket
  /// Held by the one reader between its calls only, so never across an await.
  private let state: Mutex<State>

  init(bucket: S3Bucket, _ answer: ObjectAnswer, lower: Int64, next: Source?) {
    (self.bucket, head) = (bucket, answer.head)
    let (end, overflow) = lower.addingReportingOverflow(answer.wantedBytes)
    state = Mutex(
      State(
        source: next, skippedBytes: answer.skippedBytes, position: lower,
        end: overflow ? .max : end))
  }

  /// The next bytes, never empty; `nil` at the end and behind it.
  public func next() async throws(S3Error) -> [UInt8]? {
    while true {
      let (source, failure) = state.withLock { ($0.source, $0.failure) }
      if let failure { throw failure }
      guard let source else { return nil }
      let chunk: [UInt8]?
      do {
        chunk = try await source()
      } catch {
        try await resume(after: S3Error(error))
        continue
      }
      if let bytes = try take(chunk) { return bytes }
    }
  }

  /// All the bytes that are left; `invalidRequest` where they are more than `limitBytes`.
  public func collect(limitBytes: Int) async throws(S3Error) -> [UInt8] {
    let left = state.withLock { $0.end - $0.position }
    guard left <= Int64(limitBytes) else {
      throw S3Error(
        .invalidRequest, "the object is larger than the caller allows limit=`\(limitBytes)`")
    }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(Int(clamping: left))
    while let chunk = try await next() { bytes += chunk }
    return bytes
  }

  /// The wanted part of a chunk. `nil` where it has none, and when the body has ended as it should.
  private func take(_ chunk: [UInt8]?) throws(S3Error) -> [UInt8]? {
    let result: Result<[UInt8]?, S3Error> = state.withLock { state in
      let left = state.end - state.position
      guard let chunk else {
        state.source = nil
        guard left > 0 else { return .success(nil) }
        let error = S3Error(.badAnswer, "the body is shorter than was said missing=`\(left)`")
        state.failure = error
        return .failure(error)
      }
      let skipped = min(Int64(chunk.count), state.skippedBytes)
      state.skippedBytes -= skipped
      let wanted = chunk.dropFirst(Int(skipped)).prefix(Int(clamping: left))
      state.position += Int64(wanted.count)
      // A server that ignored the range goes on; nothing of that is waited for.
      if state.position == state.end, skipped > 0 || wanted.count < chunk.count {
        state.source = nil
      }
      return .success(wanted.isEmpty ? nil : (wanted.count == chunk.count ? chunk : Array(wanted)))
    }
    return try result.get()
  }

  /// Opens the body again behind the bytes that have come, or throws for good.
  private func resume(after error: S3Error) async throws(S3Error) {
    let settings = bucket.client.settings.retries
    let (position, end, resumptions) = state.withLock { state in
      state.source = nil
      state.resumptions += 1
      return (state.position, state.end, state.resumptions)
    }
    // All wanted bytes have come: how the connection ended does not matter.
    if position >= end { return }
    do throws(S3Error) {
      guard error.kind == .broken else { throw error }
      guard let etag = head.etag, !etag.hasPrefix("W/"), resumptions < settings.attempts else {
        throw error.after(attempts: resumptions)
      }
      try await pause(resumptions)
      let source = try await reopen(position..<end, etag: etag)
      state.withLock { ($0.source, $0.skippedBytes) = (source.next, source.skipped) }
    } catch {
      state.withLock { $0.failure = error }
      throw error
    }
  }

  private func pause(_ resumptions: Int) async throws(S3Error) {
    let client = bucket.client
    let delay = client.settings.retries.delay(
      after: resumptions, retryAfter: nil, random: client.surroundings.random())
    client.logger.debug(
      "a body that broke off is continued",
      metadata: [
        "host": "\(client.settings.endpoint.host)", "attempt": "\(resumptions)",
        "after": "\(delay)",
      ])
    do { try await client.surroundings.sleep(delay) } catch { throw S3Error.wasCancelled }
  }

  private func reopen(
    _ bytes: Range<Int64>, etag: String
  ) async throws(S3Error) -> (next: Source?, skipped: Int64) {
    let range = ByteRange(from: bytes.lowerBound, to: bytes.upperBound)
    let request = try bucket.getRequest(head.key, range, ifMatch: etag)
    var exchange = Exchange(bucket.client)
    let reply = try await exchange.run(request, .pulled)
    let answer = try ObjectAnswer(key: head.key, reply.head, range: range)
    guard answer.head.etag == etag, answer.head.sizeBytes == head.sizeBytes else {
      throw S3Error(.preconditionFailed, "the object was replaced while it was read")
    }
    return (reply.next, answer.skippedBytes)
  }
}
