// The bytes that go out, wherever they lie.

import ArchiveCore
import Uploads

/// Reads an object, or the pieces of a clean copy of it, chunk by chunk.
///
/// Unchecked: the answer that it was made for pulls one chunk at a time.
final class ServedBytes: @unchecked Sendable {
  private let key: ObjectKey
  private let store: any ObjectStore
  private var pieces: ArraySlice<CleanCopy.Piece>
  private var object: StoredObject?

  /// Opens what comes first of the object, so that one that is gone is known before anything is sent.
  ///
  /// - Parameter range: of what is served; `nil` for all of it.
  init(_ served: ServedObject, _ range: Range<Int64>?, _ store: any ObjectStore)
    async throws(StoreError)
  {
    (key, self.store) = (served.key, store)
    guard let copy = served.copy else {
      pieces = []
      object = try await store.get(key, range: range)
      return
    }
    pieces = copy.pieces(in: range ?? 0..<copy.sizeBytes)[...]
    guard case .original(let first)? = pieces.first else { return }
    pieces = pieces.dropFirst()
    object = try await store.get(key, range: first)
  }

  /// The next bytes; `nil` behind the last.
  func next() async throws -> [UInt8]? {
    while true {
      if let object {
        if let chunk = try await object.next() { return chunk }
        self.object = nil
      }
      switch pieces.popFirst() {
      case .original(let range): object = try await store.get(key, range: range)
      case .new(let bytes): return bytes
      case nil: return nil
      }
    }
  }
}
