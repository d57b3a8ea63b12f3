// Which socket an own message came from, so that it is not told what it has just said.

import ArchiveCore

/// Finds the socket that sent an entry, which may be handed out before its sender knows its seq.
///
/// By `clientId` where there is one, which is exact; otherwise by what was said. Of two sockets of one user that say the
/// same at the same moment each may be taken for the other: then the seq tells, and what a socket was not told is
/// handed back by `end`.
struct SendsInFlight {
  struct Ticket: Hashable { let number: UInt64 }

  private struct Send {
    let ticket: Ticket
    let socket: SocketID
    let user: UserID
    let clientID: String?
    let text: String?
    let files: [String]
    let replyTo: Int64?
    /// Once it is known.
    var seq: Int64?
    /// The entry that was not told to the socket.
    var left: (seq: Int64, event: LiveEvent)?
  }

  private var sends: [ConversationID: [Send]] = [:]
  private var lastNumber: UInt64 = 0

  /// A socket is about to send.
  mutating func begin(
    _ socket: SocketID, of user: UserID, in id: ConversationID, text: String?,
    files: [String] = [], replyTo: Int64?, clientID: String?
  ) -> Ticket {
    lastNumber += 1
    let ticket = Ticket(number: lastNumber)
    sends[id, default: []].append(
      Send(
        ticket: ticket, socket: socket, user: user, clientID: clientID, text: text, files: files,
        replyTo: replyTo))
    return ticket
  }

  /// The entry is handed out: who is not told, because its answer says it.
  mutating func origin(of entry: Entry, _ event: LiveEvent) -> SocketID? {
    guard !sends.isEmpty, var some = sends[entry.conversationID] else { return nil }
    let index =
      some.firstIndex { $0.seq == entry.seq }
      ?? some.firstIndex { send in
        send.seq == nil && send.left == nil && send.user == entry.senderID
          && send.clientID == entry.clientID && send.text == entry.text
          && send.files == entry.files.map(\.id.description)
          && send.replyTo == entry.replyTo
      }
    guard let index else { return nil }
    let socket = some[index].socket
    if some[index].seq == nil {
      some[index].left = (entry.seq, event)
    } else {
      some.remove(at: index)
    }
    sends[entry.conversationID] = some.isEmpty ? nil : some
    return socket
  }

  /// The send has ended. Returns what the socket was not told and does not have from the answer.
  ///
  /// - Parameters:
  ///   - seq: of the entry; `nil` where nothing is known.
  ///   - isToCome: whether the entry is still to be handed out.
  mutating func end(_ ticket: Ticket, in id: ConversationID, seq: Int64?, isToCome: Bool)
    -> LiveEvent?
  {
    guard var some = sends[id], let index = some.firstIndex(where: { $0.ticket == ticket }) else {
      return nil
    }
    defer { sends[id] = some.isEmpty ? nil : some }
    if let left = some[index].left {
      some.remove(at: index)
      return left.seq == seq ? nil : left.event
    }
    if let seq, isToCome {
      some[index].seq = seq
    } else {
      some.remove(at: index)
    }
    return nil
  }

  /// Entries up to this one were handed out: nobody waits for them any more.
  mutating func settle(_ id: ConversationID, upTo seq: Int64) {
    guard var some = sends[id] else { return }
    some.removeAll { $0.seq.map { $0 <= seq } ?? false }
    sends[id] = some.isEmpty ? nil : some
  }

  mutating func forget(_ socket: SocketID) {
    for (id, some) in sends {
      let rest = some.filter { $0.socket != socket }
      if rest.count < some.count { sends[id] = rest.isEmpty ? nil : rest }
    }
  }
}
