// Clients that append, each as soon as its last message is durable.

import ArchiveCore

/// So many clients at once, each in a conversation of its own.
struct AppendLoad: Sendable {
  let clients: Int
  let limit: Duration

  init(_ given: BenchArguments) throws(BenchError) {
    (clients, limit) = (try given.number(1), try given.duration(2))
  }

  /// - Parameter log: one that follows changes.
  func run(on log: BenchLog) async throws -> String {
    let texts = BenchTexts.make(1024)
    // Every conversation's newest place is known, as it is in a server that runs for a while.
    for client in 0..<clients { _ = try await log.log.head(of: BenchLog.conversation(client)) }
    let gauge = Gauge()
    let end = ContinuousClock().now.advanced(by: limit)
    let count = try await withThrowingTaskGroup(of: Int.self) { group in
      for client in 0..<clients {
        group.addTask {
          var count = 0
          while ContinuousClock().now < end {
            try await log.send(count, to: client, texts[(client + count) % texts.count])
            count += 1
          }
          return count
        }
      }
      return try await group.reduce(0, +)
    }
    return gauge.line(count: count)
  }

  /// So many messages in the first conversation; not measured. Prints the conversation.
  static func fill(_ messages: Int, _ log: BenchLog) async throws {
    let texts = BenchTexts.make(1024)
    let lanes = 64
    try await withThrowingTaskGroup(of: Void.self) { group in
      for lane in 0..<lanes {
        group.addTask {
          for number in stride(from: lane, to: messages, by: lanes) {
            try await log.send(number, to: 0, texts[number % texts.count])
          }
        }
      }
      try await group.waitForAll()
    }
    print(#"{"conversation": "\#(BenchLog.conversation(0))"}"#)
  }
}

/// Texts as chats have them: words, some short, some long, the same in every run.
enum BenchTexts {
  private static let words = [
    "order", "please", "the", "delivery", "is", "late", "thanks", "picture", "когда", "invoice",
    "attached", "yes", "tomorrow", "address", "we", "will", "check", "спасибо", "size", "colour",
  ]

  static func make(_ count: Int) -> [String] {
    var state: UInt64 = 42
    func random() -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33)
    }
    return (0..<count).map { _ in
      (0..<(3 + random() % 24)).map { _ in words[random() % words.count] }.joined(separator: " ")
    }
  }
}
