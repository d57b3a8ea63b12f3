// From a source of chunks to parts of one size.

/// Cuts what a source gives into parts, the last of which may be shorter; one reader. It holds one part and one chunk.
struct PartReader {
  private let source: @Sendable () async throws -> [UInt8]?
  private let partBytes: Int
  private var rest: ArraySlice<UInt8> = []
  /// Memory of parts that are stored. New memory of that size comes from the kernel, which clears it page by page: a sixth
  /// of the processor's time that an upload took.
  private var spare: [[UInt8]] = []
  private var hasEnded = false
  private(set) var takenBytes: Int64 = 0

  init(partBytes: Int, source: @escaping @Sendable () async throws -> [UInt8]?) {
    (self.partBytes, self.source) = (partBytes, source)
  }

  /// The next part: `partBytes` long but for the last; `nil` at the end. `sourceFailed` where the source throws.
  mutating func next() async throws(S3Error) -> [UInt8]? {
    var part = spare.popLast() ?? []
    part.removeAll(keepingCapacity: true)
    while part.count < partBytes {
      if rest.isEmpty {
        guard let chunk = try await pull() else { break }
        rest = chunk[...]
      }
      // Room for a whole part only once there is more than a little, so that small uploads stay small.
      if part.count > 1 << 20 { part.reserveCapacity(partBytes) }
      let taken = rest.prefix(partBytes - part.count)
      part += taken
      rest = rest.dropFirst(taken.count)
    }
    if rest.isEmpty { rest = [] }
    takenBytes += Int64(part.count)
    return part.isEmpty ? nil : part
  }

  /// A part is stored, and nobody needs its bytes any more.
  mutating func reuse(_ part: [UInt8]) { spare.append(part) }

  /// Whether nothing is left, looking one chunk ahead.
  mutating func isAtEnd() async throws(S3Error) -> Bool {
    while rest.isEmpty {
      guard let chunk = try await pull() else { return true }
      rest = chunk[...]
    }
    return false
  }

  private mutating func pull() async throws(S3Error) -> [UInt8]? {
    guard !hasEnded else { return nil }
    guard !Task.isCancelled else { throw S3Error.wasCancelled }
    do {
      let chunk = try await source()
      hasEnded = chunk == nil
      return chunk
    } catch {
      if error is CancellationError { throw S3Error.wasCancelled }
      throw S3Error(.sourceFailed, "the source of the bytes failed", cause: error)
    }
  }
}
