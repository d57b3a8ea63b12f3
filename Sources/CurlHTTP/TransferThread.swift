// The thread on which libcurl runs.

import Glibc
import Synchronization

/// Owns the thread of a client: starts it, ends it.
final class TransferThread: Sendable {
  let mailbox: Mailbox
  private let thread: pthread_t
  private let ending: ThreadEnding

  init(settings: CurlSettings) throws(CurlError) {
    let multi = try MultiHandle(connectionLimit: settings.connectionLimit)
    mailbox = Mailbox(multi: multi, requestLimit: settings.requestLimit)
    ending = ThreadEnding()
    let start = ThreadStart(multi: multi, mailbox: mailbox, settings: settings, ending: ending)
    thread = try Self.spawn(start)
  }

  deinit {
    mailbox.close()
    if ending.claimJoin() { pthread_detach(thread) }
  }

  /// Breaks everything off, and returns when the thread has ended.
  func stop() async {
    mailbox.close()
    await ending.wait()
    // The thread is at its last instruction by now, so this does not block.
    if ending.claimJoin() { pthread_join(thread, nil) }
  }

  private static func spawn(_ start: ThreadStart) throws(CurlError) -> pthread_t {
    var thread = pthread_t()
    let context = Unmanaged.passRetained(start)
    let code = pthread_create(&thread, nil, threadMain, context.toOpaque())
    guard code == 0 else {
      context.release()
      throw CurlError(.closed, "no thread can be started", code: Int(code))
    }
    return thread
  }
}

private let threadMain: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = {
  context in
  if let context { Unmanaged<ThreadStart>.fromOpaque(context).takeRetainedValue().main() }
  return nil
}

/// What the thread needs; it holds the owner of the thread not, so that letting go of that ends it.
private final class ThreadStart: Sendable {
  private let multi: Mutex<MultiHandle?>
  private let mailbox: Mailbox
  private let settings: CurlSettings
  private let ending: ThreadEnding

  init(multi: MultiHandle, mailbox: Mailbox, settings: CurlSettings, ending: ThreadEnding) {
    self.multi = Mutex(multi)
    (self.mailbox, self.settings, self.ending) = (mailbox, settings, ending)
  }

  func main() {
    blockSignals()
    runLoop()
    ending.reached()
  }

  /// In a function of its own: at its end the multi handle is freed, and with it all connections are closed.
  private func runLoop() {
    guard let multi = multi.withLock({ $0.take() }) else { return }
    TransferLoop(multi: multi, mailbox: mailbox, settings: settings).run()
  }

  /// Signals are for the threads that wait for them; a SIGPIPE of a TLS write must not end the process.
  private func blockSignals() {
    var all = sigset_t()
    sigfillset(&all)
    pthread_sigmask(SIG_BLOCK, &all, nil)
  }
}

/// The end of the thread, for any number who wait for it.
private final class ThreadEnding: Sendable {
  private struct State {
    var isReached = false
    var isJoinClaimed = false
    var waiters: [CheckedContinuation<Void, Never>] = []
  }

  private let state = Mutex(State())

  func wait() async {
    await withCheckedContinuation { continuation in
      let isReached = state.withLock { state in
        if !state.isReached { state.waiters.append(continuation) }
        return state.isReached
      }
      if isReached { continuation.resume() }
    }
  }

  func reached() {
    let waiters = state.withLock { state in
      state.isReached = true
      defer { state.waiters = [] }
      return state.waiters
    }
    for waiter in waiters { waiter.resume() }
  }

  /// True for the first who asks: a thread is joined or detached once.
  func claimJoin() -> Bool {
    state.withLock { state in
      defer { state.isJoinClaimed = true }
      return !state.isJoinClaimed
    }
  }
}
