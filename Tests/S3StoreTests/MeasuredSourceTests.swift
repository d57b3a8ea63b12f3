// Sources of puts, measured against what they announced.

import ArchiveCore
import Synchronization
import Testing

@testable import S3Store

@Suite("the source of a put")
struct MeasuredSourceTests {
  private struct Broken: Error {}

  private func source(
    _ chunks: [[UInt8]], announcing length: Int64?, breaking: Bool = false,
    atEnd: @escaping @Sendable () async throws(StoreError) -> Void = {}
  ) -> MeasuredSource {
    let rest = Mutex(chunks)
    return MeasuredSource(ObjectKey(trusted: "k"), announcedBytes: length, atEnd: atEnd) {
      let chunk: [UInt8]? = rest.withLock { $0.isEmpty ? nil : $0.removeFirst() }
      if chunk == nil, breaking { throw Broken() }
      return chunk
    }
  }

  private func all(_ source: MeasuredSource) async throws(StoreError) -> [[UInt8]] {
    var chunks: [[UInt8]] = []
    while let chunk = try await source.next() { chunks.append(chunk) }
    return chunks
  }

  @Test("chunks come in order without the empty ones, and behind the end there is nothing")
  func order() async throws {
    let source = source([[], [1], [], [2, 3], []], announcing: 3)
    #expect(try await all(source) == [[1], [2, 3]])
    #expect(try await source.next() == nil)
  }

  @Test("the last chunk is held back until the source has ended and been looked at")
  func heldBack() async throws {
    let hasEnded = Mutex(false)
    let source = source([[1], [2]], announcing: nil) { () throws(StoreError) in
      hasEnded.withLock { $0 = true }
    }
    #expect(try await source.next() == [1])
    #expect(hasEnded.withLock { $0 } == false)
    #expect(try await source.next() == [2])
    #expect(hasEnded.withLock { $0 })
  }

  @Test(
    "too few, too many, and a source that breaks are told and remembered", arguments: [0, 1, 4])
  func lies(_ announced: Int64) async throws {
    let source = source([[1], [2, 3]], announcing: announced)
    let kind = await thrown { () async throws(StoreError) in _ = try await all(source) }
    #expect(kind == .invalid)
    #expect(await source.failure?.kind == .invalid)
    let breaking = self.source([[1]], announcing: nil, breaking: true)
    #expect(
      await thrown { () async throws(StoreError) in _ = try await all(breaking) } == .unavailable)
    #expect(await breaking.failure?.cause is Broken)
  }

  @Test("a refusal at the end keeps the last chunk back")
  func refusalAtEnd() async throws {
    let source = source([[1]], announcing: 1) { () throws(StoreError) in
      throw StoreError(.conflict, "exists")
    }
    #expect(await thrown { () async throws(StoreError) in _ = try await all(source) } == .conflict)
    #expect(await source.failure?.kind == .conflict)
  }

  @Test("what is small comes in one piece; what is not begins with what was taken")
  func whole() async throws {
    #expect(try await source([[1], [2]], announcing: 2).whole(limitBytes: 2) == [1, 2])
    #expect(try await source([], announcing: nil).whole(limitBytes: 2) == [])
    let large = source([[1], [2], [3], [4]], announcing: nil)
    #expect(try await large.whole(limitBytes: 2) == nil)
    #expect(try await all(large) == [[1, 2, 3], [4]])
  }
}
