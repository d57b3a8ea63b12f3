// What was said in a soak, and what was acknowledged.

/// Every message by its `clientId`; on the event loop of the crowd only.
final class SoakLedger {
  /// Who said it, and its seq once that is known.
  struct Said: Sendable {
    let sender: String
    var seq: Int64?
  }

  private(set) var said: [String: Said] = [:]
  private(set) var acknowledgedCount = 0

  func asked(_ clientID: String, by sender: String) { said[clientID] = Said(sender: sender) }

  func acknowledged(_ clientID: String, seq: Int64) throws(Loss) {
    guard let known = said[clientID] else { throw Loss("nobody said \(clientID)") }
    if let before = known.seq, before != seq {
      throw Loss("\(clientID) is acknowledged as seq \(seq) after \(before)")
    }
    if known.seq == nil { acknowledgedCount += 1 }
    said[clientID]?.seq = seq
  }
}
