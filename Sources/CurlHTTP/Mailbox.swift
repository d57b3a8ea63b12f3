// What other threads want of the transfer thread.

import Synchronization

/// One wish.
enum Command: Sendable {
  /// Only `Mailbox.start` makes it, which counts.
  case start(Exchange)
  /// A paused direction may go on.
  case resume(Exchange)
  /// The transfer is to end; its exchange has failed already.
  case drop(Exchange)
}

/// Commands for the transfer thread, in order, from any thread. It is woken only when it sleeps: a wake-up
/// is a system call, and under load nearly all of them can be saved.
final class Mailbox: Sendable {
  private struct State {
    var commands: [Command] = []
    var requests = 0
    var isAwake = true
    /// `nil` once closed: nobody may wake what is being torn down.
    var multi: MultiHandle?
  }

  private let state: Mutex<State>
  private let requestLimit: Int

  init(multi: MultiHandle, requestLimit: Int) {
    state = Mutex(State(multi: multi))
    self.requestLimit = max(1, requestLimit)
  }

  /// Starts a request, or says why not.
  func start(_ exchange: Exchange) -> CurlError? {
    state.withLock { state in
      guard state.multi != nil else { return CurlError(.closed, "the client is closed") }
      guard state.requests < requestLimit else {
        return CurlError(.busy, "too many requests at once limit=`\(requestLimit)`")
      }
      state.requests += 1
      Self.add(.start(exchange), to: &state)
      return nil
    }
  }

  func post(_ command: Command) {
    state.withLock { if $0.multi != nil { Self.add(command, to: &$0) } }
  }

  /// From now on everything is refused, and the thread ends what it has.
  func close() {
    state.withLock { state in
      state.multi?.wakeUp()
      state.multi = nil
    }
  }

  // MARK: The transfer thread's side

  /// All commands so far; those behind the closing of the mailbox have to be refused.
  func take() -> (commands: [Command], isOpen: Bool) {
    state.withLock { state in
      state.isAwake = true
      defer { state.commands.removeAll(keepingCapacity: true) }
      return (state.commands, state.multi != nil)
    }
  }

  /// Whether the thread may sleep; from then on a command wakes it.
  func fallAsleep() -> Bool {
    state.withLock { state in
      guard state.commands.isEmpty, state.multi != nil else { return false }
      state.isAwake = false
      return true
    }
  }

  /// A started request is over. Called before its caller hears of it, so that the caller may start the next.
  func requestEnded() { state.withLock { $0.requests -= 1 } }

  private static func add(_ command: Command, to state: inout State) {
    state.commands.append(command)
    guard !state.isAwake else { return }
    state.isAwake = true
    state.multi?.wakeUp()
  }
}
