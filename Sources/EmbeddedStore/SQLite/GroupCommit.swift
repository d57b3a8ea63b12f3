// The writer: everything that waits becomes durable with one commit.

import ArchiveCore

/// Runs waiting writes in one transaction, commits it, and only then tells the waiting tasks.
///
/// Lives on the writer's thread. A write that fails undoes itself alone; a failure of the engine
/// (the disk, the commit) fails the whole group, of which nothing is then kept.
final class GroupCommit {
  private let session: WriteSession

  init(session: WriteSession) { self.session = session }

  func carryOut(_ writes: [any PendingWrite]) {
    let failure: StoreError?
    do throws(StoreError) {
      try transaction(writes)
      session.publish()
      failure = nil
    } catch {
      session.forgetChanges(from: 0)
      failure = error
    }
    for write in writes { write.finish(failure) }
  }

  private func transaction(_ writes: [any PendingWrite]) throws(StoreError) {
    try session.connection.run("BEGIN IMMEDIATE")
    do throws(StoreError) {
      var isWorthCommitting = true
      for write in writes {
        isWorthCommitting = try run(write, isAlone: writes.count == 1)
      }
      try session.connection.run(writes.count > 1 || isWorthCommitting ? "COMMIT" : "ROLLBACK")
    } catch {
      rollBack()
      // Whatever it was, some writes of the group may have been right: they may be tried again.
      throw StoreError(
        .unavailable, "a group of writes failed", hint: error.hint, cause: error)
    }
  }

  /// Whether the write succeeded. Throws only what ends the whole group.
  private func run(_ write: any PendingWrite, isAlone: Bool) throws(StoreError) -> Bool {
    let noted = session.changeCount
    // Alone, the transaction itself is what a failure undoes.
    let hasSavepoint = write.isUndoable && !isAlone
    if hasSavepoint { try session.connection.run("SAVEPOINT one") }
    do throws(StoreError) {
      try write.run(session)
      if hasSavepoint { try session.connection.run("RELEASE one") }
      return true
    } catch {
      if error.kind == .unavailable || !session.connection.isInTransaction { throw error }
      guard write.isUndoable else { return true }
      session.forgetChanges(from: noted)
      if hasSavepoint {
        try session.connection.run("ROLLBACK TO one")
        try session.connection.run("RELEASE one")
      }
      return false
    }
  }

  private func rollBack() {
    guard session.connection.isInTransaction else { return }
    do throws(StoreError) {
      try session.connection.run("ROLLBACK")
    } catch {
      // SQLite has ended the transaction itself, or the next BEGIN says what is wrong.
    }
  }
}
