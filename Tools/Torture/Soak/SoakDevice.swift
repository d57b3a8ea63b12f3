// One tab or telephone of somebody, which talks, vanishes, and comes back with what it has.

import ArchiveTesting
import Foundation
import LoadClient
import NIOCore

/// A socket and what it has heard; on the event loop of its crowd only.
final class SoakDevice {
  /// What is to be acknowledged.
  private enum Question {
    case join(String)
    case send
  }

  /// What is said again until it is acknowledged.
  struct Saying {
    let conversation: String
    let clientID: String
    let text: String
  }

  let client: SocketClient
  let person: Town.Person
  private(set) var logs: [String: HeardLog]
  private(set) var saying: Saying?
  private(set) var spokenCount = 0
  private(set) var losses = 0
  var random: SeededGenerator
  private var questions: [Int: Question] = [:]
  private var lastQuestion = 0
  private var joinsLeft = 0
  /// When a gap was first seen, for one that does not close.
  private var gapSince: NIODeadline?
  private let ledger: SoakLedger

  /// Everything that comes is handed out at once; a gap of that age is one.
  private static let gapPatience = TimeAmount.seconds(5)

  init(
    _ client: SocketClient, _ person: Town.Person, in conversations: [String],
    ledger: SoakLedger, random: SeededGenerator
  ) {
    (self.client, self.person, self.ledger, self.random) = (client, person, ledger, random)
    logs = Dictionary(uniqueKeysWithValues: conversations.map { ($0, HeardLog()) })
  }

  /// It has everything and may talk.
  var isReady: Bool { client.isLive && joinsLeft == 0 && saying == nil }
  var hasGap: Bool { logs.values.contains { $0.hasGap } }

  // MARK: What it does

  /// Says something new in one of its conversations.
  func say() {
    guard isReady, let conversation = logs.keys.sorted().randomElement(using: &random) else {
      return
    }
    spokenCount += 1
    let clientID = "d\(client.number)n\(spokenCount)"
    let padding = String(repeating: "Zoë 🚀 \"\\\n", count: random.int(0...12))
    saying = Saying(conversation: conversation, clientID: clientID, text: clientID + " " + padding)
    ledger.asked(clientID, by: person.id)
    repeatSaying()
  }

  private func repeatSaying() {
    guard let saying, client.isLive else { return }
    ask(
      .send, "sendMessage",
      ["conversationId": saying.conversation, "clientId": saying.clientID, "text": saying.text])
  }

  private func join(_ conversation: String) {
    let after = logs[conversation]?.lastSeq ?? 0
    ask(.join(conversation), "joinConversation", ["conversationId": conversation, "after": after])
  }

  private func ask(_ question: Question, _ event: String, _ argument: [String: Any]) {
    lastQuestion += 1
    questions[lastQuestion] = question
    // What the soak itself makes is valid JSON.
    guard let data = try? JSONSerialization.data(withJSONObject: [event, argument]) else { return }
    client.send(String(decoding: data, as: UTF8.self), number: lastQuestion)
  }

  // MARK: What happens to it

  func isLive() {
    joinsLeft = logs.count
    for conversation in logs.keys.sorted() {
      logs[conversation]?.reconnect()
      join(conversation)
    }
  }

  func ended() {
    if client.wasLive { losses += 1 }
    (questions, joinsLeft, gapSince) = ([:], 0, nil)
  }

  func heard(_ payload: ByteBuffer) throws {
    let event = try JSONDecoder().decode(HeardEvent.self, from: Data(payload.readableBytesView))
    guard let entry = event.entry else { return }
    guard logs[entry.conversationId] != nil else {
      throw Loss("heard of \(entry.conversationId), to which \(person.id) does not belong")
    }
    let isOwn = entry.clientId?.hasPrefix("d\(client.number)n") ?? false
    let isSending = saying?.conversation == entry.conversationId
    try logs[entry.conversationId]?.take(entry, isOwn: isOwn, isSending: isSending)
  }

  /// An answer came. Returns true where what was said was refused for now.
  func acknowledged(_ number: Int, _ payload: ByteBuffer) throws -> Bool {
    guard let question = questions.removeValue(forKey: number) else {
      throw Loss("question \(number) is answered twice, or was not asked on this connection")
    }
    let answers = try JSONDecoder().decode([Answered].self, from: Data(payload.readableBytesView))
    guard answers.count == 1, let answer = answers.first else { throw Loss("not one answer") }
    switch question {
    case .join(let conversation):
      guard answer.ok, let messages = answer.messages, let last = answer.lastSeq,
        let hasMore = answer.hasMore
      else { throw Loss("joining \(conversation) was answered \(String(buffer: payload))") }
      try logs[conversation]?.take(messages, upTo: last, isLast: !hasMore)
      if hasMore { join(conversation) } else { joined() }
    case .send:
      guard answer.ok else { return true }
      guard let entry = answer.message else { throw Loss("what was sent is not in its answer") }
      try settle(entry)
    }
    return false
  }

  /// What was not acknowledged on an earlier connection is said again before anything new.
  private func joined() {
    joinsLeft -= 1
    if joinsLeft == 0 { repeatSaying() }
  }

  private func settle(_ entry: Heard) throws {
    guard let said = saying, said.clientID == entry.clientId, said.text == entry.text,
      said.conversation == entry.conversationId, entry.senderId == person.id
    else { throw Loss("something else was acknowledged: \(entry)") }
    try ledger.acknowledged(said.clientID, seq: entry.seq)
    try logs[said.conversation]?.take(acknowledged: entry)
    saying = nil
  }

  /// Says again what was refused.
  func retry() { if isReadyToRepeat { repeatSaying() } }
  private var isReadyToRepeat: Bool { client.isLive && joinsLeft == 0 && saying != nil }

  /// A gap that lasts is a loss; called now and then.
  func checkGap() throws {
    guard hasGap else { return gapSince = nil }
    let since = gapSince ?? .now()
    gapSince = since
    guard .now() - since < Self.gapPatience else {
      let places = logs.filter { $0.value.hasGap }.map { "\($0.key) after \($0.value.lastSeq)" }
      throw Loss("what is missing does not come: \(places.joined(separator: ", "))")
    }
  }
}
