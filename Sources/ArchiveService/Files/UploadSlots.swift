// How many uploads come in at once.

import ArchiveCore
import Synchronization

/// The uploads that this node is receiving, counted by user. Each holds buffers on its way to the store, so their number
/// bounds memory.
///
/// Threads: any; the mutex guards the counts.
final class UploadSlots: Sendable {
  private struct State {
    var total = 0
    var byUser: [UserID: Int] = [:]
  }

  private let settings: ServiceSettings.Uploads
  private let state = Mutex(State())

  init(settings: ServiceSettings.Uploads) { self.settings = settings }

  /// Does the work in a slot of its own. Throws `tooMany` where the user has too many, `busy` where the node has.
  func with<Result>(_ user: UserID, _ work: () async throws -> Result) async throws -> Result {
    try enter(user)
    defer { leave(user) }
    return try await work()
  }

  private func enter(_ user: UserID) throws {
    let refusal: ServiceError? = state.withLock { state in
      let own = state.byUser[user, default: 0]
      guard own < settings.atOncePerUser else {
        return ServiceError(
          .tooMany, "you are sending too many files at once, try again", retryAfter: .seconds(5))
      }
      guard state.total < settings.atOnceLimit else {
        return ServiceError(
          .busy, "too many files are coming in, try again", retryAfter: .seconds(5))
      }
      state.total += 1
      state.byUser[user] = own + 1
      return nil
    }
    if let refusal { throw refusal }
  }

  private func leave(_ user: UserID) {
    state.withLock { state in
      state.total -= 1
      let own = state.byUser[user, default: 0] - 1
      state.byUser[user] = own > 0 ? own : nil
    }
  }

  /// Uploads that are coming in now.
  var count: Int { state.withLock { $0.total } }
}
