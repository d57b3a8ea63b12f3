// Requests and answers as they should be.

import CurlHTTP
import Testing

@Suite struct RoundTripTests {
  @Test func `an object is put, read, looked at and deleted`() async throws {
    let server = try await TestServer()
    try await CurlClient.used { client in
      let url = server.base + "/objects/a"
      let bytes = Array("hello".utf8)
      let put = try await client.fetch(CurlRequest("PUT", url, body: .bytes(bytes)), limitBytes: 10)
      #expect(put.head.status == 201)
      #expect(put.head.header("etag") == "\"e\"")
      let got = try await client.fetch(CurlRequest("GET", url), limitBytes: 10)
      #expect(got.body == bytes)
      let head = try await client.fetch(CurlRequest("HEAD", url), limitBytes: 0)
      #expect(head.head.status == 200 && head.head.header("Content-Length") == "5")
      #expect(head.body.isEmpty)
      let deleted = try await client.fetch(CurlRequest("DELETE", url), limitBytes: 0)
      #expect(deleted.head.status == 204)
      let gone = try await client.fetch(CurlRequest("GET", url), limitBytes: 0)
      #expect(gone.head.status == 404)
    }
    try await server.stop()
  }

  @Test(arguments: [0, 1, 1023, 1024, 16384, 65535, 65536, 300_000, 1_200_000])
  func `bodies of any size arrive as they were sent`(size: Int) async throws {
    let server = try await TestServer()
    try await CurlClient.used { client in
      let url = server.base + "/objects/b"
      let bytes = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
      for body in [CurlBody.bytes(bytes), Self.streamed(bytes)] {
        _ = try await client.fetch(CurlRequest("PUT", url, body: body), limitBytes: 0)
        #expect(server.sight.objects["/objects/b"] == bytes)
        #expect(server.sight.headers.last?["content-length"] == "\(size)")
      }
      let fetched = try await client.fetch(CurlRequest("GET", url), limitBytes: size)
      #expect(fetched.body == bytes)
      let pulled = try await client.send(CurlRequest("GET", url)).all()
      #expect(pulled == bytes)
    }
    try await server.stop()
  }

  @Test func `a request says what it was told and nothing of its own about the body`() async throws
  {
    let server = try await TestServer()
    try await CurlClient.used { client in
      let headers = [
        CurlHeader("X-Name", "value: with, signs"), CurlHeader("X-Empty", ""),
        CurlHeader("Host", "bucket.example:81"),
      ]
      let body = CurlBody.bytes([1, 2, 3])
      _ = try await client.fetch(
        CurlRequest("PUT", server.base + "/echo", headers: headers, body: body), limitBytes: 1000)
      let seen = try #require(server.sight.headers.last)
      #expect(seen["x-name"] == "value: with, signs")
      #expect(seen["x-empty"] == "")
      #expect(seen["host"] == "bucket.example:81")
      #expect(seen["expect"] == nil)
      #expect(seen["content-type"] == nil)
      #expect(seen["transfer-encoding"] == nil)
      #expect(seen["accept-encoding"] == nil)
      #expect(seen["user-agent"] == "chat-archive-service")
    }
    try await server.stop()
  }

  @Test func `a path goes out as it is written`() async throws {
    let server = try await TestServer()
    try await CurlClient.used { client in
      for path in ["/a/../b/./c//d", "/%2e%2E/x%2Fy", "/k?b=2&a=%20&uploads", "/?delete"] {
        _ = try await client.fetch(CurlRequest("GET", server.base + path), limitBytes: 1000)
        #expect(server.sight.requests.last == "GET " + path)
      }
    }
    try await server.stop()
  }

  @Test func `one request after another uses one connection`() async throws {
    let server = try await TestServer()
    try await CurlClient.used { client in
      for number in 0..<50 {
        let body: CurlBody = number.isMultiple(of: 2) ? .none : .bytes([1])
        _ = try await client.fetch(
          CurlRequest("PUT", server.base + "/echo", body: body), limitBytes: 1000)
        _ = try await client.fetch(CurlRequest("HEAD", server.base + "/objects/x"), limitBytes: 0)
      }
      #expect(server.sight.connections == 1)
    }
    try await server.stop()
  }

  @Test func `two hundred requests at once share the connections that are allowed`() async throws {
    let server = try await TestServer()
    var settings = CurlSettings()
    settings.connectionLimit = 4
    try await CurlClient.used(settings) { client in
      try await withThrowingTaskGroup(of: Int.self) { group in
        for number in 0..<200 {
          group.addTask {
            let url = server.base + "/echo?\(number)"
            let answer = try await client.fetch(CurlRequest("GET", url), limitBytes: 1000)
            #expect(String(decoding: answer.body, as: UTF8.self).hasPrefix("GET /echo?\(number)\n"))
            return answer.head.status
          }
        }
        for try await status in group { #expect(status == 200) }
      }
      #expect(server.sight.requests.count == 200)
      #expect(server.sight.mostOpen <= 4)
    }
    try await server.stop()
  }

  @Test func `a connection that the server closed is replaced without a word`() async throws {
    let server = try await TestServer(requestsPerConnection: 1)
    try await CurlClient.used { client in
      for _ in 0..<20 {
        let request = CurlRequest("PUT", server.base + "/drain", body: .bytes([1, 2, 3]))
        let answer = try await client.fetch(request, limitBytes: 10)
        #expect(answer.body == Array("3".utf8))
      }
      #expect(server.sight.connections == 20)
    }
    try await server.stop()
  }

  private static func streamed(_ bytes: [UInt8]) -> CurlBody {
    let source = ChunkSource(bytes, chunkBytes: 10_000)
    return .stream(length: Int64(bytes.count)) { source.next() }
  }
}
