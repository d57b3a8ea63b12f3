// PUTs and objects for a million messages, with a clock that the bench moves.

import ArchiveCore
import ArgumentParser
import Foundation

/// `./dev bench puts`.
struct PutsBench: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "puts", abstract: "PUTs and objects per million messages, slow and busy.")

  @Option(help: "Messages to simulate for each case; figures are scaled to a million.")
  var messages = 200_000
  @Option(help: "Where to write; nothing here is timed, so memory is fine.") var directory =
    "/dev/shm"

  func run() async throws {
    let window = Duration.seconds(5)
    // (a) 1,000 conversations that each drip one message every 21 s: 238 of them in each window of 5 s.
    try await simulate("1,000 conversations, a message every 21 s each", conversations: 1000) {
      step in
      (0..<1000).filter { ($0 * 21_000 / 1000) / 5000 == step % 4 }
    } advance: { step in
      step % 4 == 3 ? .seconds(6) : window
    }
    // (b) ten that never stop: 200 messages in each window.
    try await simulate("10 busy conversations, 4 messages a second each", conversations: 10) { _ in
      (0..<200).map { $0 % 10 }
    } advance: { _ in
      window
    }
  }

  private func simulate(
    _ name: String, conversations: Int, senders: (Int) -> [Int], advance: (Int) -> Duration
  ) async throws {
    let clock = BenchClock(isManual: true)
    var settings = LogSettings()
    settings.orphanGrace = .seconds(3600)
    let archive = try await BenchArchive(in: directory, settings: settings, clock: clock)
    var texts = BenchTexts()
    var sent = 0
    var step = 0
    while sent < messages {
      let drafts = senders(step).map { ($0, texts.next()) }
      try await withThrowingTaskGroup(of: Void.self) { group in
        for (conversation, text) in drafts {
          group.addTask { try await archive.send(text, to: conversation) }
        }
        try await group.waitForAll()
      }
      sent += drafts.count
      clock.advance(by: advance(step))
      try await archive.log.archiveDue()
      step += 1
    }
    clock.advance(by: .seconds(60))
    try await archive.log.flush(nil)
    clock.advance(by: .seconds(2 * 3600))
    for _ in 0..<(archive.objects.puts / 50 + 200) { try await archive.log.archiveDue() }
    let scale = 1_000_000 / Double(sent)
    let puts = Double(archive.objects.puts) * scale
    print("\(name): per million messages")
    print("  PUTs            \(number(puts))")
    print("  objects kept    \(number(Double(archive.objects.objects) * scale))")
    print("  against one PUT a message: 1 / \(number(1_000_000 / max(puts, 1)))")
    try await archive.remove()
  }
}
