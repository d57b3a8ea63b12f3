// What waits for the sending thread.

import Dispatch
import Synchronization
import Threads

/// Sender, recipients and bytes of one mail.
struct Envelope: Sendable {
  let from: String
  let to: [String]
  let content: [UInt8]
}

/// One mail, or a look at the server, that a task waits for. Its result is there once.
final class MailJob: Sendable {
  /// `nil`: no mail, only everything before it.
  let envelope: Envelope?
  let dialogue = Dialogue()
  let answer = Promise<SMTPReply?, SMTPError>()

  init(_ envelope: Envelope?) { self.envelope = envelope }
}

/// First in, first out, bounded: adding never waits, a full queue refuses. Taking blocks the thread.
final class MailQueue: Sendable {
  private struct State {
    var waiting: [MailJob] = []
    var isClosed = false
  }

  private let state = Mutex(State())
  private let work = DispatchSemaphore(value: 0)
  private let limit: Int

  init(limit: Int) { self.limit = limit }

  /// `nil` when the job was taken in.
  func add(_ job: MailJob) -> SMTPError? {
    state.withLock { state in
      if state.isClosed { return SMTPError(.closed, "the client was closed") }
      // Cancelled between the call and now.
      if job.dialogue.isCancelled { return SMTPError(.cancelled, "the task was cancelled") }
      guard state.waiting.count < limit else {
        return SMTPError(.busy, "too many mails wait limit=`\(limit)`")
      }
      state.waiting.append(job)
      work.signal()
      return nil
    }
  }

  /// The oldest job; `nil` once the queue is closed.
  func take() -> MailJob? {
    while true {
      work.wait()
      let (job, isOver) = state.withLock { state in
        (state.waiting.isEmpty ? nil : state.waiting.removeFirst(), state.isClosed)
      }
      if job != nil || isOver { return job }
    }
  }

  /// Breaks it off: at once while it waits, soon when its dialogue has begun.
  func cancel(_ job: MailJob) {
    let wasWaiting = state.withLock { state in
      job.dialogue.cancel()
      guard let index = state.waiting.firstIndex(where: { $0 === job }) else { return false }
      state.waiting.remove(at: index)
      return true
    }
    if wasWaiting { job.answer.settle(.failure(SMTPError(.cancelled, "the task was cancelled"))) }
  }

  /// Takes no more; what waits is refused.
  func close() {
    let refused = state.withLock { state in
      defer { state.waiting = [] }
      state.isClosed = true
      return state.waiting
    }
    for job in refused { job.answer.settle(.failure(SMTPError(.closed, "the client was closed"))) }
    work.signal()
  }
}
