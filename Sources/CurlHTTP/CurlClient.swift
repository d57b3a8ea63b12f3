// The client that everybody shares: requests in, answers out.

/// Sends HTTP requests through libcurl.
///
/// One thread does all transfers; any task may send, and waits without holding a thread. Cancelling a task
/// that waits breaks its transfer off. Letting go of the client ends the thread; `close` also waits for it.
public final class CurlClient: Sendable {
  private let settings: CurlSettings
  private let thread: TransferThread

  /// - Throws: `invalidRequest` for settings that cannot work, `closed` where libcurl or its thread cannot start.
  public init(settings: CurlSettings = CurlSettings()) throws(CurlError) {
    try settings.check()
    self.settings = settings
    thread = try TransferThread(settings: settings)
  }

  /// Returns when the head of the answer is complete; its body is pulled by the caller.
  ///
  /// A streamed body is read to its end before this returns, unless the server refuses it earlier (a status
  /// of 300 or above): then the upload stops, and its source is cancelled.
  public func send(_ request: CurlRequest) async throws(CurlError) -> CurlResponse {
    let exchange = try begin(request, .pulled)
    let raw = try await exchange.run()
    let reader = ResponseReader(exchange: exchange, thread: thread)
    return CurlResponse(head: raw.head.parsed) { () async throws(CurlError) in
      try await reader.next()
    }
  }

  /// Returns when the whole answer is there; `answerTooLarge` above `limitBytes`.
  public func fetch(_ request: CurlRequest, limitBytes: Int) async throws(CurlError) -> CurlAnswer {
    let raw = try await begin(request, .whole(limitBytes: limitBytes)).run()
    return CurlAnswer(head: raw.head.parsed, body: raw.body)
  }

  /// Breaks off what is under way, and returns when the thread has ended. More than once is harmless.
  public func close() async { await thread.stop() }

  private func begin(_ request: CurlRequest, _ delivery: Delivery) throws(CurlError) -> Exchange {
    try Exchange(request, delivery, settings: settings, mailbox: thread.mailbox)
  }
}

/// Reads one body; the last who lets go of it breaks off what has not been read.
private final class ResponseReader: Sendable {
  private let exchange: Exchange
  /// An answer can be read to its end even when nobody holds the client any longer.
  private let thread: TransferThread

  init(exchange: Exchange, thread: TransferThread) {
    (self.exchange, self.thread) = (exchange, thread)
  }

  deinit {
    // Nothing to break off once the end has come, which is the rule; a command would wake the thread.
    if !exchange.received.hasEnded {
      exchange.breakOff(CurlError(.cancelled, "nobody reads the answer"))
    }
  }

  func next() async throws(CurlError) -> [UInt8]? { try await exchange.nextChunk() }
}

extension CurlSettings {
  /// Refuses here what would fail with every request.
  fileprivate func check() throws(CurlError) {
    if let proxy {
      guard proxy.lowercased().hasPrefix("http://"),
        proxy.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f })
      else { throw CurlError(.invalidRequest, "the proxy is not of the form http://host:port") }
    }
    guard userAgent.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7f }) else {
      throw CurlError(.invalidRequest, "the user agent has control characters")
    }
  }
}
