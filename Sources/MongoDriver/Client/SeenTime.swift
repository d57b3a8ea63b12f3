// How far the deployment's log was seen to reach, so that no later read shows less.

import Synchronization

/// The newest moment of the deployment's log of which a client knows: of its own writes, and of the changes it heard.
///
/// A new primary has everything that the majority has, but for a moment it does not know how much that is, and would show
/// an older state. A read that names this moment waits until the server can show it
/// (https://www.mongodb.com/docs/manual/reference/read-concern/#afterclustertime). Safe from any thread.
final class SeenTime: Sendable {
  private let state = Mutex<BSONTimestamp?>(nil)

  var newest: BSONTimestamp? { state.withLock { $0 } }

  /// Notes the moment of an acknowledged write, as its answer names it.
  func note(answer: BSONDocument) { note(answer["operationTime"]) }

  /// Notes the moment of a change.
  func note(change: BSONDocument) { note(change["clusterTime"]) }

  private func note(_ value: BSONValue?) {
    guard case .timestamp(let moment)? = value else { return }
    state.withLock { $0 = max($0 ?? moment, moment) }
  }
}
