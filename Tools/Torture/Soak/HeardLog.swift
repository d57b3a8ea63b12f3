// A conversation as one device knows it, held against what the server promises at every step.

/// Everything from seq 1 on, without a gap.
///
/// The promise: the answer to `joinConversation` has everything behind `after` that was durable, and everything that was
/// heard before it on the same connection; from it on come exactly the entries behind it, each once, in rising seq.
/// Only what the device itself says may come out of turn, because it comes as an acknowledgement.
struct HeardLog: Sendable {
  /// What each entry said; the first has seq 1.
  private(set) var digests: [Int] = []
  /// Entries behind one that is not there yet, with whether each came as an acknowledgement.
  private var ahead: [Int64: (digest: Int, isOwn: Bool)] = [:]
  /// Live entries before the answer.
  private var early: [Int64: Int] = [:]
  private var lastLive: Int64 = 0
  private(set) var isCaughtUp = false
  /// Own messages that came as events as well, after a retry.
  private(set) var echoes = 0

  var lastSeq: Int64 { Int64(digests.count) }
  var hasGap: Bool { !ahead.isEmpty }

  /// A new connection: what is not in line is asked for again.
  mutating func reconnect() {
    (ahead, early, lastLive, isCaughtUp) = ([:], [:], 0, false)
  }

  /// A part of what was missed; `isLast` where there is no more.
  mutating func take(_ missed: [Heard], upTo last: Int64, isLast: Bool) throws(Loss) {
    for entry in missed {
      guard entry.seq == lastSeq + 1 else {
        throw Loss("an answer behind seq \(lastSeq) goes on with \(entry.seq)")
      }
      digests.append(entry.digest)
    }
    guard last == lastSeq else { throw Loss("an answer up to \(last) ends with \(lastSeq)") }
    guard isLast else { return }
    isCaughtUp = true
    for (seq, digest) in early {
      guard seq <= lastSeq else {
        throw Loss("an answer up to \(lastSeq) lacks \(seq), heard before it")
      }
      try compare(digest, at: seq)
    }
    (early, lastLive) = ([:], lastSeq)
  }

  /// A live entry.
  ///
  /// - Parameters:
  ///   - isOwn: this device said it, before its connection was lost.
  ///   - isSending: something that the device says now may lie in between.
  mutating func take(_ entry: Heard, isOwn: Bool, isSending: Bool) throws(Loss) {
    guard isCaughtUp else {
      early[entry.seq] = entry.digest
      return
    }
    guard entry.seq > lastLive else { throw Loss("seq \(entry.seq) is heard after \(lastLive)") }
    lastLive = entry.seq
    if entry.seq <= lastSeq || ahead[entry.seq] != nil {
      guard isOwn else { throw Loss("seq \(entry.seq) is heard twice") }
      echoes += 1
      return try compare(entry.digest, at: entry.seq)
    }
    ahead[entry.seq] = (entry.digest, false)
    advance()
    guard !hasGap || isSending || ahead.contains(where: { $0.value.isOwn }) else {
      throw Loss("seq \(entry.seq) is heard after \(lastSeq)")
    }
  }

  /// What the device said was acknowledged.
  mutating func take(acknowledged entry: Heard) throws(Loss) {
    if entry.seq <= lastSeq { return try compare(entry.digest, at: entry.seq) }
    if let other = ahead[entry.seq], other.digest != entry.digest {
      throw Loss("seq \(entry.seq) is heard and acknowledged differently")
    }
    guard isCaughtUp else { return }
    ahead[entry.seq] = (entry.digest, true)
    advance()
  }

  private mutating func advance() {
    while let next = ahead.removeValue(forKey: lastSeq + 1) { digests.append(next.digest) }
  }

  private func compare(_ digest: Int, at seq: Int64) throws(Loss) {
    guard seq >= 1, seq <= lastSeq, digests[Int(seq) - 1] == digest else {
      if ahead[seq]?.digest == digest { return }
      throw Loss("seq \(seq) is not what it was")
    }
  }
}
