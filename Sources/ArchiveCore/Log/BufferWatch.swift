// What this process knows about the buffer: who appended what, shared by the appender and the archivist.

internal import Synchronization

/// The flush schedule behind a lock, and a bell that rings when a conversation is due for its size.
///
/// `Mutex` for a few fields, never held across an await. Safe from any thread.
final class BufferWatch: Sendable {
  private struct State {
    var schedule: FlushSchedule
    /// What a flush has in hand: still in the buffer until it is archived.
    var taken = (bytes: 0, conversations: 0)
    var bell: CheckedContinuation<Void, Never>?
    var isRung = false

    mutating func count(_ changed: [ConversationID: FlushSchedule.Pending], _ sign: Int) {
      taken.bytes += sign * changed.values.reduce(0) { $0 + $1.bytes }
      taken.conversations += sign * changed.count
    }
  }

  private let state: Mutex<State>
  private let limitBytes: Int

  init(settings: LogSettings) {
    state = Mutex(State(schedule: FlushSchedule(settings: settings)))
    limitBytes = settings.bufferLimitBytes
  }

  /// Whether so much is buffered that no more is accepted.
  var isFull: Bool { size.bytes >= limitBytes }

  /// Bytes and conversations that wait to be archived.
  var size: (bytes: Int, conversations: Int) {
    state.withLock {
      ($0.schedule.bytes + $0.taken.bytes, $0.schedule.pending.count + $0.taken.conversations)
    }
  }

  func noted(_ conversation: ConversationID, bytes: Int, at time: Duration) {
    let isDue = state.withLock { $0.schedule.noted(conversation, bytes: bytes, at: time) }
    if isDue { ring() }
  }

  /// Notes what an earlier process left, unless this one knows of the conversation already.
  func recovered(_ conversation: ConversationID, bytes: Int, at time: Duration) {
    state.withLock { state in
      guard state.schedule.pending[conversation] == nil else { return }
      _ = state.schedule.noted(conversation, bytes: bytes, at: time)
    }
  }

  /// What a flush is about to archive; it counts as buffered until `archived` or `giveBack`.
  func take(_ conversations: [ConversationID]) -> [ConversationID: FlushSchedule.Pending] {
    state.withLock { state in
      var taken: [ConversationID: FlushSchedule.Pending] = [:]
      for conversation in conversations { taken[conversation] = state.schedule.take(conversation) }
      state.count(taken, 1)
      return taken
    }
  }

  func archived(_ taken: [ConversationID: FlushSchedule.Pending]) {
    state.withLock { $0.count(taken, -1) }
  }

  func giveBack(_ taken: [ConversationID: FlushSchedule.Pending]) {
    state.withLock { state in
      state.count(taken, -1)
      for (conversation, pending) in taken { state.schedule.giveBack(conversation, pending) }
    }
  }

  func due(at time: Duration) -> [ConversationID] { state.withLock { $0.schedule.due(at: time) } }

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
