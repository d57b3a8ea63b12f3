// Compares what several nodes show: with each other, and with what was acknowledged.

import ArchiveTesting
import Foundation

/// Reads conversations on all nodes while nobody writes.
struct NodesAudit {
  let ledger: Ledger
  let client: ChatClient
  let nodes: Int

  /// What a node still did for clients that gave up may come this late; and so may news of other nodes.
  private static let patience = Duration.seconds(20)
  private let clock = ContinuousClock()

  init(ledger: Ledger, client: ChatClient, nodes: Int) {
    (self.ledger, self.client, self.nodes) = (ledger, client, nodes)
  }

  /// Where a conversation ends, as a list of conversations shows it.
  private struct Head: Decodable, Equatable {
    let lastSeq: Int64
    let unread: Int64
  }

  /// Returns how long the last of the nodes took to know the newest head.
  func check(_ conversation: String, pageLimit: Int) async throws -> Duration {
    // Each node upwards, and the first one downwards as well.
    let shown: [ShownMessage] = try await agreed(
      "the messages of \(conversation)", views: nodes + 1
    ) { view in
      try await audit(view % nodes)
        .messages(of: conversation, upwards: view < nodes, limit: pageLimit)
    }
    try audit(0).compare(shown, in: conversation)
    let start = clock.now
    let head: Head = try await agreed("the head of \(conversation)", views: nodes) { view in
      try await readHead(of: conversation, at: view)
    }
    guard head.lastSeq >= shown.last?.seq ?? 0 else {
      throw Loss("the head of \(conversation) is \(head.lastSeq), below its newest message")
    }
    return clock.now - start
  }

  private func audit(_ door: Int) -> Audit {
    var client = client
    client.door = door
    return Audit(ledger: ledger, client: client)
  }

  private func readHead(of conversation: String, at door: Int) async throws -> Head {
    let answer = await audit(door).client.ask(.get, "/api/conversations/\(conversation)")
    if answer.isUnknown { throw Unavailable(description: "\(conversation): \(answer)") }
    return try answer.decoded(Head.self)
  }

  /// What all nodes show, once they show the same.
  private func agreed<Value: Equatable>(
    _ what: String, views: Int, _ read: (Int) async throws -> Value
  ) async throws -> Value {
    let deadline = clock.now + Self.patience
    while true {
      let problem: String
      do {
        let first = try await read(0)
        var others: [Value] = []
        for view in 1..<max(views, 2) { others.append(try await read(view % views)) }
        if others.allSatisfy({ $0 == first }) { return first }
        problem = "the nodes show it differently"
      } catch let error as Unavailable {
        problem = "\(error)"
      }
      guard clock.now < deadline else {
        throw Loss("\(what), after \(Self.patience): \(problem)")
      }
      try await Task.sleep(for: .milliseconds(200))
    }
  }
}
