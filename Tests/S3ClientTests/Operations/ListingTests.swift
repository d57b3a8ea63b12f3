// Lists and batches of servers that are not quite right.

import Synchronization
import Testing

@testable import S3Client

@Suite("lists and batches")
struct ListingTests {
  static func page(_ keys: [String], token: String? = nil, isTruncated: Bool = true)
    -> ScriptedAnswer
  {
    let entries = keys.map { "<Contents><Key>\($0)</Key><Size>1</Size></Contents>" }.joined()
    let next = token.map { "<NextContinuationToken>\($0)</NextContinuationToken>" } ?? ""
    return .status(
      200, [],
      "<ListBucketResult><IsTruncated>\(isTruncated)</IsTruncated>\(next)\(entries)</ListBucketResult>"
    )
  }

  private func keys(_ listing: S3Listing) async throws(S3Error) -> [String] {
    var keys: [String] = []
    var iterator = listing.makeAsyncIterator()
    while let object = try await iterator.next(isolation: nil) { keys.append(object.key) }
    return keys
  }

  @Test("pages follow each other by token, and by the last key where there is none")
  func pages() async throws {
    try await ScriptedServer.withBucket({ number, _ in
      switch number {
      case 1: Self.page(["a", "b"], token: "t1")
      case 2: Self.page([], token: "t2")
      case 3: Self.page(["c"])
      default: Self.page(["d"], isTruncated: false)
      }
    }) { bucket, server in
      let listed = try await keys(bucket.list(prefix: "p"))
      #expect(listed == ["a", "b", "c", "d"])
      let uris = server.requests.map(\.uri)
      #expect(uris[1].contains("continuation-token=t1"))
      #expect(uris[2].contains("continuation-token=t2"))
      #expect(uris[3].contains("start-after=c"))
      #expect(uris.allSatisfy { $0.contains("prefix=p") && $0.contains("encoding-type=url") })
    }
  }

  @Test("a list that never advances is a bad answer, whatever tokens it gives")
  func circles() async throws {
    let scripts: [ScriptedServer.Script] = [
      { _, _ in Self.page(["a"], token: "same") },
      { number, _ in Self.page(["a"], token: "t\(number)") },
      { number, _ in Self.page(number % 2 == 0 ? ["a"] : ["b"], token: "t\(number)") },
      { _, _ in Self.page(["a"]) },
      { number, _ in Self.page([], token: "t\(number)") },
      { _, _ in Self.page([]) },
    ]
    for script in scripts {
      try await ScriptedServer.withBucket(script) { bucket, server in
        let found = await kind { () async throws(S3Error) in try await keys(bucket.list()) }
        #expect(found == .badAnswer)
        #expect(server.requests.count <= 100)
      }
    }
  }

  @Test("pages that begin with keys of the same look are two pages")
  func lookalikes() async throws {
    try await ScriptedServer.withBucket({ number, _ in
      // Equal as texts in Unicode, and two keys in every bucket.
      number == 1
        ? Self.page(["e\u{301}"], token: "t") : Self.page(["\u{e9}"], isTruncated: false)
    }) { bucket, _ in
      let listed = try await keys(bucket.list())
      #expect(listed.map { Array($0.utf8) } == [[0x65, 0xCC, 0x81], [0xC3, 0xA9]])
    }
  }

  @Test("the single page is strict: truncated without a token is a bad answer")
  func strictPage() async throws {
    try await ScriptedServer.withBucket({ _, _ in Self.page(["a"]) }) { bucket, _ in
      let found = await kind { () async throws(S3Error) in try await bucket.listPage() }
      #expect(found == .badAnswer)
    }
  }

  @Test("a batch tells which keys were not deleted, and counts missing ones as deleted")
  func keyFailures() async throws {
    let answer = """
      <DeleteResult><Error><Key>a</Key><Code>AccessDenied</Code><Message>no</Message></Error>\
      <Error><Key>b</Key><Code>NoSuchKey</Code></Error></DeleteResult>
      """
    try await ScriptedServer.withBucket({ _, _ in .status(200, [], answer) }) { bucket, server in
      let failures = try await bucket.delete(["a", "b", "c"])
      #expect(failures == [S3KeyFailure(key: "a", code: "AccessDenied", message: "no")])
      let request = try #require(server.requests.first)
      #expect(request.uri.hasSuffix("/bucket?delete="))
      // Of the body as it came: MD5 in Base64 has 24 characters.
      #expect(request.header("content-md5")?.utf8.count == 24)
      #expect(request.header("x-amz-content-sha256") == SigV4.payloadHash(request.body))
    }
  }

  @Test(
    "keys that the server was too busy for are sent again, until it is not or attempts are used up")
  func busyKeys() async throws {
    @Sendable func refusing(_ keys: [String], _ code: String) -> ScriptedAnswer {
      let errors = keys.map { "<Error><Key>\($0)</Key><Code>\(code)</Code></Error>" }
      return .status(200, [], "<DeleteResult>\(errors.joined())</DeleteResult>")
    }
    try await ScriptedServer.withBucket({ number, _ in
      number == 1 ? refusing(["a", "other"], "SlowDown") : refusing([], "")
    }) { bucket, server in
      let failures = try await bucket.delete(["a", "b"])
      #expect(failures == [S3KeyFailure(key: "other", code: "SlowDown", message: "")])
      let bodies = server.requests.map { String(decoding: $0.body, as: UTF8.self) }
      #expect(bodies.map { $0.contains("<Key>b</Key>") } == [true, false])
    }
    try await ScriptedServer.withBucket({ _, _ in refusing(["a"], "ServiceUnavailable") }) {
      bucket, server in
      let failures = try await bucket.delete(["a", "b"])
      #expect(failures.map(\.key) == ["a"])
      #expect(server.requests.count == S3Retries().attempts)
    }
  }

  @Test("batches have at most 700 keys; keys that XML cannot carry go one by one")
  func batches() async throws {
    try await ScriptedServer.withBucket({ _, request in
      request.method == "DELETE" ? .status(204) : .status(200, [], "<DeleteResult/>")
    }) { bucket, server in
      let failures = try await bucket.delete((0..<1500).map { "k\($0)" } + ["c\u{1}", "f\u{FFFE}"])
      #expect(failures.isEmpty)
      let batches = server.requests.filter { $0.method == "POST" }
      let sizes = batches.map { batch in
        String(decoding: batch.body, as: UTF8.self).split(separator: "<Key>").count - 1
      }
      #expect(sizes == [700, 700, 100])
      #expect(server.requests.count { $0.method == "DELETE" } == 2)
    }
  }
}
