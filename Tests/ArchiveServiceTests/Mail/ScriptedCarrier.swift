// A carrier that does what a test tells it to.

import ArchiveCore
import Synchronization

@testable import ArchiveService

/// Takes letters over, or throws the planned errors first. Remembers all that it was handed.
final class ScriptedCarrier: LetterCarrier {
  private struct State {
    var errors: [MailError?] = []
    var isAway = false
    var carried: [Letter] = []
    var ids: [String] = []
    var tries = 0
    var gate: [CheckedContinuation<Void, Never>] = []
    var isHolding = false
    var inHand: [CheckedContinuation<Void, Never>] = []
  }

  private let state = Mutex(State())

  /// The next calls end with these, one each; `nil` succeeds.
  func plan(_ errors: [MailError?]) { state.withLock { $0.errors = errors } }
  func setAway(_ isAway: Bool) { state.withLock { $0.isAway = isAway } }

  var carried: [Letter] { state.withLock(\.carried) }
  /// Of the queued letters that were taken over.
  var ids: [String] { state.withLock(\.ids) }
  var tries: Int { state.withLock(\.tries) }

  /// From now on letters stay in hand until `letGo`.
  func hold() { state.withLock { $0.isHolding = true } }

  func letGo() {
    let waiting = state.withLock { state in
      defer { state.gate = [] }
      state.isHolding = false
      return state.gate
    }
    for each in waiting { each.resume() }
  }

  /// Returns when a letter is held.
  func waitUntilInHand() async {
    await withCheckedContinuation { continuation in
      let isThere = state.withLock { state in
        if state.gate.isEmpty { state.inHand.append(continuation) }
        return !state.gate.isEmpty
      }
      if isThere { continuation.resume() }
    }
  }

  func carry(_ letter: Letter, _ queued: QueuedLetter) async throws(MailError) {
    if state.withLock(\.isHolding) {
      await withCheckedContinuation { continuation in
        let waiting = state.withLock { state in
          state.gate.append(continuation)
          defer { state.inHand = [] }
          return state.inHand
        }
        for each in waiting { each.resume() }
      }
    }
    let error: MailError? = state.withLock { state in
      state.tries += 1
      if state.isAway { return MailError(.away, "nobody there") }
      let error = state.errors.isEmpty ? nil : state.errors.removeFirst()
      if error == nil {
        state.carried.append(letter)
        state.ids.append(queued.id)
      }
      return error
    }
    if let error { throw error }
  }
}
