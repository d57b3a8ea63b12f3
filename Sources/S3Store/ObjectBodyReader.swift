// The bytes of an object on their way to a reader, counted and hashed.

import ArchiveCore
import Crypto
import Encodings
import S3Client
import Synchronization

/// Hands on chunks and makes sure that they are the bytes that were put: exactly as many as announced, and
/// of a whole object also those with the SHA-256 that was stored with it. A short or altered object must
/// never look like a whole one, so what is wrong is thrown before the end is told.
/// For one reader at a time; the mutex guards count and hash.
final class ObjectBodyReader: Sendable {
  private struct State {
    var remainingBytes: Int64
    /// `nil` where there is nothing to compare with.
    var hash: SHA256?
  }

  private let object: S3Object
  private let key: ObjectKey
  private let bucketName: String
  private let state: Mutex<State>

  init(_ object: S3Object, _ info: ObjectInfo, range: Range<Int64>?, _ place: BucketPlace) {
    (self.object, key, bucketName) = (object, info.key, place.bucket.name)
    let wanted = range?.clamped(to: 0..<info.sizeBytes) ?? 0..<info.sizeBytes
    let isWhole = Int64(wanted.count) == info.sizeBytes
    // Others may keep something else under that name.
    let hasHash = object.head.metadata[Self.hashName]?.count == 64
    state = Mutex(
      State(remainingBytes: Int64(wanted.count), hash: isWhole && hasHash ? SHA256() : nil))
  }

  /// Under which the client stores the payload's hash.
  private static let hashName = "sha256"

  func next() async throws(StoreError) -> [UInt8]? {
    guard state.withLock({ $0.remainingBytes > 0 }) else { return try ended() }
    var chunk: [UInt8]?
    // A chunk without bytes is not an end.
    repeat { chunk = try await pull() } while chunk?.isEmpty == true
    guard let chunk else { throw wrong("came shorter than announced") }
    let rest = state.withLock { state in
      state.remainingBytes -= Int64(chunk.count)
      state.hash?.update(data: chunk)
      return state.remainingBytes
    }
    guard rest >= 0 else { throw wrong("came longer than announced") }
    return chunk
  }

  private func ended() throws(StoreError) -> [UInt8]? {
    guard let hash = state.withLock({ $0.hash?.finalize() }) else { return nil }
    let stored = object.head.metadata[Self.hashName]?.lowercased()
    guard Hex.text(Array(hash)) == stored else { throw wrong("has another SHA-256 than was put") }
    return nil
  }

  private func pull() async throws(StoreError) -> [UInt8]? {
    do throws(S3Error) {
      return try await object.next()
    } catch {
      // What a continued body may meet: another version, a shorter one, none.
      guard ![.preconditionFailed, .invalidRange, .notFound].contains(error.kind) else {
        throw StoreError(
          .unavailable, "the object changed while it was read key=`\(key)`", cause: error)
      }
      throw StoreError(error, "get", in: bucketName, key)
    }
  }

  /// `unavailable`: what comes back is not what is stored, or another read may bring better.
  private func wrong(_ how: String) -> StoreError {
    StoreError(
      .unavailable, "an object \(how) key=`\(key)`",
      hint: "look at what lies between: a proxy or cache that changes answers")
  }
}
