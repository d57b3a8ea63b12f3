// The thread on which libcurl runs.

import Glibc
import Synchronization
import Threads

/// Owns the thread of a client: starts it, ends it.
final class TransferThread: Sendable {
  let mailbox: Mailbox
  private let thread: pthread_t
  private let ending: ThreadEnding
  private let isJoinClaimed = Mutex(false)

  init(settings: CurlSettings) throws(CurlError) {
    let multi = try MultiHandle(connectionLimit: settings.connectionLimit)
    mailbox = Mailbox(multi: multi, requestLimit: settings.requestLimit)
    ending = ThreadEnding()
    let start = ThreadStart(multi: multi, mailbox: mailbox, settings: settings, ending: ending)
    thread = try Self.spawn(start)
  }

  deinit {
    mailbox.close()
    if claimJoin() { pthread_detach(thread) }
  }

  /// Breaks everything off, and returns when the thread has ended.
  func stop() async {
    mailbox.close()
    await ending.wait()
    // The thread is at its last instruction by now, so this does not block.
    if claimJoin() { pthread_join(thread, nil) }
  }

  /// True for the first who asks: a thread is joined or detached once.
  private func claimJoin() -> Bool {
    isJoinClaimed.withLock { isClaimed in
      defer { isClaimed = true }
      return !isClaimed
    }
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
    Signals.block()
    runLoop()
    ending.reached()
  }

  /// In a function of its own: at its end the multi handle is freed, and with it all connections are closed.
  private func runLoop() {
    guard let multi = multi.withLock({ $0.take() }) else { return }
    TransferLoop(multi: multi, mailbox: mailbox, settings: settings).run()
  }
}
