// A write that waits for the writer, and the task that waits for the write.

import ArchiveCore

/// A write of any result type.
protocol PendingWrite: AnyObject, Sendable {
  /// Whether a failure must undo what the write did before it failed. A write of one statement
  /// (or one that may stop half-way) has nothing to undo, and a savepoint costs time.
  var isUndoable: Bool { get }
  /// Runs the write and keeps its result. Throws what it failed with.
  func run(_ session: WriteSession) throws(StoreError)
  /// Tells the waiting task, once. A failure of the whole group takes the place of the result.
  func finish(_ groupFailure: StoreError?)
}

/// A write with its result.
///
/// `@unchecked Sendable`: `result` is touched by the writer's thread only, after the queue
/// handed the write over to it.
final class PendingWriteOf<Value: Sendable>: PendingWrite, @unchecked Sendable {
  typealias Body = @Sendable (WriteSession) throws(StoreError) -> Value
  let isUndoable: Bool
  private let body: Body
  private let continuation: CheckedContinuation<Result<Value, StoreError>, Never>
  private var result: Result<Value, StoreError>?

  init(
    isUndoable: Bool, _ continuation: CheckedContinuation<Result<Value, StoreError>, Never>,
    body: @escaping Body
  ) {
    (self.isUndoable, self.continuation, self.body) = (isUndoable, continuation, body)
  }

  func run(_ session: WriteSession) throws(StoreError) {
    do throws(StoreError) {
      result = .success(try body(session))
    } catch {
      result = .failure(error)
      throw error
    }
  }

  func finish(_ groupFailure: StoreError?) {
    let unrun = StoreError(.unavailable, "a write was not carried out")
    continuation.resume(
      returning: groupFailure.map(Result.failure) ?? result ?? .failure(unrun))
  }
}
