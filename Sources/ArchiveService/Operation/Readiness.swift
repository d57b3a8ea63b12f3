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
  private var questions: [String: Task<String, Never>] = [:]
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
    var checks: [String: String] = [:]
    for name in pings.keys { ask(name) }
    for (name, question) in questions { checks[name] = await answer(to: question) }
    if isDraining { checks["service"] = "shutting down" }
    let isReady = checks.values.allSatisfy { $0 == "ok" }
    return Report(status: isReady ? "ready" : "unready", checks: checks)
  }

  private func ask(_ name: String) {
    guard questions[name] == nil, let ping = pings[name] else { return }
    questions[name] = Task {
      var answer = "ok"
      do throws(StoreError) { try await ping() } catch { answer = error.kind.rawValue }
      questions[name] = nil
      return answer
    }
  }

  /// The answer, or that there was none in time. The question goes on and is joined by the next check.
  private func answer(to question: Task<String, Never>) async -> String {
    let (answers, continuation) = AsyncStream.makeStream(of: String.self)
    let (deadline, sleep) = (deadline, surroundings.sleep)
    let timeout = Task {
      do { try await sleep(deadline) } catch { return }
      continuation.yield("no answer in time")
    }
    let relay = Task { continuation.yield(await question.value) }
    defer {
      timeout.cancel()
      relay.cancel()
    }
    for await answer in answers { return answer }
    return "no answer in time"
  }
}
