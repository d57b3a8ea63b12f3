// One request as the transfer thread sees it.

internal import CCurl
import Threads

/// Joins an exchange with the easy handle that carries it. Lives on the transfer thread.
final class Transfer {
  /// What became of bytes of a body.
  enum Taken { case taken, full, refused }

  let exchange: Exchange
  let handle: EasyHandle
  var watch: DeadlineWatch
  /// Why the transfer is being refused from within a callback.
  private(set) var verdict: CurlError?
  private(set) var wasConnected = false
  private(set) var isReceivePaused = false
  private(set) var isSendPaused = false
  private unowned let loop: TransferLoop
  private var head: HeadCollector
  private var upload: UploadCursor
  private var body: BodyCollector

  init(_ exchange: Exchange, _ handle: EasyHandle, _ watch: DeadlineWatch, loop: TransferLoop) {
    (self.exchange, self.handle, self.watch, self.loop) = (exchange, handle, watch, loop)
    head = HeadCollector(limitBytes: loop.settings.headLimitBytes)
    upload = UploadCursor(
      exchange.request.body, buffer: exchange.upload, mayRewind: exchange.request.mayBeResent)
    body = BodyCollector(exchange)
  }

  /// To be called once, before the handle is added to the multi handle.
  func aim() throws(CurlError) {
    try handle.aim(at: exchange, context: Unmanaged.passUnretained(self).toOpaque())
  }

  /// libcurl has it now.
  func begin() { noteDeadline { $0.connecting(at: $1) } }

  // MARK: What libcurl reports

  func connected() {
    wasConnected = true
    noteDeadline { $0.connected(at: $1) }
  }

  /// False breaks the transfer off.
  func takeHeadLine(_ line: UnsafeRawBufferPointer) -> Bool {
    if head.totalBytes == 0 { noteDeadline { $0.answerBegan(at: $1) } }
    switch head.add(line) {
    case .more: return true
    case .provisional: noteDeadline { $0.answerWasProvisional(at: $1) }
    case .complete: return headIsComplete()
    case .refused: refuse(.badAnswer, "the head of the answer is too large or no HTTP")
    }
    return verdict == nil
  }

  func takeBody(_ bytes: UnsafeRawBufferPointer) -> Taken {
    let taken = body.take(bytes)
    switch taken {
    case .taken: loop.deliverSoon(self)
    case .full: isReceivePaused = true
    case .refused: refuse(.answerTooLarge, "the body of the answer is too large")
    }
    return taken
  }

  /// `nil` where the source has to be waited for.
  func giveBody(_ room: UnsafeMutableRawBufferPointer) -> Int? {
    // 0 ends an upload that nobody wants any longer, without an error.
    guard isUploadOpen else { return 0 }
    let count = upload.copy(into: room)
    isSendPaused = count == nil
    if upload.isExhausted, head.isComplete { settleHead() }
    return count
  }

  func rewindBody(to offset: Int64) -> Bool { upload.rewind(to: offset) }

  // MARK: What the loop asks

  /// Hands over what arrived in this round.
  func deliver() { body.deliver() }

  /// Whether a round more may be worth waiting for before that.
  var expectsMuch: Bool { body.expectsMuch }

  /// Continues what was paused and need not be any longer.
  func resume() -> CURLcode {
    let receive = isReceivePaused && exchange.received.isPaused
    let send = isSendPaused && exchange.upload.isStarved && isUploadOpen
    guard receive != isReceivePaused || send != isSendPaused else { return CURLE_OK }
    noteDeadline { $0.resumed(at: $1) }
    // libcurl may call back from within, and pause again.
    (isReceivePaused, isSendPaused) = (receive, send)
    return handle.pause(receiving: receive, sending: send)
  }

  func checkDeadlines(at now: SteadyInstant) -> DeadlineWatch.Verdict {
    watch.check(
      at: now, uploaded: handle.uploadedBytes,
      downloaded: Int64(head.totalBytes) &+ body.totalBytes,
      isOurTurn: isUploadOpen ? isSendPaused : isReceivePaused)
  }

  /// Tells the exchange how libcurl's transfer ended.
  func finish(_ code: CURLcode) {
    if let error = failure(code) { return exchange.fail(error, keepingReceived: keepReceived()) }
    body.deliver()
    exchange.answer.settle(.success(RawAnswer(head: head.head, body: body.whole)))
    exchange.received.end()
    exchange.upload.end()
  }

  // MARK: Inside

  /// The server still wants bytes, or has not said that it does not.
  private var isUploadOpen: Bool {
    !upload.isExhausted && !(head.isComplete && head.head.status >= 300)
  }

  private func headIsComplete() -> Bool {
    guard body.expects(handle.announcedBytes, of: exchange.request.method) else {
      refuse(.answerTooLarge, "the body of the answer is too large")
      return false
    }
    // A success before the whole body was sent is believed at the end only; a refusal is handed back at
    // once, and libcurl has stopped sending.
    if !isUploadOpen {
      settleHead()
      // An upload that waits for its source is to see that it is over.
      if isSendPaused { exchange.resume() }
    }
    return true
  }

  private func settleHead() {
    exchange.upload.end()
    if case .pulled = exchange.delivery {
      exchange.answer.settle(.success(RawAnswer(head: head.head, body: [])))
    }
  }

  private func keepReceived() -> Bool {
    body.deliver()
    return true
  }

  private func failure(_ code: CURLcode) -> CurlError? {
    if let verdict { return verdict }
    let place = exchange.url.place
    guard code == CURLE_OK else {
      return CurlFailure.error(
        code, place: place, detail: handle.detail, wasConnected: wasConnected,
        hadSystemError: handle.hadSystemError)
    }
    guard head.isComplete else {
      return CurlError(.badAnswer, "the answer has no head host=`\(place)`")
    }
    guard !isUploadOpen else {
      return CurlError(.broken, "the answer came before the whole body was sent host=`\(place)`")
    }
    return nil
  }

  private func refuse(_ kind: CurlError.Kind, _ message: String) {
    if verdict == nil { verdict = CurlError(kind, "\(message) host=`\(exchange.url.place)`") }
  }

  private func noteDeadline(_ change: (inout DeadlineWatch, SteadyInstant) -> Void) {
    let now = SteadyClock.now()
    change(&watch, now)
    loop.checkDeadlines(noLaterThan: watch.nextCheck(after: now))
  }
}
