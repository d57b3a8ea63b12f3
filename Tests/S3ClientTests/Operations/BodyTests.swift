// Bodies that are cut, compressed, or not what was asked for.

import Testing

@testable import S3Client

@Suite("bodies of objects")
struct BodyTests {
  static let bytes = patternedBytes(1000)
  static let etag = ("ETag", #""v1""#)

  /// A whole answer to a range request, or a part of it.
  static func partial(
    _ range: Range<Int>, of total: Int = 1000, etag: (String, String) = etag, cutAt: Int? = nil
  ) -> ScriptedAnswer {
    let headers = [
      etag, ("Content-Range", "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(total)"),
      ("Content-Length", "\(range.count)"),
    ]
    let wanted = Array(bytes[range])
    guard let cutAt else { return .bytes(ScriptedAnswer.raw(206, headers, wanted)) }
    return .bytesAndClose(ScriptedAnswer.raw(206, headers, Array(wanted[..<cutAt])))
  }

  static func cut(at place: Int, _ headers: [(String, String)] = [etag]) -> ScriptedAnswer {
    .bytesAndClose(
      ScriptedAnswer.raw(200, headers + [("Content-Length", "1000")], Array(bytes[..<place])))
  }

  @Test("S05 a cut body is continued where it ended, by the same ETag")
  func resumed() async throws {
    try await ScriptedServer.withBucket({ number, _ in
      switch number {
      case 1: Self.cut(at: 500)
      case 2: Self.partial(500..<1000, cutAt: 100)
      default: Self.partial(600..<1000)
      }
    }) { bucket, server in
      let object = try await bucket.get("a")
      let collected = try await object.collect(limitBytes: 1000)
      #expect(collected == Self.bytes)
      #expect(
        server.requests.map { $0.header("range") } == [nil, "bytes=500-999", "bytes=600-999"])
      #expect(server.requests.map { $0.header("if-match") } == [nil, #""v1""#, #""v1""#])
      let behind = try await object.next()
      #expect(behind == nil)
    }
  }

  @Test("S05 a cut range is continued inside of the range")
  func resumedRange() async throws {
    try await ScriptedServer.withBucket({ number, _ in
      number == 1 ? Self.partial(100..<300, cutAt: 50) : Self.partial(150..<300)
    }) { bucket, server in
      let object = try await bucket.get("a", range: 100..<300)
      let collected = try await object.collect(limitBytes: 1000)
      #expect(collected == Array(Self.bytes[100..<300]))
      #expect(server.requests.map { $0.header("range") } == ["bytes=100-299", "bytes=150-299"])
    }
  }

  @Test("S05 a body that is cut again and again ends as broken, for good")
  func alwaysCut() async throws {
    try await ScriptedServer.withBucket({ number, _ in
      number == 1 ? Self.cut(at: 500) : Self.partial(500..<1000, cutAt: 0)
    }) { bucket, server in
      let object = try await bucket.get("a")
      for _ in 1...2 {
        let found = await kind { () async throws(S3Error) in
          try await object.collect(limitBytes: 1000)
        }
        #expect(found == .broken)
      }
      #expect(server.requests.count == 5)
    }
  }

  @Test("S05 without a strong ETag, or when the object was replaced, a cut body is not continued")
  func notResumed() async throws {
    try await ScriptedServer.withBucket({ _, _ in Self.cut(at: 500, [("ETag", #"W/"v1""#)]) }) {
      bucket, server in
      let object = try await bucket.get("a")
      let found = await kind { () async throws(S3Error) in
        try await object.collect(limitBytes: 1000)
      }
      #expect(found == .broken)
      #expect(server.requests.count == 1)
    }
    let replacements: [ScriptedAnswer] = [
      .error(412, "PreconditionFailed"), Self.partial(500..<1000, etag: ("ETag", #""v2""#)),
    ]
    for replacement in replacements {
      try await ScriptedServer.withBucket({ number, _ in
        number == 1 ? Self.cut(at: 500) : replacement
      }) { bucket, _ in
        let object = try await bucket.get("a")
        let found = await kind { () async throws(S3Error) in
          try await object.collect(limitBytes: 1000)
        }
        #expect(found == .preconditionFailed)
      }
    }
  }

  @Test("S05 a small object that is cut is asked for again as a whole")
  func wholeAgain() async throws {
    try await ScriptedServer.withBucket({ number, _ in
      number < 3 ? Self.cut(at: 999) : .bytes(ScriptedAnswer.raw(200, [Self.etag], Self.bytes))
    }) { bucket, server in
      let (_, collected) = try await bucket.getBytes("a", limitBytes: 1000)
      #expect(collected == Self.bytes)
      #expect(server.requests.count == 3)
    }
  }

  @Test("a server that ignores ranges is understood: the wanted bytes come, and no others")
  func ignoredRange() async throws {
    try await ScriptedServer.withBucket({ _, _ in
      .bytes(ScriptedAnswer.raw(200, [Self.etag], Self.bytes))
    }) { bucket, _ in
      let ranges: [Range<Int64>] = [
        0..<1, 0..<1000, 0..<Int64.max, 10..<20, 999..<1000, 990..<5000,
      ]
      for range in ranges {
        let expected = Array(Self.bytes[Int(range.lowerBound)..<Int(min(range.upperBound, 1000))])
        let object = try await bucket.get("a", range: range)
        let pulled = try await object.collect(limitBytes: 1000)
        let whole = try await bucket.getBytes("a", range: range, limitBytes: 1000).bytes
        #expect(pulled == expected)
        #expect(whole == expected)
        #expect(object.head.sizeBytes == 1000)
      }
      let behind = await kind { () async throws(S3Error) in
        try await bucket.get("a", range: 1000..<1001)
      }
      #expect(behind == .invalidRange)
    }
  }

  @Test(
    "S05 a head that contradicts the request or itself is a bad answer",
    arguments: [
      [("Content-Range", "bytes 0-9/1000")], [("Content-Range", "bytes 10-19/5")],
      [("Content-Range", "bytes 10-19/*")], [("Content-Range", "bytes 10-18/1000")],
      [("Content-Range", "bytes 19-10/1000")], [("Content-Range", "items 10-19/1000")],
      [("Content-Range", "bytes 10-19/99999999999999999999")], [("Content-Range", "")], [],
      [("Content-Range", "bytes +10-19/1000")], [("Content-Range", "bytes 10-19/1000/1")],
    ])
  func wrongRange(headers: [(String, String)]) async throws {
    try await ScriptedServer.withBucket({ _, _ in
      .bytes(ScriptedAnswer.raw(206, [Self.etag] + headers, Array(Self.bytes[10..<20])))
    }) { bucket, _ in
      let pulled = await kind { () async throws(S3Error) in
        try await bucket.get("a", range: 10..<20)
      }
      let whole = await kind { () async throws(S3Error) in
        try await bucket.getBytes("a", range: 10..<20, limitBytes: 100).bytes
      }
      #expect([pulled, whole] == [.badAnswer, .badAnswer])
    }
  }

  @Test("S05 an error that comes as a success is no object, whatever was asked for")
  func errorAsObject() async throws {
    let document = "<Error><Code>InternalError</Code></Error>"
    let ranges: [Range<Int64>?] = [nil, 0..<10, 30..<40, 1000..<2000]
    try await ScriptedServer.withBucket({ _, _ in
      .status(200, [("Content-Type", "application/xml")], document)
    }) { bucket, _ in
      for range in ranges {
        let pulled = await kind { () async throws(S3Error) in
          try await bucket.get("a", range: range)
        }
        let whole = await kind { () async throws(S3Error) in
          try await bucket.getBytes("a", range: range, limitBytes: 4096).bytes
        }
        #expect([pulled, whole] == [.badAnswer, .badAnswer], "range \(String(describing: range))")
      }
    }
  }

  @Test("S05 what a proxy has compressed is refused with a hint, what was stored so is handed over")
  func compressed() async throws {
    let gzip = ("Content-Encoding", "gzip")
    let foreign: [[(String, String)]] = [
      [gzip, ("ETag", #"W/"v1""#)], [gzip, Self.etag, ("x-amz-meta-sha256", "00")],
      [gzip, Self.etag, ("Transfer-Encoding", "chunked")],
    ]
    for headers in foreign {
      let body = headers.count == 3 && headers[2].1 == "chunked" ? "3\r\nabc\r\n0\r\n\r\n" : "abc"
      try await ScriptedServer.withBucket({ _, _ in .status(200, headers, body) }) { bucket, _ in
        let found = await kind { () async throws(S3Error) in try await bucket.get("a") }
        #expect(found == .badAnswer)
      }
    }
    try await ScriptedServer.withBucket({ _, _ in .status(200, [gzip, Self.etag], "abc") }) {
      bucket, server in
      let object = try await bucket.get("a")
      #expect(object.head.contentEncoding == "gzip")
      #expect(try await object.collect(limitBytes: 3) == Array("abc".utf8))
      #expect(server.requests.first?.header("accept-encoding") == "identity")
    }
  }
}
