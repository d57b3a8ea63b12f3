// One client in one conversation: says one thing after the other.

import ArchiveTesting
import Foundation

/// How somebody talks.
struct Manner: Sendable {
  /// The lengths of texts.
  let bytes: ClosedRange<Int>
  /// Messages in a burst, and the milliseconds between two bursts.
  let burst: ClosedRange<Int>
  let pause: ClosedRange<Int>

  static let slow = Manner(bytes: 3...300, burst: 1...2, pause: 250...700)
  static let busy = Manner(bytes: 200...4000, burst: 4...10, pause: 20...120)
}

/// Sends, retries, edits and deletes; what is not acknowledged is retried before anything else.
struct Lane: Sendable {
  let id: Int
  let conversation: String
  let senderID: String
  let token: String
  let manner: Manner
  let ledger: Ledger
  var random: SeededGenerator
  private(set) var number = 0
  private(set) var pending: String?
  /// The node that was asked last.
  private var door = 0
  /// Acknowledged messages that may still be edited.
  private var own: [String] = []

  /// How long a new primary may take to show what the majority has.
  private static let delay = Duration.seconds(3)

  private struct Body: Encodable {
    let text: String
    let clientId: String
  }

  init(
    id: Int, conversation: String, senderID: String, token: String, manner: Manner,
    ledger: Ledger, random: SeededGenerator
  ) {
    (self.id, self.conversation, self.senderID) = (id, conversation, senderID)
    (self.token, self.manner, self.ledger, self.random) = (token, manner, ledger, random)
  }

  /// Talks until there is no answer so many times in a row, or the task is cancelled.
  mutating func talk(to client: ChatClient, patience: Int) async throws {
    var client = client
    client.token = token
    var failures = 0
    while !Task.isCancelled {
      for _ in 0..<random.int(manner.burst) {
        failures = try await act(client) ? 0 : failures + 1
        if failures >= patience || Task.isCancelled { return }
        if failures > 0 { try? await Task.sleep(for: .milliseconds(50)) }
      }
      // A cancelled pause is the end of the round.
      try? await Task.sleep(for: .milliseconds(random.int(manner.pause)))
    }
  }

  /// Retries what is open; false while the server does not take it.
  mutating func settle(with client: ChatClient) async throws -> Bool {
    var client = client
    client.token = token
    guard let pending else { return true }
    client.door = nextDoor()
    return try await post(pending, client)
  }

  /// Any node for something new, and the next one for what was not acknowledged.
  private mutating func nextDoor() -> Int {
    door = pending == nil ? random.int(0...99) : door + 1
    return door
  }

  /// One act; false where its fate is unknown.
  private mutating func act(_ client: ChatClient) async throws -> Bool {
    var client = client
    client.door = nextDoor()
    if let pending { return try await post(pending, client) }
    switch random.int(1...20) {
    case 1...2: return try await edit(client)
    case 3: return try await delete(client)
    case 4: return try await repeatAcknowledged(client)
    case 5: return try await readPage(client)
    default: return try await say(client)
    }
  }

  /// Sends a new message.
  mutating func say(_ client: ChatClient, bytes: Int? = nil) async throws -> Bool {
    var client = client
    client.token = token
    number += 1
    let sent = Sent(
      conversation: conversation, lane: id, number: number, clientID: "l\(id)n\(number)",
      senderID: senderID, text: text("l\(id)n\(number)", bytes: bytes ?? random.int(manner.bytes)))
    ledger.note(sent)
    pending = sent.clientID
    return try await post(sent.clientID, client)
  }

  /// Random letters, so that compression does not hide a full disk.
  private mutating func text(_ name: String, bytes: Int) -> String {
    let alphabet = Array("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_".utf8)
    var text = Array((name + (random.oneIn(4) ? " Zoë 🚀\n\"\\" : " ")).utf8)
    while text.count < bytes {
      var bits = random.next()
      for _ in 0..<10 {
        text.append(alphabet[Int(bits & 63)])
        bits >>= 6
      }
    }
    return String(decoding: text, as: UTF8.self)
  }

  private mutating func post(_ clientID: String, _ client: ChatClient) async throws -> Bool {
    guard let sent = ledger[clientID] else { throw Loss("the ledger lost \(clientID)") }
    let body = try JSONEncoder().encode(Body(text: sent.original, clientId: clientID))
    let answer = await client.ask(.post, "/api/conversations/\(conversation)/messages", data: body)
    if answer.isUnknown { return false }
    let shown = try message(answer, "sending \(clientID)", allowed: [200, 201])
    if let seq = sent.seq, seq != shown.seq {
      throw Loss("a retry of \(clientID) got seq \(shown.seq) after \(seq)")
    }
    ledger.update(clientID) { $0.seq = shown.seq }
    ledger.countAcknowledgement()
    if pending == clientID {
      pending = nil
      own.append(clientID)
      if own.count > 30 { own.removeFirst() }
    }
    return true
  }

  private mutating func repeatAcknowledged(_ client: ChatClient) async throws -> Bool {
    guard !own.isEmpty else { return true }
    return try await post(random.pick(own), client)
  }

  private mutating func edit(_ client: ChatClient) async throws -> Bool {
    guard let target = changeable() else { return true }
    let text = text("\(target.clientID) edited", bytes: random.int(manner.bytes))
    ledger.update(target.clientID) { $0.ask(for: .text(text)) }
    let answer = await client.ask(.patch, path(target), ["text": text])
    if answer.isUnknown || isDelayed(answer) { return false }
    _ = try message(answer, "editing \(target.clientID)", allowed: [200])
    settled(target, .text(text))
    return true
  }

  private mutating func delete(_ client: ChatClient) async throws -> Bool {
    guard let target = changeable() else { return true }
    ledger.update(target.clientID) { $0.ask(for: .deleted) }
    let answer = await client.ask(.delete, path(target))
    if answer.isUnknown || isDelayed(answer) { return false }
    guard case .status(204, _) = answer else {
      throw Loss("deleting \(target.clientID): \(answer)")
    }
    settled(target, .deleted)
    return true
  }

  private mutating func readPage(_ client: ChatClient) async throws -> Bool {
    let limit = random.int(1...200)
    let check = PageCheck(ledger, conversation)
    let path = "/api/conversations/\(conversation)/messages?limit=\(limit)"
    let answer = await client.ask(.get, path)
    if answer.isUnknown { return false }
    do {
      try check.check(try answer.decoded(ShownPage.self))
    } catch {
      guard ledger.mayBeCarriedOutLate else { throw error }
      // While the primary changes, what was acknowledged may be out of sight for a moment, and no longer.
      try? await Task.sleep(for: Self.delay)
      let later = await client.ask(.get, path)
      if later.isUnknown { return false }
      try check.check(try later.decoded(ShownPage.self))
      ledger.countDelay()
    }
    return true
  }

  /// Whether a message that was acknowledged is out of sight for such a moment.
  private func isDelayed(_ answer: Answer) -> Bool {
    guard ledger.mayBeCarriedOutLate, case .status(404, _) = answer else { return false }
    ledger.countDelay()
    return true
  }

  private mutating func changeable() -> Sent? {
    let candidates = own.compactMap { ledger[$0] }.filter { $0.mayBeChanged && $0.seq != nil }
    return candidates.isEmpty ? nil : random.pick(candidates)
  }

  private func path(_ sent: Sent) -> String {
    "/api/conversations/\(conversation)/messages/\(sent.seq ?? 0)"
  }

  private func settled(_ sent: Sent, _ state: MessageState) {
    ledger.settle(sent.clientID, state)
    ledger.countAcknowledgement()
  }

  private func message(_ answer: Answer, _ what: String, allowed: [Int]) throws -> ShownMessage {
    guard case .status(let code, let data) = answer else { throw Loss("\(what): no answer") }
    guard allowed.contains(code) else {
      throw Loss("\(what): status \(code), \(String(decoding: data, as: UTF8.self))")
    }
    return try answer.decoded(ShownMessage.self)
  }
}
