// The threads for blocking work: bounded, in order, and gone when closed.

import ArchiveCore
import Dispatch
import Synchronization
import Testing

@testable import EmbeddedStore

@Suite("threads for blocking work")
struct BlockingThreadsTests {
  @Test("work comes back with its value or its error")
  func results() async throws {
    let threads = BlockingThreads(name: "test", count: 2)
    #expect(try await threads.run { () throws(StoreError) in 7 } == 7)
    let answer = await kind { () async throws(StoreError) in
      try await threads.run { () throws(StoreError) in throw StoreError(.corrupt, "broken") }
    }
    #expect(answer == .corrupt)
    await threads.close()
  }

  @Test("a full queue refuses, and what it had is carried out")
  func fullQueue() async throws {
    let threads = BlockingThreads(name: "test", count: 1, queueLimit: 2)
    let (isBusy, mayEnd) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
    let answers = await withTaskGroup(of: StoreError.Kind?.self) { group in
      group.addTask {
        await kind { () async throws(StoreError) in
          try await threads.run { () throws(StoreError) in
            isBusy.signal()
            mayEnd.wait()
          }
        }
      }
      await withCheckedContinuation { continuation in
        DispatchQueue.global().async {
          isBusy.wait()
          continuation.resume()
        }
      }
      // The thread is busy: of five more, two find a place and three are refused at once.
      for _ in 0..<5 {
        group.addTask {
          await kind { () async throws(StoreError) in
            try await threads.run { () throws(StoreError) in }
          }
        }
      }
      var answers: [StoreError.Kind?] = []
      for _ in 0..<3 { answers.append(await group.next() ?? nil) }
      mayEnd.signal()
      for await answer in group { answers.append(answer) }
      return answers
    }
    #expect(answers == [.unavailable, .unavailable, .unavailable, nil, nil, nil])
    await threads.close()
  }

  @Test("closing carries out what was accepted, and refuses the rest, each exactly once")
  func closing() async throws {
    let threads = BlockingThreads(name: "test", count: 1)
    let done = Record()
    await withTaskGroup(of: Void.self) { group in
      for number in 0..<100 {
        group.addTask {
          let answer = await kind { () async throws(StoreError) in
            try await threads.run { () throws(StoreError) in done.add(number) }
          }
          if answer != nil { done.add(number) }
        }
      }
      await threads.close()
    }
    #expect(done.sorted == Array(0..<100))
    let late = await kind { () async throws(StoreError) in
      try await threads.run { () throws(StoreError) in }
    }
    #expect(late == .unavailable)
  }
}

/// Numbers in the order in which threads and tasks added them.
private final class Record: Sendable {
  private let numbers = Mutex<[Int]>([])

  var sorted: [Int] { numbers.withLock { $0.sorted() } }

  func add(_ number: Int) { numbers.withLock { $0.append(number) } }
}
