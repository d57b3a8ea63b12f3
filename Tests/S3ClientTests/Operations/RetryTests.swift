// When a request is sent again, after which wait, and when not.

import CurlHTTP
import Logging
import Testing

@testable import S3Client

@Suite("retries")
struct RetryTests {
  static let slowDown = ScriptedAnswer.error(503, "SlowDown")
  static let object = ScriptedAnswer.status(200, [("ETag", #""e""#)], "hello")

  @Test("S01 503 and then an answer is an answer, after jittered and growing waits")
  func busyThenWell() async throws {
    let clock = RecordingClock()
    try await ScriptedServer.withBucket(
      { number, _ in number < 4 ? Self.slowDown : Self.object }, clock: clock
    ) { bucket, server in
      let (_, bytes) = try await bucket.getBytes("a", limitBytes: 10)
      #expect(bytes == Array("hello".utf8))
      #expect(server.requests.count == 4)
      // Half of 100, 200 and 400 ms.
      #expect(clock.slept == [.milliseconds(50), .milliseconds(100), .milliseconds(200)])
    }
  }

  @Test("S01 503 for ever ends as busy after the allowed attempts, and says how many")
  func busyForEver() async throws {
    let clock = RecordingClock()
    try await ScriptedServer.withBucket({ _, _ in Self.slowDown }, clock: clock) { bucket, server in
      do {
        try await bucket.put("a", .bytes([1]))
        Issue.record("the put succeeded")
      } catch let error as S3Error {
        #expect(error.kind == .busy)
        #expect(error.status == 503)
        #expect(error.code == "SlowDown")
        #expect(error.description.contains("attempts=`5`"))
      }
      #expect(server.requests.count == 5)
      #expect(clock.slept.count == 4)
    }
  }

  @Test("the wait is drawn between nothing and a limit that doubles up to the cap")
  func jitter() {
    let rules = S3Retries()
    #expect(rules.delay(after: 1, retryAfter: nil, random: 0) == .zero)
    let most = (1...12).map { rules.delay(after: $0, retryAfter: nil, random: .max) }
    let limits = [100, 200, 400, 800, 1600, 3200, 5000, 5000, 5000, 5000, 5000, 5000]
    for (wait, limit) in zip(most, limits) {
      #expect(wait <= .milliseconds(limit))
      #expect(wait > .milliseconds(limit) * 0.999)
    }
    let extreme = rules.delay(after: .max, retryAfter: nil, random: .max)
    #expect(extreme <= .seconds(5))
  }

  @Test("Retry-After is honoured up to a cap, in seconds and as a date")
  func retryAfter() async throws {
    let date = "Thu, 01 Jan 2026 00:00:00 GMT"
    let headers: [[(String, String)]] = [
      [("Retry-After", "3")], [("Retry-After", "86400")],
      [("Date", date), ("Retry-After", "Thu, 01 Jan 2026 00:00:07 GMT")],
      [("Retry-After", "soon")],
    ]
    let clock = RecordingClock()
    try await ScriptedServer.withBucket(
      { number, _ in
        number <= headers.count
          ? .error(503, "SlowDown", headers[number - 1]) : Self.object
      }, clock: clock
    ) { bucket, _ in
      _ = try await bucket.getBytes("a", limitBytes: 10)
      #expect(
        clock.slept == [.seconds(3), .seconds(20), .seconds(7), .milliseconds(400)])
    }
  }

  @Test("when the budget is used up, nothing is repeated until answers fill it again")
  func budget() async throws {
    let clock = RecordingClock()
    try await ScriptedServer.withBucket(
      { _, request in request.uri.contains("well") ? Self.object : Self.slowDown }, clock: clock,
      change: { $0.retries.budget = 12 }
    ) { bucket, server in
      let first = await kind { () async throws(S3Error) in try await bucket.get("bad") }
      #expect(first == .busy)
      #expect(server.requests.count == 3)
      let second = await kind { () async throws(S3Error) in try await bucket.get("bad") }
      #expect(second == .busy)
      #expect(server.requests.count == 4)
      for _ in 1...3 { _ = try await bucket.getBytes("well", limitBytes: 10) }
      let third = await kind { () async throws(S3Error) in try await bucket.get("bad") }
      #expect(third == .busy)
      #expect(server.requests.count == 9)
    }
  }

  @Test("a refusal is not repeated")
  func refusals() async throws {
    let refusals: [(Int, String, S3Error.Kind)] = [
      (403, "AccessDenied", .accessDenied), (404, "NoSuchKey", .notFound),
      (404, "NoSuchBucket", .noBucket), (412, "PreconditionFailed", .preconditionFailed),
      (400, "InvalidArgument", .invalidRequest), (501, "NotImplemented", .notImplemented),
      (416, "InvalidRange", .invalidRange), (409, "BucketAlreadyExists", .conflict),
    ]
    for (status, code, expected) in refusals {
      try await ScriptedServer.withBucket({ _, _ in .error(status, code) }) { bucket, server in
        let found = await kind { () async throws(S3Error) in try await bucket.get("a") }
        #expect(found == expected)
        #expect(server.requests.count == 1)
      }
    }
  }

  @Test("two writers that met are told to come again, and do")
  func conflict() async throws {
    try await ScriptedServer.withBucket({ number, _ in
      number < 3 ? .error(409, "ConditionalRequestConflict") : .status(200, [("ETag", #""e""#)])
    }) { bucket, server in
      var options = S3PutOptions()
      options.createOnly = true
      let receipt = try await bucket.put("a", .bytes([1]), options)
      #expect(!receipt.wasRecovered)
      #expect(server.requests.count == 3)
      #expect(server.requests.allSatisfy { $0.header("if-none-match") == "*" })
    }
  }

  @Test("a stream that was read from is not sent again, and an untouched one is")
  func streams() async throws {
    try await ScriptedServer.withBucket({ _, _ in Self.slowDown }) { bucket, server in
      let source = ChunkSource([1, 2, 3], chunkBytes: 1)
      let hash = SigV4.payloadHash([1, 2, 3])
      let found = await kind { () async throws(S3Error) in
        try await bucket.put("a", .stream(length: 3, sha256: hash) { source.next() })
      }
      #expect(found == .busy)
      #expect(server.requests.count == 1)
    }
  }

  @Test("a source that throws is told apart from a server that breaks off")
  func throwingSource() async throws {
    struct Broken: Error {}
    try await ScriptedServer.withBucket({ _, _ in Self.object }) { bucket, _ in
      let found = await kind { () async throws(S3Error) in
        try await bucket.put(
          "a", .stream(length: 3, sha256: SigV4.payloadHash([1])) { throw Broken() })
      }
      #expect(found == .sourceFailed)
    }
  }

  @Test("nobody listens: unreachable, after the allowed attempts")
  func unreachable() async throws {
    let clock = RecordingClock()
    var settings: S3Settings?
    try await ScriptedServer.run({ _, _ in .silence }) { server in
      settings = S3Settings(
        endpoint: try server.endpoint, credentials: ScriptedServer.credentials)
    }
    let client = try S3Client(
      settings: try #require(settings), surroundings: clock.surroundings, logger: .init(label: "t"))
    let bucket = try client.bucket("bucket")
    let found = await kind { () async throws(S3Error) in try await bucket.put("a", .bytes([1])) }
    #expect(found == .unreachable)
    #expect(clock.slept.count == 4)
    await client.close()
  }

  @Test("S07 silence ends at the deadline as broken")
  func silence() async throws {
    try await ScriptedServer.withBucket(
      { _, _ in .silence },
      change: {
        $0.http.deadlines.firstByte = .milliseconds(50)
        $0.retries.attempts = 2
      }
    ) { bucket, server in
      let found = await kind { () async throws(S3Error) in try await bucket.get("a") }
      #expect(found == .broken)
      #expect(server.requests.count == 2)
    }
  }

  @Test("a cancelled task ends at once, also while it waits to try again")
  func cancellation() async throws {
    let (asleep, fell) = AsyncStream<Void>.makeStream()
    var surroundings = RecordingClock().surroundings
    surroundings.sleep = { _ in
      fell.yield()
      _ = await suspendUntilCancelled()
      throw CancellationError()
    }
    try await ScriptedServer.run({ _, _ in Self.slowDown }) { [surroundings] server in
      let client = try S3Client(
        settings: S3Settings(
          endpoint: try server.endpoint, credentials: ScriptedServer.credentials),
        surroundings: surroundings, logger: .init(label: "t"))
      let bucket = try client.bucket("bucket")
      let task = Task { await kind { () async throws(S3Error) in try await bucket.get("a") } }
      for await _ in asleep { break }
      task.cancel()
      #expect(await task.value == .cancelled)
      #expect(server.requests.count == 1)
      await client.close()
      let closed = await kind { () async throws(S3Error) in try await bucket.get("a") }
      #expect(closed == .closed)
    }
  }
}
