// A source of bytes in chunks, as uploads take it.

import Synchronization

/// Gives its bytes once, in chunks of one size; the mutex guards the place.
final class ChunkSource: Sendable {
  private let bytes: [UInt8]
  private let chunkBytes: Int
  private let position = Mutex(0)

  init(_ bytes: [UInt8], chunkBytes: Int) { (self.bytes, self.chunkBytes) = (bytes, chunkBytes) }

  func next() -> [UInt8]? {
    position.withLock { position in
      guard position < bytes.count else { return nil }
      let end = min(position + chunkBytes, bytes.count)
      defer { position = end }
      return Array(bytes[position..<end])
    }
  }
}
