// The loop of the transfer thread.

internal import CCurl
import Threads

/// Drives all transfers of one client. Made, used and let go on one thread; nothing in it is locked.
///
/// Waiting requests are kept here and not in libcurl: only as many transfers are added as there may be
/// connections, so that the deadline for connecting measures connecting.
final class TransferLoop {
  /// A request that has no connection yet.
  private struct Waiting {
    let exchange: Exchange
    var watch: DeadlineWatch
  }

  /// Few enough that `CurlSettings.bufferBytes` is not filled by one delivery.
  private static let gatheringRounds = 2

  let settings: CurlSettings
  private let multi: MultiHandle
  private let mailbox: Mailbox
  private var waiting: [Waiting] = []
  private var active: [ObjectIdentifier: Transfer] = [:]
  private var resting: [EasyHandle] = []
  private var undelivered: [Transfer] = []
  private var nextCheck = SteadyInstant.never

  init(multi: MultiHandle, mailbox: Mailbox, settings: CurlSettings) {
    (self.multi, self.mailbox, self.settings) = (multi, mailbox, settings)
  }

  /// Returns when the mailbox is closed, with every exchange settled.
  func run() {
    while true {
      let (commands, isOpen) = mailbox.take()
      for command in commands { obey(command) }
      guard isOpen else { return breakOffAll() }
      admit()
      multi.perform()
      finishEnded()
      gather()
      deliver()
      checkDeadlinesWhenDue()
      if (waiting.isEmpty || isFull) && mailbox.fallAsleep() {
        multi.poll(milliseconds: nextCheck.milliseconds(after: SteadyClock.now()))
      }
    }
  }

  // MARK: For transfers

  /// Bytes of this one wait to be handed over at the end of the round, in few and large pieces.
  func deliverSoon(_ transfer: Transfer) {
    if undelivered.last !== transfer { undelivered.append(transfer) }
  }

  func checkDeadlines(noLaterThan instant: SteadyInstant) { nextCheck = min(nextCheck, instant) }

  // MARK: A round

  private func obey(_ command: Command) {
    switch command {
    case .start(let exchange): enqueue(exchange)
    case .resume(let exchange):
      guard let transfer = active[ObjectIdentifier(exchange)] else { return }
      let code = transfer.resume()
      if code != CURLE_OK { end(transfer) { $0.finish(code) } }
    case .drop(let exchange): drop(exchange)
    }
  }

  private func enqueue(_ exchange: Exchange) {
    // Cancelled before it began.
    guard !exchange.answer.isSettled else { return mailbox.requestEnded() }
    let watch = DeadlineWatch(
      exchange.deadlines, uploadBytes: exchange.request.announcedLength ?? 0,
      calledAt: exchange.calledAt)
    waiting.append(Waiting(exchange: exchange, watch: watch))
    checkDeadlines(noLaterThan: watch.nextCheck(after: exchange.calledAt))
  }

  private func drop(_ exchange: Exchange) {
    if let transfer = active[ObjectIdentifier(exchange)] {
      end(transfer) { _ in }
    } else if let index = waiting.firstIndex(where: { $0.exchange === exchange }) {
      waiting.remove(at: index)
      mailbox.requestEnded()
    }
  }

  private var isFull: Bool { active.count >= max(1, settings.connectionLimit) }

  private func admit() {
    let free = max(0, max(1, settings.connectionLimit) - active.count)
    for entry in waiting.prefix(free) { begin(entry) }
    waiting.removeFirst(min(free, waiting.count))
  }

  private func begin(_ entry: Waiting) {
    do throws(CurlError) {
      let handle = try rested()
      let transfer = Transfer(entry.exchange, handle, entry.watch, loop: self)
      try transfer.aim()
      let code = multi.add(handle)
      guard code == CURLM_OK else {
        throw CurlError(.unreachable, "libcurl takes no transfer", code: Int(code.rawValue))
      }
      active[ObjectIdentifier(entry.exchange)] = transfer
      transfer.begin()
    } catch {
      mailbox.requestEnded()
      entry.exchange.fail(error, keepingReceived: false)
    }
  }

  private func rested() throws(CurlError) -> EasyHandle {
    if let handle = resting.popLast() { return handle }
    return try EasyHandle(settings)
  }

  private func finishEnded() {
    while let (raw, result) = multi.nextEnded() {
      guard let transfer = EasyHandle.transfer(of: raw) else { continue }
      end(transfer) { $0.finish(result) }
    }
  }

  /// The handle leaves libcurl first, then others hear of it.
  private func end(_ transfer: Transfer, tell: (Transfer) -> Void) {
    multi.remove(transfer.handle)
    active[ObjectIdentifier(transfer.exchange)] = nil
    mailbox.requestEnded()
    tell(transfer)
    transfer.handle.rest()
    resting.append(transfer.handle)
  }

  /// Reads on while sockets have more at once: to wake a reader costs as much as to receive a piece.
  private func gather() {
    var rounds = 0
    while rounds < Self.gatheringRounds, undelivered.contains(where: \.expectsMuch), multi.isReady()
    {
      multi.perform()
      finishEnded()
      rounds += 1
    }
  }

  private func deliver() {
    for transfer in undelivered { transfer.deliver() }
    undelivered.removeAll(keepingCapacity: true)
  }

  private func checkDeadlinesWhenDue() {
    guard nextCheck != .never else { return }
    let now = SteadyClock.now()
    guard now >= nextCheck else { return }
    nextCheck = .never
    for transfer in Array(active.values) {
      enforce(transfer.checkDeadlines(at: now), on: transfer.exchange)
    }
    for index in waiting.indices.reversed() {
      let verdict = waiting[index].watch.check(
        at: now, uploaded: 0, downloaded: 0, isOurTurn: false)
      enforce(verdict, on: waiting[index].exchange)
    }
  }

  private func enforce(_ verdict: DeadlineWatch.Verdict, on exchange: Exchange) {
    switch verdict {
    case .inTime(let next): checkDeadlines(noLaterThan: next)
    case .passed(let deadline):
      let wasConnected = active[ObjectIdentifier(exchange)]?.wasConnected ?? false
      let kind: CurlError.Kind = wasConnected ? .timedOut : .unreachable
      exchange.fail(
        CurlError(kind, "the \(deadline.rawValue) deadline passed host=`\(exchange.url.place)`"),
        keepingReceived: true)
      drop(exchange)
    }
  }

  private func breakOffAll() {
    let closed = CurlError(.closed, "the client was closed")
    for transfer in Array(active.values) {
      end(transfer) { $0.exchange.fail(closed, keepingReceived: false) }
    }
    for entry in waiting { entry.exchange.fail(closed, keepingReceived: false) }
    (waiting, resting, undelivered) = ([], [], [])
  }
}
