// Bytes of a streamed body between its source and the transfer thread.

import Synchronization

/// Filled by one `BodyPump`, emptied by the transfer thread. Holds `limitBytes` and one chunk of the source.
final class SendBuffer: Sendable {
  private struct State {
    var chunks: [[UInt8]] = []
    var waitingBytes = 0
    var isOver = false
    /// libcurl is paused for want of bytes.
    var isStarved = false
    var pump: CheckedContinuation<Bool, Never>?
  }

  private let state = Mutex(State())
  private let limitBytes: Int

  init(limitBytes: Int) { self.limitBytes = limitBytes }

  /// Adds a chunk and waits until there is room for one more. False where nobody wants bytes any longer.
  /// - Parameters:
  ///   - isLast: that no more come.
  ///   - onBytes: called where a starved transfer has enough again: to wake it for each chunk costs as much as to send it.
  func put(_ chunk: [UInt8], isLast: Bool, onBytes: () -> Void) async -> Bool {
    let isFed = state.withLock { state -> Bool in
      guard !state.isOver else { return false }
      state.chunks.append(chunk)
      state.waitingBytes += chunk.count
      guard state.isStarved, isLast || state.waitingBytes >= limitBytes / 2 else { return false }
      state.isStarved = false
      return true
    }
    if isFed { onBytes() }
    return await withCheckedContinuation { continuation in
      let now: Bool? = state.withLock { state in
        if state.isOver { return false }
        if state.waitingBytes < limitBytes { return true }
        state.pump = continuation
        return nil
      }
      if let now { continuation.resume(returning: now) }
    }
  }

  /// The next chunk for libcurl; `nil` where there is none, which is remembered: `put` will say so.
  func take() -> [UInt8]? {
    let (chunk, pump) = state.withLock { state -> ([UInt8]?, CheckedContinuation<Bool, Never>?) in
      guard !state.chunks.isEmpty else {
        state.isStarved = true
        return (nil, nil)
      }
      let chunk = state.chunks.removeFirst()
      state.waitingBytes -= chunk.count
      guard state.waitingBytes <= limitBytes / 2 else { return (chunk, nil) }
      defer { state.pump = nil }
      return (chunk, state.pump)
    }
    pump?.resume(returning: true)
    return chunk
  }

  var isStarved: Bool { state.withLock(\.isStarved) }
  var isOver: Bool { state.withLock(\.isOver) }

  /// No more bytes are wanted; a waiting pump is told so, and what waits is let go.
  func end() {
    let pump = state.withLock { state -> CheckedContinuation<Bool, Never>? in
      state.isOver = true
      state.chunks = []
      defer { state.pump = nil }
      return state.pump
    }
    pump?.resume(returning: false)
  }
}
