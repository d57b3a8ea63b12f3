// Whether the service can do its work now.

import ArchiveCore

/// Asks both stores, with a deadline, and remembers that the service is shutting down.
///
/// A store that hangs is asked once: later checks wait for that one question, each until its own
/// deadline, so that hanging checks cannot pile up.
actor Readiness {
  /// What a check found out.
  struct Report: Encodable, Sendable {
    /// `ready` or `unready`.
    let status: String
    /// For each part `ok`, or why it is not.
    let checks: [String: String]
    var isReady: Bool { status == "ready" }
  }

  private let pings: [String: @Sendable () async throws(StoreError) -> Void]
  private let deadline: Duration
  private let surroundings: Surroundings
  /// The stores that were asked and have not answered.
  private var questions: [String: Task<Void, Never>] = [:]
  /// Who waits for each answer, by number.
  private var waiting: [String: [Int: AsyncStream<String>.Continuation]] = [:]
  private var lastNumber = 0
  private var isDraining = false

  init(
    documents: any DocumentStore, objects: any ObjectStore, deadline: Duration,
    surroundings: Surroundings
  ) {
    pings = ["documents": documents.ping, "objects": objects.ping]
    (self.deadline, self.surroundings) = (deadline, surroundings)
  }

  /// From now on the service is not ready.
  func drain() { isDraining = true }

  func check() async -> Report {
    var checks = await withTaskGroup(of: (String, String).self) { group in
      for name in pings.keys { group.addTask { (name, await self.answer(of: name)) } }
      var checks: [String: String] = [:]
      for await (name, answer) in group { checks[name] = answer }
      return checks
    }
    if isDraining { checks["service"] = "shutting down" }
    let isReady = checks.values.allSatisfy { $0 == "ok" }
    return Report(status: isReady ? "ready" : "unready", checks: checks)
  }

  /// The store's answer, or that there was none in time. The question goes on all the same.
  private func answer(of name: String) async -> String {
    let (answers, continuation) = AsyncStream.makeStream(of: String.self)
    lastNumber += 1
    let number = lastNumber
    ask(name)
    waiting[name, default: [:]][number] = continuation
    let (deadline, sleep) = (deadline, surroundings.sleep)
    let timeout = Task {
      do { try await sleep(deadline) } catch { return }
      continuation.yield("no answer in time")
    }
    defer {
      timeout.cancel()
      waiting[name]?[number] = nil
    }
    return await answers.first { _ in true } ?? "no answer in time"
  }

  private func ask(_ name: String) {
    guard questions[name] == nil, let ping = pings[name] else { return }
    questions[name] = Task {
      var answer = "ok"
      do throws(StoreError) { try await ping() } catch { answer = error.kind.rawValue }
      questions[name] = nil
      waiting.removeValue(forKey: name)?.values.forEach { $0.yield(answer) }
    }
  }
}
