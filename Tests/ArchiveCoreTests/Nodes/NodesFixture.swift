// Several nodes on one store, and readers who go live on one of them.

import ArchiveCore
import ArchiveTesting
import Synchronization
import Testing

extension LogFixture {
  /// Runs these nodes while `body` moves the clock; all hear one another when it begins.
  static func whileRunning(_ nodes: [LogFixture], _ body: () async throws -> Void) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for node in nodes { group.addTask { await node.log.run() } }
      await nodes[0].clock.waitForSleepers(nodes.count)
      for node in nodes {
        await eventually {
          node.log.measurements.isFollowing && node.documents.callCount(.changes) >= 2
        }
      }
      do {
        try await body()
      } catch {
        group.cancelAll()
        throw error
      }
      group.cancelAll()
    }
  }
}

/// Somebody who shows a conversation live, as `LiveEntries` says one should.
final class Reader: Sendable {
  private struct State {
    var seqs: [Int64] = []
    var texts: [String] = []
    var ends: [LiveEnd] = []
  }

  let node: LogFixture
  let conversation: ConversationID
  private let queueLimit: Int
  private let state = Mutex(State())

  init(_ node: LogFixture, _ conversation: ConversationID, queueLimit: Int = 1024) {
    (self.node, self.conversation, self.queueLimit) = (node, conversation, queueLimit)
  }

  var seqs: [Int64] { state.withLock(\.seqs) }
  var texts: [String] { state.withLock(\.texts) }
  var ends: [LiveEnd] { state.withLock(\.ends) }

  /// Reads and listens until the log stops or the task is cancelled.
  func run() async {
    while !Task.isCancelled {
      let live = node.log.liveEntries(in: conversation, queueLimit: queueLimit)
      do {
        try await catchUp()
        for try await entry in live where entry.seq > seqs.last ?? 0 { note(entry) }
        return
      } catch let end as LiveEnd {
        state.withLock { $0.ends.append(end) }
      } catch {
        // The store failed; like a client, try again.
        await Task.yield()
      }
    }
  }

  private func catchUp() async throws {
    while true {
      let page = try await node.log.entries(in: conversation, after: seqs.last ?? 0, limit: 3)
      for entry in page { note(entry) }
      if page.count < 3 { return }
    }
  }

  private func note(_ entry: Entry) {
    state.withLock { state in
      state.seqs.append(entry.seq)
      state.texts.append(entry.text ?? "")
    }
  }
}
