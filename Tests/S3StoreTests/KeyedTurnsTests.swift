// One at a time for each key: order, cancellation, limits.

import ArchiveCore
import Synchronization
import Testing

@testable import S3Store

@Suite("turns")
struct KeyedTurnsTests {
  @Test("who asks for a key that is taken waits, in the order of asking, and others do not wait")
  func order() async throws {
    let turns = KeyedTurns()
    try await turns.take("a")
    let order = Noted<[Int]>([])
    await withTaskGroup(of: Void.self) { group in
      for number in 0..<5 {
        group.addTask {
          try? await turns.inTurn("a") { () throws(StoreError) in
            order.withLock { $0.append(number) }
          }
        }
        while turns.waitingCount <= number { await Task.yield() }
      }
      // Another key is free meanwhile.
      try? await turns.inTurn("b") { () throws(StoreError) in order.withLock { $0.append(-1) } }
      turns.give("a")
    }
    #expect(order.withLock { $0 } == [-1, 0, 1, 2, 3, 4])
    #expect(turns.waitingCount == 0)
  }

  @Test("who is cancelled leaves the queue at once, and the others go on")
  func cancellation() async throws {
    let turns = KeyedTurns()
    try await turns.take("a")
    let impatient = Task { () async -> StoreError.Kind? in
      await thrown { () async throws(StoreError) in try await turns.take("a") }
    }
    while turns.waitingCount < 1 { await Task.yield() }
    let patient = Task { () async -> StoreError.Kind? in
      await thrown { () async throws(StoreError) in try await turns.inTurn("a") {} }
    }
    while turns.waitingCount < 2 { await Task.yield() }
    impatient.cancel()
    #expect(await impatient.value == .unavailable)
    #expect(turns.waitingCount == 1)
    turns.give("a")
    #expect(await patient.value == nil)
    try await turns.take("a")
  }

  @Test("who is cancelled before asking gets nothing that is taken")
  func cancelledBefore() async throws {
    let turns = KeyedTurns()
    try await turns.take("a")
    let task = Task { () async -> StoreError.Kind? in
      while !Task.isCancelled { await Task.yield() }
      return await thrown { () async throws(StoreError) in try await turns.take("a") }
    }
    task.cancel()
    #expect(await task.value == .unavailable)
    turns.give("a")
    try await turns.take("a")
  }

  @Test("when too many wait, one more is refused")
  func limit() async throws {
    let turns = KeyedTurns(limit: 2)
    try await turns.take("a")
    let waiting = (0..<2).map { _ in Task { try await turns.inTurn("a") {} } }
    while turns.waitingCount < 2 { await Task.yield() }
    #expect(
      await thrown { () async throws(StoreError) in try await turns.take("a") } == .unavailable)
    turns.give("a")
    for task in waiting { try await task.value }
  }

  @Test("a thousand tasks on ten keys never meet at one key")
  func exclusion() async throws {
    let turns = KeyedTurns()
    let inside = Noted<[String: Int]>([:])
    await withTaskGroup(of: Void.self) { group in
      for number in 0..<1000 {
        group.addTask {
          let key = "key \(number % 10)"
          try? await turns.inTurn(key) { () throws(StoreError) in
            let count = inside.withLock { inside in
              inside[key, default: 0] += 1
              return inside[key, default: 0]
            }
            #expect(count == 1)
            await Task.yield()
            inside.withLock { $0[key, default: 0] -= 1 }
          }
        }
      }
    }
    #expect(inside.withLock { $0.count } == 10)
    #expect(inside.withLock { $0.values.allSatisfy { $0 == 0 } })
  }
}

/// The kind of error that the work throws, `nil` when it throws none.
func thrown(_ work: () async throws(StoreError) -> Void) async -> StoreError.Kind? {
  do throws(StoreError) {
    try await work()
    return nil
  } catch {
    return error.kind
  }
}

/// A value that several tasks of a test write. The mutex guards it.
final class Noted<Value: Sendable>: Sendable {
  private let value: Mutex<Value>

  init(_ value: Value) { self.value = Mutex(value) }

  func withLock<Result: Sendable>(_ body: @Sendable (inout Value) -> Result) -> Result {
    value.withLock { value in
      var copy = value
      defer { value = copy }
      return body(&copy)
    }
  }
}
