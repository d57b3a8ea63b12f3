// Bytes of an answer between the transfer thread and the task that pulls them.

import Synchronization

/// Filled by the transfer thread, emptied by one reader. Holds `limitBytes` and what one call of libcurl adds.
final class ReceiveBuffer: Sendable {
  typealias Chunk = Result<[UInt8]?, CurlError>
  /// Small arrivals are joined up to this size, so that a trickle does not become a million arrays.
  static let chunkBytes = 64 << 10

  private struct State {
    var chunks: [[UInt8]] = []
    var waitingBytes = 0
    var end: Chunk?
    var reader: CheckedContinuation<Chunk, Never>?
    /// libcurl is paused for want of room; the reader says when there is some again.
    var isPaused = false
  }

  private let state = Mutex(State())
  let limitBytes: Int

  init(limitBytes: Int) { self.limitBytes = limitBytes }

  /// The next chunk; `nil` at the end; the failure, again and again, behind what came before it.
  /// - Parameter onRoom: called where a paused transfer has room again.
  func next(onRoom: () -> Void) async -> Chunk {
    if let ready = takeReady(onRoom) { return ready }
    return await withCheckedContinuation { continuation in
      if let now = takeReady(orWait: continuation, onRoom) { continuation.resume(returning: now) }
    }
  }

  /// What is there, or `nil` with the continuation noted as the reader. Every chunk that is taken may be the one that
  /// makes room, also one that came between the two looks of `next`: nobody else would wake the transfer.
  private func takeReady(
    orWait continuation: CheckedContinuation<Chunk, Never>? = nil, _ onRoom: () -> Void
  ) -> Chunk? {
    var hasRoom = false
    let ready: Chunk? = state.withLock { state in
      if let ready = Self.take(from: &state, limitBytes: limitBytes, hasRoom: &hasRoom) {
        return ready
      }
      guard let continuation else { return nil }
      guard state.reader == nil else {
        return .failure(CurlError(.invalidRequest, "a body has one reader at a time"))
      }
      state.reader = continuation
      return nil
    }
    if hasRoom { onRoom() }
    return ready
  }

  /// Takes a chunk that is not empty, and returns how many bytes are there now. A waiting reader hears of it by
  /// `wakeReader`: to wake it for each chunk would cost as much as to receive it.
  func append(_ chunk: consuming [UInt8]) -> Int {
    let bytes = chunk
    return state.withLock { state in
      guard state.end == nil else { return 0 }
      Self.add(bytes, to: &state)
      return state.waitingBytes
    }
  }

  /// Gives a reader that waits the first chunk, or the end. Returns how many bytes are left.
  func wakeReader() -> Int {
    let (wake, waiting) = state.withLock { state -> ((() -> Void)?, Int) in
      // Whoever waits has found nothing, so the transfer is not paused for want of room.
      var hasRoom = false
      guard let reader = state.reader,
        let chunk = Self.take(from: &state, limitBytes: limitBytes, hasRoom: &hasRoom)
      else { return (nil, state.waitingBytes) }
      state.reader = nil
      return ({ reader.resume(returning: chunk) }, state.waitingBytes)
    }
    wake?()
    return waiting
  }

  /// Whether libcurl has to wait; if so, `next` calls `onRoom` once there is room.
  func pauseIfFull() -> Bool {
    state.withLock { state in
      state.isPaused = state.waitingBytes >= limitBytes
      return state.isPaused
    }
  }

  var isPaused: Bool { state.withLock(\.isPaused) }

  var hasEnded: Bool { state.withLock { $0.end != nil } }

  /// The body is complete, or failed with `error`. The first end counts.
  func end(_ error: CurlError? = nil, keepingBytes: Bool = true) {
    let end: Chunk = error.map { .failure($0) } ?? .success(nil)
    state.withLock { state in
      if !keepingBytes { (state.chunks, state.waitingBytes) = ([], 0) }
      if state.end == nil { state.end = end }
    }
    _ = wakeReader()
  }

  private static func take(from state: inout State, limitBytes: Int, hasRoom: inout Bool) -> Chunk?
  {
    guard !state.chunks.isEmpty else { return state.end }
    let chunk = state.chunks.removeFirst()
    state.waitingBytes -= chunk.count
    if state.isPaused, state.waitingBytes <= limitBytes / 2 {
      state.isPaused = false
      hasRoom = true
    }
    return .success(chunk)
  }

  private static func add(_ bytes: [UInt8], to state: inout State) {
    state.waitingBytes += bytes.count
    if let last = state.chunks.indices.last, state.chunks[last].count + bytes.count <= chunkBytes {
      state.chunks[last] += bytes
    } else {
      state.chunks.append(bytes)
    }
  }
}
