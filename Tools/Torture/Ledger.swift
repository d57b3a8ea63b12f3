// What the clients sent, and what the server said about it: the truth that it is held to.

import Synchronization

/// What a message shows now.
enum MessageState: Hashable, Sendable {
  case text(String)
  case deleted

  /// Enough of it to know it again.
  var summary: String {
    switch self {
    case .text(let text): "«\(text.prefix(40))» of \(text.utf8.count) bytes"
    case .deleted: "that it is deleted"
    }
  }
}

/// One message that a client decided to send.
struct Sent: Sendable {
  let conversation: String
  let lane: Int
  /// 1, 2, 3 … in its lane.
  let number: Int
  let clientID: String
  let senderID: String
  let original: String
  /// Known once it was acknowledged, or seen.
  var seq: Int64?
  /// The last state that was acknowledged or seen.
  var settled: MessageState
  /// States that were asked for since, whose fate is unknown.
  var possible: [MessageState] = []
  /// Every state that was ever asked for.
  private(set) var asked: Set<MessageState>

  init(
    conversation: String, lane: Int, number: Int, clientID: String, senderID: String, text: String
  ) {
    (self.conversation, self.lane, self.number) = (conversation, lane, number)
    (self.clientID, self.senderID, original) = (clientID, senderID, text)
    settled = .text(text)
    asked = [settled]
  }

  /// Somebody asks for a change whose fate is unknown for now.
  mutating func ask(for state: MessageState) {
    possible.append(state)
    asked.insert(state)
  }

  /// Once a deletion was tried, only the deletion is tried again.
  var mayBeChanged: Bool { settled != .deleted && !possible.contains(.deleted) }

  /// What is deleted stays deleted.
  func mayShow(_ state: MessageState) -> Bool {
    state == settled || (settled != .deleted && possible.contains(state))
  }
}

/// All messages of a run. The mutex guards them; lanes change only their own.
final class Ledger: Sendable {
  /// A server that is paused carries out later what nobody waits for any more; one that is killed does not.
  let mayBeCarriedOutLate: Bool
  private let messages = Mutex<[String: Sent]>([:])
  /// How often something acknowledged was not seen for a moment, while the database changed its primary.
  private let delays = Mutex(0)
  /// How often the server acknowledged something.
  private let acknowledgements = Mutex(0)

  init(mayBeCarriedOutLate: Bool = false) { self.mayBeCarriedOutLate = mayBeCarriedOutLate }

  var count: Int { messages.withLock { $0.count } }
  var acknowledgedCount: Int { acknowledgements.withLock { $0 } }
  var delayCount: Int { delays.withLock { $0 } }
  subscript(clientID: String) -> Sent? { messages.withLock { $0[clientID] } }

  func note(_ sent: Sent) { messages.withLock { $0[sent.clientID] = sent } }
  func countDelay() { delays.withLock { $0 += 1 } }
  func countAcknowledgement() { acknowledgements.withLock { $0 += 1 } }

  func update(_ clientID: String, _ change: (inout Sent) -> Void) {
    messages.withLock { messages in
      guard var sent = messages[clientID] else { return }
      change(&sent)
      messages[clientID] = sent
    }
  }

  /// A state was acknowledged or seen.
  func settle(_ clientID: String, _ state: MessageState) {
    update(clientID) {
      $0.settled = state
      if !mayBeCarriedOutLate { $0.possible = [] }
    }
  }

  /// The messages of one conversation.
  func sent(in conversation: String) -> [Sent] {
    messages.withLock { $0.values.filter { $0.conversation == conversation } }
  }
}
