// One request and its answer, as the caller's task and the transfer thread share them.

import Synchronization
import Threads

/// An answer as the transfer thread hands it over; the body is empty where it is pulled.
struct RawAnswer: Sendable {
  let head: RawHead
  let body: [UInt8]
}

/// What becomes of the body of an answer.
enum Delivery: Sendable {
  /// Collected and handed over at once.
  case whole(limitBytes: Int)
  /// Pulled from `Exchange.received`.
  case pulled
}

/// A request under way. Any thread may use it; all state is in its three locked parts.
///
/// Whoever fails it first says why. Every wait in it ends when it fails, so nobody waits for ever.
final class Exchange: Sendable {
  let request: CurlRequest
  let url: CheckedURL
  let delivery: Delivery
  let deadlines: CurlDeadlines
  let calledAt = SteadyClock.now()
  let answer = Promise<RawAnswer, CurlError>()
  let received: ReceiveBuffer
  let upload: SendBuffer
  private let mailbox: Mailbox

  init(
    _ request: CurlRequest, _ delivery: Delivery, settings: CurlSettings, mailbox: Mailbox
  ) throws(CurlError) {
    try RequestRules.check(request)
    url = try CheckedURL(request.url)
    (self.request, self.delivery, self.mailbox) = (request, delivery, mailbox)
    deadlines = request.deadlines ?? settings.deadlines
    received = ReceiveBuffer(limitBytes: max(16 << 10, settings.bufferBytes))
    upload = SendBuffer(limitBytes: max(16 << 10, settings.bufferBytes))
  }

  /// Starts the request and waits for its answer, feeding a streamed body meanwhile.
  func run() async throws(CurlError) -> RawAnswer {
    let result = await withTaskCancellationHandler {
      if case .stream(let length, let source) = request.body {
        await answerWhilePumping(BodyPump(exchange: self, length: length, source: source))
      } else {
        await startAndWait()
      }
    } onCancel: {
      breakOff(CurlError(.cancelled, "the task was cancelled host=`\(url.place)`"))
    }
    return try result.get()
  }

  /// The next bytes of a pulled body.
  func nextChunk() async throws(CurlError) -> [UInt8]? {
    let result = await withTaskCancellationHandler {
      await received.next { resume() }
    } onCancel: {
      breakOff(CurlError(.cancelled, "the task was cancelled host=`\(url.place)`"))
    }
    return try result.get()
  }

  /// Fails every wait at once and has the transfer thread end the transfer. Too late is harmless.
  func breakOff(_ error: CurlError) {
    fail(error, keepingReceived: false)
    mailbox.post(.drop(self))
  }

  /// - Parameter keepingReceived: bytes that came before the failure are still handed out.
  func fail(_ error: CurlError, keepingReceived: Bool) {
    answer.settle(.failure(error))
    received.end(error, keepingBytes: keepingReceived)
    upload.end()
  }

  /// There are bytes for an upload that ran dry, or there is room for an answer that had none.
  func resume() { mailbox.post(.resume(self)) }

  private func startAndWait() async -> Result<RawAnswer, CurlError> {
    await answer.value {
      if let refusal = mailbox.start(self) { answer.settle(.failure(refusal)) }
    }
  }

  /// The pump belongs to this call: it is cancelled and awaited before the answer is handed back.
  private func answerWhilePumping(_ pump: BodyPump) async -> Result<RawAnswer, CurlError> {
    guard pump.length > 0 else {
      // Nothing would hold the request back until its source has shown that it is empty.
      await pump.run()
      return await startAndWait()
    }
    return await withTaskGroup(of: Void.self) { group in
      group.addTask { await pump.run() }
      let result = await startAndWait()
      upload.end()
      group.cancelAll()
      return result
    }
  }
}
