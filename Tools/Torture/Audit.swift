// Compares what the server has with what it acknowledged.

import ArchiveTesting
import Foundation

/// Reads conversations while nobody writes, and holds them against the ledger.
struct Audit {
  let ledger: Ledger
  let client: ChatClient

  /// Reads a conversation in pages in both directions; throws a `Loss` for anything that is not as acknowledged.
  func check(_ conversation: String, pageLimit: Int) async throws {
    let upwards = try await messages(of: conversation, upwards: true, limit: pageLimit)
    let downwards = try await messages(of: conversation, upwards: false, limit: pageLimit)
    guard upwards == downwards else {
      throw Loss("reading upwards and downwards differs in \(conversation)")
    }
    try compare(upwards, in: conversation)
  }

  /// All messages of a conversation, read page by page in one direction.
  func messages(of conversation: String, upwards: Bool, limit: Int) async throws
    -> [ShownMessage]
  {
    var messages: [ShownMessage] = []
    let path = "/api/conversations/\(conversation)/messages?limit=\(limit)"
    var place = upwards ? "&after=0" : ""
    while true {
      let answer = await client.ask(.get, path + place)
      if answer.isUnknown { throw Unavailable(description: "\(path)\(place): \(answer)") }
      guard case .status(200, _) = answer else {
        throw Loss("reading \(conversation)\(place): \(answer)")
      }
      let page = try answer.decoded(ShownPage.self).items
      guard let first = page.first, let last = page.last else { return messages }
      messages = upwards ? messages + page : page + messages
      place = upwards ? "&after=\(last.seq)" : "&before=\(first.seq)"
    }
  }

  /// Holds everything that a conversation shows against the ledger.
  func compare(_ shown: [ShownMessage], in conversation: String) throws {
    var seen: Set<String> = []
    var lastSeq: Int64 = 0
    var lastNumber: [Int: Int] = [:]
    for message in shown {
      let place = "\(conversation) seq \(message.seq)"
      guard message.seq > lastSeq else { throw Loss("out of order: \(place)") }
      lastSeq = message.seq
      guard let id = message.clientId, let sent = ledger[id], sent.conversation == conversation
      else { throw Loss("nobody sent what is in \(place)") }
      guard seen.insert(id).inserted else { throw Loss("\(id) is there twice: \(place)") }
      guard sent.senderID == message.senderId else { throw Loss("\(id) has another sender") }
      if let seq = sent.seq, seq != message.seq {
        throw Loss("\(id) was acknowledged as seq \(seq) and is \(place)")
      }
      guard sent.number > lastNumber[sent.lane] ?? 0 else {
        throw Loss("\(id) is behind a later message of its sender: \(place)")
      }
      lastNumber[sent.lane] = sent.number
      try settle(sent, as: message, place)
    }
    for sent in ledger.sent(in: conversation) where sent.seq != nil && !seen.contains(sent.clientID)
    {
      throw Loss("\(sent.clientID) was acknowledged as seq \(sent.seq ?? 0) and is not there")
    }
  }

  /// What was seen once must stay.
  private func settle(_ sent: Sent, as message: ShownMessage, _ place: String) throws {
    let state = message.deletedAt == nil ? MessageState.text(message.text ?? "") : .deleted
    guard sent.mayShow(state) else {
      throw Loss(
        "\(sent.clientID) shows \(state.summary) and not \(sent.settled.summary), or one of "
          + "\(sent.possible.map(\.summary)): \(place)")
    }
    ledger.update(sent.clientID) { $0.seq = message.seq }
    ledger.settle(sent.clientID, state)
  }

  /// Reads an export: seqs 1, 2, 3 … without a gap, every message with the text that was sent.
  func check(export path: String, of conversation: String) throws {
    let text = try String(contentsOfFile: path, encoding: .utf8)
    var expected: Int64 = 0
    var seen: Set<String> = []
    for line in text.split(separator: "\n") {
      let entry: ShownMessage
      do { entry = try JSONDecoder().decode(ShownMessage.self, from: Data(line.utf8)) } catch {
        throw Loss("a line of the export of \(conversation) is no entry: \(error)")
      }
      expected += 1
      guard entry.seq == expected else {
        throw Loss("the export of \(conversation) has seq \(entry.seq) in the place of \(expected)")
      }
      guard entry.kind == "message" else { continue }
      guard let id = entry.clientId, let sent = ledger[id], sent.original == entry.text,
        seen.insert(id).inserted
      else { throw Loss("the export of \(conversation) is altered at seq \(entry.seq)") }
    }
    for sent in ledger.sent(in: conversation) where sent.seq != nil && !seen.contains(sent.clientID)
    {
      throw Loss("the export of \(conversation) lacks \(sent.clientID)")
    }
  }
}
