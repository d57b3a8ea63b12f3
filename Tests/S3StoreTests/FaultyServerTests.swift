// A store whose server, network or proxy fails in between.

import ArchiveCore
import ArchiveTesting
import S3Client
import S3Store
import S3Testing
import Testing

@Suite(
  "buckets behind bad networks", .timeLimit(.minutes(5)),
  .enabled(if: TestS3Server.first != nil, Comment(rawValue: TestS3Server.wanted)))
struct FaultyServerTests {
  private let key = ObjectKey(trusted: "a/b")
  private let bytes = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 / 251) }

  /// A store behind a proxy, with short waits between repetitions.
  private func withProxy(
    _ body: (FaultyProxy, S3ObjectStore, TestPlace) async throws -> Void
  ) async throws {
    let server = try #require(TestS3Server.first)
    try await server.withPlaceBehindProxy { proxy, place in
      let store = try place.store()
      try await store.put(key, .bytes(bytes), mode: .create, type: "application/gzip")
      try await body(proxy, store, place)
    }
  }

  @Test("S05 a body that is cut or lies about its length is never taken for a whole one")
  func cutBodies() async throws {
    try await withProxy { proxy, store, _ async throws in
      for fault: ProxyFault in [
        .cutBody(fraction: 0.5), .wrongLength(by: 7), .wrongLength(by: -7),
      ] {
        // Once: it is repeated. Always: it fails, and never comes short.
        proxy.inject(fault, when: { $0.method == "GET" })
        await expectWholeOrNothing(store)
        proxy.inject(fault, times: 100, when: { $0.method == "GET" })
        await expectWholeOrNothing(store)
        proxy.clearFaults()
      }
      let isRight = try await store.get(key, range: nil).bytes(limitBytes: 1 << 20) == bytes
      #expect(isRight)
    }
  }

  private func expectWholeOrNothing(_ store: S3ObjectStore) async {
    for range: Range<Int64>? in [nil, 1000..<200_000] {
      do throws(StoreError) {
        let got = try await store.get(key, range: range).bytes(limitBytes: 1 << 20)
        let wanted = range.map { bytes[Int($0.lowerBound)..<Int($0.upperBound)] } ?? bytes[...]
        let isRight = got == Array(wanted)
        #expect(isRight)
      } catch {
        #expect(error.kind == .unavailable)
      }
    }
  }

  @Test("S05 an object of which a byte was altered on its way is never read to its end")
  func corruptBody() async throws {
    try await withProxy { proxy, store, _ async throws in
      proxy.inject(.corruptByte, times: 100, when: { $0.method == "GET" })
      let kind = await thrown { () async throws(StoreError) in
        _ = try await store.get(key, range: nil).bytes(limitBytes: 1 << 20)
      }
      #expect(kind == .unavailable)
    }
  }

  @Test("S05 a body that a proxy compressed is refused, with the cure")
  func compressed() async throws {
    try await withProxy { proxy, store, _ async throws in
      proxy.inject(.compress, times: 100, when: { $0.method == "GET" })
      do throws(StoreError) {
        _ = try await store.get(key, range: nil).bytes(limitBytes: 1 << 20)
        Issue.record("it was taken")
      } catch {
        #expect(error.kind == .unavailable)
        #expect("\(error)".contains("proxy"))
      }
    }
  }

  @Test(
    "S02 a create-only put whose reply was lost has succeeded, and another's is still a conflict")
  func lostReply() async throws {
    try await withProxy { proxy, store, _ async throws in
      let other = ObjectKey(trusted: "c")
      proxy.inject(.loseReply, when: { $0.method == "PUT" })
      try await store.put(other, .bytes(bytes), mode: .create, type: "x")
      let isRight = try await store.get(other, range: nil).bytes(limitBytes: 1 << 20) == bytes
      #expect(isRight)
      proxy.inject(.loseReply, when: { $0.method == "PUT" })
      let kind = await thrown { () async throws(StoreError) in
        try await store.put(key, .bytes([1]), mode: .create, type: "x")
      }
      #expect(kind == .conflict)
    }
  }

  @Test("S17 403, 404 of the bucket, and 503 keep the data with the caller")
  func refusals() async throws {
    try await withProxy { proxy, store, _ async throws in
      let cases: [(ProxyFault, StoreError.Kind)] = [
        (.answer(status: 403, code: "AccessDenied"), .refused),
        (.answer(status: 404, code: "NoSuchBucket"), .refused),
        (.answer(status: 503, code: "SlowDown"), .unavailable),
        (.answer(status: 500, code: "InternalError"), .unavailable),
        (.answer(status: 400, code: "EntityTooLarge"), .refused),
        (.redirect(to: "http://127.0.0.1:1"), .refused),
      ]
      for (fault, expected) in cases {
        proxy.inject(fault, times: 100)
        let kind = await thrown { () async throws(StoreError) in
          try await store.put(ObjectKey(trusted: "d"), .bytes([1]), mode: .create, type: "x")
        }
        #expect(kind == expected, "\(fault)")
        proxy.clearFaults()
      }
      try await store.put(ObjectKey(trusted: "d"), .bytes([1]), mode: .create, type: "x")
    }
  }

  @Test("a probe that could not be made is no verdict: the next put probes again")
  func probeLater() async throws {
    try await withProxy { proxy, _, place async throws in
      let log = WarningLog()
      let store = try place.store(logger: log.logger)
      let fresh = ObjectKey(trusted: "fresh")
      proxy.inject(.answer(status: 503, code: "SlowDown"), times: 10_000)
      let kinds = await withTaskGroup(of: StoreError.Kind?.self) { group in
        for _ in 0..<8 {
          group.addTask {
            await thrown { () async throws(StoreError) in
              try await store.put(fresh, .bytes([1]), mode: .create, type: "x")
            }
          }
        }
        return await group.reduce(into: []) { $0.append($1) }
      }
      #expect(kinds.allSatisfy { $0 == .unavailable })
      proxy.clearFaults()
      try await store.put(fresh, .bytes([1]), mode: .create, type: "x")
      #expect(log.count == 0, "the server does decide")
    }
  }

  @Test("a server that ignores the condition is recorded once, and never relied on")
  func ignoredCondition() async throws {
    try await withProxy { proxy, _, place async throws in
      let log = WarningLog()
      let store = try place.store(logger: log.logger)
      proxy.forgetRequests()
      // What an old server answers to a header that it does not know.
      proxy.inject(
        .answer(status: 501, code: "NotImplemented"), times: 10_000,
        when: { $0.header("if-none-match") != nil })
      for number in 0..<3 {
        let key = ObjectKey(trusted: "n/\(number)")
        try await store.put(key, .bytes([1]), mode: .create, type: "x")
        let again = await thrown { () async throws(StoreError) in
          try await store.put(key, .bytes([2]), mode: .create, type: "x")
        }
        #expect(again == .conflict)
      }
      #expect(log.count == 1)
      #expect(proxy.requests.count { $0.header("if-none-match") != nil } == 1)
    }
  }
}
