// The client that everybody shares: mails in, the server's word out.

import Foundation
import Threads

/// Sends mails through libcurl, one after another, on one thread of its own.
///
/// Any task may send, and waits without holding a thread. Every mail ends within `totalDeadline` of its turn.
/// Cancelling a task takes its mail back while it waits, and breaks it off before the server could take it over; after
/// that the server has some more seconds for its answer, and then the outcome is unknown. Letting go of the client ends the thread; `close` also waits for it.
public final class SMTPClient: Sendable {
  private let settings: SMTPSettings
  private let queue: MailQueue
  private let ending = ThreadEnding()

  /// - Throws: `untrusted` for settings that would give a password away, `invalidMessage` for others that cannot work,
  ///   `closed` where libcurl cannot start.
  public init(settings: SMTPSettings) throws(SMTPError) {
    try settings.check()
    try GlobalInit.run()
    self.settings = settings
    let queue = MailQueue(limit: settings.queueLimit)
    self.queue = queue
    let ending = ending
    let thread = Thread {
      Signals.block()
      while let job = queue.take() { job.answer.settle(MailTransfer.run(job, settings)) }
      ending.reached()
    }
    thread.name = "smtp"
    thread.start()
  }

  deinit { queue.close() }

  /// Returns the server's reply when it has taken the mail over, for all recipients; where it refuses one of them,
  /// nobody gets it.
  @discardableResult
  public func send(_ message: MailMessage) async throws(SMTPError) -> SMTPReply {
    guard message.to.count <= settings.recipientLimit else {
      throw SMTPError(
        .invalidMessage, "the mail has too many recipients limit=`\(settings.recipientLimit)`")
    }
    // No encoding makes it smaller; so what is far too large is not encoded first.
    try checkSize(message.text.utf8.count + (message.html?.utf8.count ?? 0))
    let content = try message.bytes()
    try checkSize(content.count)
    let envelope = Envelope(
      from: message.from.address.text, to: message.to.map(\.address.text), content: content)
    return try await run(MailJob(envelope)) ?? SMTPReply(code: 250)
  }

  /// Connects, encrypts and signs in as for a mail, and sends none.
  public func probe() async throws(SMTPError) { _ = try await run(MailJob(nil)) }

  /// Refuses what waits, and returns when the thread has ended. More than once is harmless.
  public func close() async {
    queue.close()
    await ending.wait()
  }

  private func checkSize(_ bytes: Int) throws(SMTPError) {
    guard bytes <= settings.messageLimitBytes else {
      throw SMTPError(
        .invalidMessage,
        "the mail is too large bytes=`\(bytes)` limit=`\(settings.messageLimitBytes)`")
    }
  }

  private func run(_ job: MailJob) async throws(SMTPError) -> SMTPReply? {
    let answer = await withTaskCancellationHandler {
      await job.answer.value {
        if let refusal = queue.add(job) { job.answer.settle(.failure(refusal)) }
      }
    } onCancel: {
      queue.cancel(job)
    }
    return try answer.get()
  }
}
