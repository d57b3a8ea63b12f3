// What this process knows about the buffer: shared by the appender, the archivist and the follower of changes.

internal import Synchronization

/// The flush schedule behind a lock, and a bell that rings when a conversation is due for its size.
///
/// `Mutex` for a few fields, never held across an await. Safe from any thread.
final class BufferWatch: Sendable {
  private struct State {
    var schedule: FlushSchedule
    var bell: CheckedContinuation<Void, Never>?
    var isRung = false
    /// How often somebody asked for the buffer to be read, and how far that was done.
    var asked = 0
    var answered = 0
  }

  private let state: Mutex<State>
  private let limitBytes: Int

  init(settings: LogSettings) {
    state = Mutex(State(schedule: FlushSchedule(settings: settings)))
    limitBytes = settings.bufferLimitBytes
  }

  /// Whether so much is buffered that no more is accepted.
  var isFull: Bool { size.bytes >= limitBytes }

  /// Bytes and conversations that wait to be archived, by whichever process.
  var size: (bytes: Int, conversations: Int) {
    state.withLock { ($0.schedule.bytes, $0.schedule.pending.count) }
  }

  /// See `FlushSchedule.forget`.
  var tick: UInt64 { state.withLock { $0.schedule.tick } }

  /// Notes a durable entry; one that is known already counts once.
  func noted(_ conversation: ConversationID, _ seq: Int64, bytes: Int, at time: Duration) {
    let isDue = state.withLock { $0.schedule.noted(conversation, seq, bytes: bytes, at: time) }
    if isDue { ring() }
  }

  /// Notes that the conversation may have entries in the buffer of which nothing is known.
  func suspected(_ conversation: ConversationID, at time: Duration) {
    state.withLock { $0.schedule.suspected(conversation, at: time) }
  }

  /// Notes that entries up to a seq are archived; what is left was noted since that time.
  func archived(_ conversation: ConversationID, upTo seq: Int64, restSince time: Duration) {
    state.withLock { $0.schedule.archived(conversation, upTo: seq, restSince: time) }
  }

  /// Forgets a conversation of which nothing was found in the buffer, unless something was noted since that tick.
  func forget(_ conversation: ConversationID, unlessSince tick: UInt64) {
    state.withLock { $0.schedule.forget(conversation, unlessSince: tick) }
  }

  /// Forgets every conversation but these, unless something was noted since that tick.
  func forgetAll(but found: Set<ConversationID>, unlessSince tick: UInt64) {
    state.withLock { state in
      for conversation in state.schedule.pending.keys where !found.contains(conversation) {
        state.schedule.forget(conversation, unlessSince: tick)
      }
    }
  }

  func due(at time: Duration) -> [ConversationID] { state.withLock { $0.schedule.due(at: time) } }
}

// MARK: - Waking the archivist

extension BufferWatch {
  /// Asks the archivist to read what is buffered, because changes were missed.
  func askForReading() {
    state.withLock { $0.asked += 1 }
    ring()
  }

  /// The newest request that is not done, or `nil`.
  var openRequest: Int? { state.withLock { $0.asked > $0.answered ? $0.asked : nil } }

  /// Notes that the buffer was read since the request was made.
  func answered(_ request: Int) { state.withLock { $0.answered = max($0.answered, request) } }

  func ring() {
    let waiting = state.withLock { state in
      state.isRung = state.bell == nil
      defer { state.bell = nil }
      return state.bell
    }
    waiting?.resume()
  }

  /// Returns when the bell rings, or at once where it rang since the last call. One waiter at a time.
  func bellRang() async {
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isRung = state.withLock { state in
          if state.isRung || Task.isCancelled {
            state.isRung = false
            return true
          }
          state.bell = continuation
          return false
        }
        if isRung { continuation.resume() }
      }
    } onCancel: {
      ring()
    }
  }
}
