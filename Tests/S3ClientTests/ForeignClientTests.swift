// What we write, clients that others wrote can read; and what they write, we can.

import Crypto
import Foundation
import S3Client
import Testing

/// boto3, awscli and urllib beside ours, on each real server.
@Suite(
  .enabled(
    if: ForeignProgram.isThere,
    "foreign clients are not here: ./dev test gets them, starts servers and sets ARCHIVE_TEST_PYTHON"
  ))
struct ForeignClientTests {
  @Test(
    "J3 boto3 lists, heads and reads what we wrote under odd keys", arguments: RealServer.all)
  func botoReadsOurs(_ server: RealServer) async throws {
    try await server.withBucket { bucket in
      for key in OddKeys.all {
        var options = S3PutOptions()
        options.contentType = "text/x-odd; charset=utf-8"
        options.metadata = ["origin": "ours, in 100%"]
        _ = try await bucket.put(key, .bytes(OddKeys.body(key)), options)
      }
      let seen = try await ForeignProgram("boto_reads").run(
        ["bucket": bucket.name], at: server, answer: [SeenObject].self)
      #expect(seen.map { Array($0.key.utf8) } == OddKeys.sorted.map { Array($0.utf8) })
      for object in seen {
        let body = OddKeys.body(object.key)
        #expect(object.sha256 == hex(body), "key \(object.key.debugDescription)")
        #expect(object.listedBytes == body.count && object.headBytes == body.count)
        #expect(object.contentType == "text/x-odd; charset=utf-8")
        #expect(object.metadata == ["origin": "ours, in 100%", "sha256": hex(body)])
      }
    }
  }

  @Test("J3 we list, head and read what boto3 wrote under odd keys", arguments: RealServer.all)
  func weReadBotos(_ server: RealServer) async throws {
    try await server.withBucket { bucket in
      let order = WriteOrder(
        bucket: bucket.name,
        objects: OddKeys.all.map {
          WriteOrder.Small(
            key: $0, base64: Data(OddKeys.body($0)).base64EncodedString(),
            contentType: "text/x-odd", metadata: ["Origin": "boto3"])
        }, large: [])
      let written = try await ForeignProgram("boto_writes").run(
        order, at: server, answer: [WrittenObject].self)
      try #require(written.count == OddKeys.all.count)
      var listed: [S3ListedObject] = []
      for try await object in bucket.list() { listed.append(object) }
      #expect(listed.map { Array($0.key.utf8) } == OddKeys.sorted.map { Array($0.utf8) })
      for (key, theirs) in zip(OddKeys.all, written) {
        let head = try await bucket.head(key)
        #expect(head?.contentType == "text/x-odd" && head?.metadata["origin"] == "boto3")
        #expect(head?.etag == theirs.etag, "key \(key.debugDescription)")
        let bytes = try await bucket.get(key).collect(limitBytes: 1 << 20)
        #expect(bytes == OddKeys.body(key), "key \(key.debugDescription)")
      }
    }
  }

  @Test("J3 awscli lists, heads and copies what we wrote", arguments: RealServer.all)
  func awscliReadsOurs(_ server: RealServer) async throws {
    try await server.withBucket { bucket in
      let keys = ["a folder/plus+per%cent é", "packs/of the archive.gz"]
      let packed = try #require(Data(base64Encoded: GzippedLines.base64))
      for (key, body) in zip(keys, [OddKeys.body(keys[0]), Array(packed)]) {
        var options = S3PutOptions()
        options.contentType = "application/x-ours"
        _ = try await bucket.put(key, .bytes(body), options)
      }
      let seen = try await ForeignProgram("awscli_reads").run(
        ReadOrder(bucket: bucket.name, keys: keys), at: server, answer: AwscliAnswer.self)
      #expect(seen.listing.count == 2)
      for (line, key) in zip(seen.listing, keys) { #expect(line.hasSuffix(" " + key)) }
      #expect(seen.objects.map(\.contentType) == ["application/x-ours", "application/x-ours"])
      #expect(seen.objects.map(\.sha256) == [hex(OddKeys.body(keys[0])), hex(Array(packed))])
      #expect(seen.objects.map { $0.metadata["sha256"] } == seen.objects.map(\.sha256))
      #expect(seen.objects.last?.lines == GzippedLines.lines, "zcat reads what awscli fetched")
    }
  }

  @Test("J3 we read what boto3 uploaded in parts, whole and by range", arguments: RealServer.all)
  func weReadPartsOfBoto(_ server: RealServer) async throws {
    try await server.withBucket { bucket in
      let size = (11 << 20) + 17
      let order = WriteOrder(
        bucket: bucket.name, objects: [],
        large: [WriteOrder.Large(key: "in parts", bytes: size, seed: 11)])
      let written = try await ForeignProgram("boto_writes").run(
        order, at: server, answer: [WrittenObject].self)
      let theirs = try #require(written.first)
      #expect(theirs.etag.hasSuffix("-3\""), "it came in three parts")
      let object = try await bucket.get("in parts")
      #expect(object.head.sizeBytes == Int64(size) && object.head.etag == theirs.etag)
      let bytes = try await object.collect(limitBytes: size)
      #expect(hex(bytes) == theirs.sha256)
      // Across the border between two parts.
      let border = Int64(5 << 20)
      let range = try await bucket.get("in parts", range: border - 9..<border + 9)
      let middle = try await range.collect(limitBytes: 18)
      try #require(bytes.count == size)
      #expect(middle == Array(bytes[Int(border) - 9..<Int(border) + 9]))
    }
  }

  @Test("J3 boto3 and awscli read what we uploaded in parts", arguments: RealServer.all)
  func theyReadOurParts(_ server: RealServer) async throws {
    var settings = server.settings
    settings.partBytes = 5 << 20
    try await server.withBucket(settings) { bucket in
      let body = patternedBytes((11 << 20) + 17)
      let source = ChunkSource(body, chunkBytes: 700_001)
      _ = try await bucket.upload("in parts", length: Int64(body.count)) { source.next() }
      let boto = try await ForeignProgram("boto_reads").run(
        ["bucket": bucket.name], at: server, answer: [SeenObject].self)
      #expect(boto.map(\.sha256) == [hex(body)] && boto.map(\.listedBytes) == [body.count])
      #expect(boto.first?.etag.hasSuffix("-3\"") == true, "it went in three parts")
      let awscli = try await ForeignProgram("awscli_reads").run(
        ReadOrder(bucket: bucket.name, keys: ["in parts"]), at: server, answer: AwscliAnswer.self)
      #expect(awscli.objects.map(\.sha256) == [hex(body)])
    }
  }

  @Test(
    "J3 a presigned URL is good for whoever has it, and one that was changed is refused",
    arguments: RealServer.all)
  func presignedURLs(_ server: RealServer) async throws {
    try await server.withBucket { bucket in
      for key in ["plain", "odd/ é+%2F&?=\"quote\"//x"] {
        let body = OddKeys.body(key)
        let put = try bucket.presignedPut(key, expires: .seconds(60), contentType: "text/x-odd")
        let get = try bucket.presignedGet(
          key, expires: .seconds(60), contentType: "text/html",
          contentDisposition: "attachment; filename=\"a b.html\"")
        let changed = try bucket.presignedGet("other", expires: .seconds(60))
          .replacing("/other?", with: "/plain?")
        let answers = try await ForeignProgram("urllib_fetches").run(
          [
            FetchOrder("PUT", put, ["Content-Type": "text/x-odd"], body),
            FetchOrder("GET", get), FetchOrder("PUT", get, [:], body), FetchOrder("GET", changed),
            FetchOrder("PUT", put, ["Content-Type": "text/html"], body),
          ], at: server, answer: [FetchAnswer].self)
        #expect(answers.map(\.status) == [200, 200, 403, 403, 403], "key \(key.debugDescription)")
        let fetched = try #require(answers.dropFirst().first)
        #expect(fetched.sha256 == hex(body) && fetched.headers["content-type"] == "text/html")
        #expect(
          fetched.headers["content-disposition"] == "attachment; filename=\"a b.html\"")
        #expect(try await bucket.head(key)?.contentType == "text/x-odd")
      }
    }
  }
}

private func hex(_ bytes: [UInt8]) -> String {
  SHA256.hash(data: bytes).map { String(format: "%02x", $0) }.joined()
}
