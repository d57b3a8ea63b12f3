// What a page may show while everybody writes.

/// Holds a page that was read amid the turmoil against what was certain when it was asked for.
struct PageCheck {
  let ledger: Ledger
  let conversation: String
  /// What was acknowledged before the page was asked for.
  private let certain: [String: Int64]

  init(_ ledger: Ledger, _ conversation: String) {
    (self.ledger, self.conversation) = (ledger, conversation)
    certain = ledger.sent(in: conversation).reduce(into: [:]) { $0[$1.clientID] = $1.seq }
  }

  /// - Parameter page: the newest messages. It may have fewer than were asked for, where many were edited, and say that
  ///   there are more.
  func check(_ page: ShownPage) throws {
    let seqs = page.items.map(\.seq)
    guard seqs == Array(Set(seqs)).sorted() else { throw Loss("a page is out of order: \(seqs)") }
    for message in page.items {
      guard let id = message.clientId, let sent = ledger[id], sent.conversation == conversation
      else { throw Loss("nobody sent what a page has as seq \(message.seq) of \(conversation)") }
      let state = message.deletedAt == nil ? MessageState.text(message.text ?? "") : .deleted
      guard sent.asked.contains(state) else {
        throw Loss("a page shows \(id) as nobody asked for: seq \(message.seq) of \(conversation)")
      }
    }
    let first = page.next == nil ? 0 : seqs.first ?? .max
    let present = Set(seqs)
    for (id, seq) in certain where seq >= first && !present.contains(seq) {
      throw Loss("a page lacks \(id), acknowledged as seq \(seq) of \(conversation)")
    }
  }
}
