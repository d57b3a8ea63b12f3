// The proxy with faults: it passes everything as it is, and each fault does what it says.

import ArchiveTesting
import Gzip
import NIOCore
import NIOPosix
import Testing

/// A server, and the proxy in front of it.
private struct Both: Sendable {
  let upstream: Upstream
  let proxy: FaultyProxy

  /// Runs the body with both, and stops them.
  static func run<Result: Sendable>(
    _ faults: ProxyFault..., body: (Both) async throws -> Result
  ) async throws -> Result {
    let upstream = try await Upstream()
    let proxy = try await FaultyProxy.start(upstreamHost: "127.0.0.1", upstreamPort: upstream.port)
    for fault in faults { proxy.inject(fault) }
    let result: Swift.Result<Result, any Error>
    do { result = .success(try await body(Both(upstream: upstream, proxy: proxy))) } catch {
      result = .failure(error)
    }
    await proxy.stop()
    await upstream.stop()
    return try result.get()
  }

  func get(_ path: String, method: String = "GET") async throws -> String {
    try await RawClient.get(proxy.port, path, method: method)
  }

  func put(_ text: String) async throws -> String {
    try await RawClient.talk(
      proxy.port,
      "PUT /key?x=1 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n"
        + "Content-Length: \(text.utf8.count)\r\n\r\n\(text)")
  }
}

@Suite struct FaultyProxyTests {
  @Test func `without faults replies of every framing pass, and the host that was asked for`()
    async throws
  {
    try await Both.run { (both) async throws in
      #expect(try await both.get("/length").hasSuffix("Content-Length: 100\r\n\r\n" + digits))
      let chunked = try await both.get("/chunked")
      #expect(chunked.contains("\r\n\r\n28\r\n0123") && chunked.hasSuffix("9\r\n0\r\n\r\n"))
      #expect(try await both.get("/close").hasSuffix("Connection: close\r\n\r\n" + digits))
      #expect(try await both.get("/x", method: "HEAD").hasSuffix("Content-Length: 6\r\n\r\n"))
      #expect(
        both.upstream.seen.requests.map(\.host) == Array(repeating: "bucket.example", count: 4))
      #expect(both.proxy.requests.map(\.status) == [200, 200, 200, 200])
    }
  }

  @Test func `requests on one connection are answered one after the other`() async throws {
    try await Both.run(.answer(status: 503, code: "SlowDown")) { (both) async throws in
      let client = try await RawClient(port: both.proxy.port)
      client.send("PUT /a HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc")
      let refusal = await client.received(until: "</Error>")
      #expect(refusal.hasPrefix("HTTP/1.1 503 ") && refusal.contains("<Code>SlowDown</Code>"))
      client.send(
        "PUT /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n")
      #expect(await client.received(until: "took 2").hasPrefix("HTTP/1.1 200 OK"))
      client.send("GET /length HTTP/1.1\r\nHost: h\r\n\r\n")
      #expect(await client.received(until: digits).hasPrefix("HTTP/1.1 200 OK"))
      await client.close()
      #expect(both.upstream.seen.requests.map(\.uri) == ["/a", "/length"])
      #expect(both.proxy.requests.map(\.status) == [503, 200, 200])
    }
  }

  @Test func `answers, errors in a 200 and redirects are not forwarded`() async throws {
    let faults: [ProxyFault] = [.answer(status: 403, code: "AccessDenied"), .errorIn200()]
    try await Both.run(faults[0], faults[1], .redirect(to: "http://elsewhere:1")) {
      (both) async throws in
      #expect(try await both.put("abc").contains("<Code>AccessDenied</Code>"))
      let error = try await both.put("abc")
      #expect(error.hasPrefix("HTTP/1.1 200 OK") && error.contains("<Code>InternalError</Code>"))
      let redirect = try await both.put("abc")
      #expect(redirect.hasPrefix("HTTP/1.1 307 "))
      #expect(redirect.contains("\r\nLocation: http://elsewhere:1/key?x=1\r\n"))
      #expect(both.upstream.seen.requests.isEmpty)
    }
  }

  @Test func `who waits for leave to send a body gets the refusal`() async throws {
    try await Both.run(.answer(status: 403, code: "AccessDenied")) { (both) async throws in
      let answer = try await RawClient.talk(
        both.proxy.port,
        "PUT /a HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 9\r\n\r\n")
      #expect(answer.hasPrefix("HTTP/1.1 403 "))
    }
  }

  @Test func `silence answers nothing and keeps the connection`() async throws {
    try await Both.run(.silence) { (both) async throws in
      let silent = try await RawClient(port: both.proxy.port)
      silent.send("GET /length HTTP/1.1\r\nHost: h\r\n\r\n")
      // The fault is the first request's; only then the second one is sent.
      while both.proxy.requests.isEmpty { await Task.yield() }
      #expect(try await both.get("/length").hasSuffix(digits))
      #expect(silent.channel.isActive)
      await both.proxy.breakConnections()
      #expect(await silent.received() == "")
      #expect(both.upstream.seen.requests.count == 1)
    }
  }

  @Test func `a dropped request is not forwarded, a lost reply was`() async throws {
    try await Both.run(.dropRequest, .loseReply) { (both) async throws in
      #expect(try await both.put("abc") == "")
      #expect(both.upstream.seen.requests.isEmpty)
      #expect(try await both.put("abc") == "")
      #expect(both.upstream.seen.requests.map(\.body) == [Array("abc".utf8)])
      #expect(both.proxy.requests.map(\.status) == [nil, 200])
      #expect(both.proxy.requests.map(\.fault) == [.dropRequest, .loseReply])
    }
  }

  @Test func `a cut request never arrives whole`() async throws {
    try await Both.run(.cutRequest(fraction: 0.5), .cutRequest(fraction: 1)) {
      (both) async throws in
      #expect(try await both.put("abcdef") == "")
      #expect(try await both.put("abcdef") == "")
      #expect(both.upstream.seen.requests.isEmpty)
    }
  }

  @Test func `one byte of a request is altered`() async throws {
    try await Both.run(.corruptRequestByte) { (both) async throws in
      #expect(try await both.put("abc").hasSuffix("took 3"))
      #expect(both.upstream.seen.requests.map(\.body) == [[~0x61, 0x62, 0x63]])
    }
  }

  @Test(arguments: ["/length", "/chunked", "/close"])
  func `a body is cut, and the connection with it`(path: String) async throws {
    try await Both.run(.cutBody(fraction: 0.25)) { (both) async throws in
      let answer = try await both.get(path)
      let body = answer.split(separator: "\r\n\r\n", maxSplits: 1).last.map(String.init) ?? ""
      #expect(answer.hasPrefix("HTTP/1.1 200 OK"))
      #expect(body.contains("0123456789") && body.utf8.count < 40)
    }
  }

  @Test func `even the whole of a body is cut by a byte, and a reply without one in its head`()
    async throws
  {
    try await Both.run(.cutBody(fraction: 1), .cutBody(fraction: 1)) { (both) async throws in
      #expect(try await both.get("/length").hasSuffix("\r\n\r\n" + digits.dropLast()))
      let head = try await both.get("/x", method: "HEAD")
      #expect(head.hasPrefix("HTTP/1.1 ") && !head.contains("\r\n\r\n"))
    }
  }

  @Test func `a length is wrong in either direction`() async throws {
    try await Both.run(.wrongLength(by: 7), .wrongLength(by: -7), .wrongLength(by: .min)) {
      (both) async throws in
      #expect(try await both.get("/length").hasSuffix("Content-Length: 107\r\n\r\n" + digits))
      #expect(try await both.get("/length").hasSuffix("Content-Length: 93\r\n\r\n" + digits))
      #expect(try await both.get("/length").hasSuffix("Content-Length: 0\r\n\r\n" + digits))
    }
  }

  @Test(arguments: [("/length", 50), ("/close", 0)])
  func `one byte of a reply is altered`(path: String, place: Int) async throws {
    try await Both.run(.corruptByte) { (both) async throws in
      let client = try await RawClient(port: both.proxy.port)
      client.send("GET \(path) HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
      let answer = await client.received()
      // A digit with all its bits turned is no UTF-8.
      var expected = Array(digits).map(String.init)
      expected[place] = "\u{FFFD}"
      #expect(answer.hasSuffix("\r\n\r\n" + expected.joined()))
    }
  }

  @Test(arguments: ["/length", "/chunked", "/close"])
  func `a compressed reply is gzip format`(path: String) async throws {
    try await Both.run(.compress) { (both) async throws in
      let client = try await RawClient(port: both.proxy.port)
      client.send("GET \(path) HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
      let bytes = await client.receivedBytes()
      let head = String(decoding: bytes.prefix(300), as: UTF8.self)
      #expect(head.contains("Content-Encoding: gzip") && !head.contains("Content-Length"))
      let body = try #require(dechunked(bytes))
      #expect(try Gzip.decompress(body, limitBytes: 1000) == Array(digits.utf8))
    }
  }

  @Test func `a trickling reply arrives whole`() async throws {
    try await Both.run(.trickle(bytesPerSecond: 1000)) { (both) async throws in
      #expect(try await both.get("/length").hasSuffix("\r\n\r\n" + digits))
    }
  }

  @Test func `a delayed request arrives`() async throws {
    try await Both.run(.delay(.milliseconds(20))) { (both) async throws in
      #expect(try await both.put("abc").hasSuffix("took 3"))
    }
  }

  @Test func `a server that is away ends the connection, and is found where it comes back`()
    async throws
  {
    try await Both.run { (both) async throws in
      let other = try await Upstream()
      await other.stop()
      both.proxy.setUpstream(port: other.port)
      #expect(try await both.get("/length") == "")
      both.proxy.setUpstream(port: both.upstream.port)
      #expect(try await both.get("/length").hasSuffix(digits))
    }
  }

  @Test func `rules hit what they name, as often as they say, until they are cleared`()
    async throws
  {
    try await Both.run { (both) async throws in
      let proxy = both.proxy
      proxy.inject(.answer(status: 500, code: "InternalError"), times: 2) { $0.path == "/a" }
      proxy.inject(.answer(status: 503, code: "SlowDown"), times: .max) { $0.query == "b=1" }
      var statuses: [String] = []
      for path in ["/a", "/b", "/a", "/a", "/c?b=1"] {
        statuses.append(String(try await both.get(path).dropFirst(9).prefix(3)))
      }
      proxy.clearFaults()
      statuses.append(String(try await both.get("/c?b=1").dropFirst(9).prefix(3)))
      #expect(statuses == ["500", "200", "500", "200", "503", "200"])
    }
  }

  @Test func `random faults are the same for the same seed`() async throws {
    func statuses(seed: UInt64) async throws -> [Int?] {
      try await Both.run { (both) async throws in
        both.proxy.setRandomFaults(
          rate: 0.5, seed: seed,
          among: [.answer(status: 500, code: "InternalError"), .answer(status: 403, code: "No")])
        for _ in 0..<40 { _ = try await both.get("/length") }
        return both.proxy.requests.map(\.status)
      }
    }
    let first = try await statuses(seed: 7)
    #expect(Set(first) == [200, 403, 500])
    #expect(try await statuses(seed: 7) == first)
    #expect(try await statuses(seed: 8) != first)
  }

  @Test func `large bodies pass at the reader's pace`() async throws {
    let size = 64 << 20
    try await Both.run { (both) async throws in
      let reader = SlowReader(both.upstream.seen)
      let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
        .channelOption(.autoRead, value: false)
        .channelOption(.maxMessagesPerRead, value: 1)
        .channelOption(.socketOption(.so_rcvbuf), value: 64 << 10)
        .channelInitializer { $0.pipeline.addHandler(reader) }
        .connect(host: "127.0.0.1", port: both.proxy.port).get()
      let request = "GET /big/\(size) HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"
      try await channel.writeAndFlush(ByteBuffer(string: request))
      try await channel.closeFuture.get()
      #expect(reader.receivedBytes > size)
      // What the sockets hold, and the proxy's two buffers; without back-pressure it is nearly everything.
      #expect(reader.farthestAhead < 24 << 20)
    }
  }

  @Test func `a large body arrives at the server as it was sent`() async throws {
    let body = (0..<(8 << 20)).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 9) }
    try await Both.run { (both) async throws in
      let client = try await RawClient(port: both.proxy.port)
      client.send(
        Array("PUT /a HTTP/1.1\r\nHost: h\r\nContent-Length: \(body.count)\r\n\r\n".utf8) + body)
      #expect(await client.received(until: "took \(body.count)").hasPrefix("HTTP/1.1 200 OK"))
      let arrived = try #require(both.upstream.seen.requests.first?.body)
      #expect(arrived == body)
      await client.close()
    }
  }
}

private let digits = Upstream.digits

/// The body of a chunked reply.
private func dechunked(_ bytes: [UInt8]) -> [UInt8]? {
  var rest = ByteBuffer(bytes: bytes)
  while let line = rest.readLine(), !line.isEmpty {}
  var body: [UInt8] = []
  while let line = rest.readLine(), let count = Int(line, radix: 16) {
    guard count > 0 else { return body }
    guard let chunk = rest.readBytes(length: count), rest.readLine() == "" else { return nil }
    body += chunk
  }
  return nil
}

extension ByteBuffer {
  /// Text up to the next CR LF, which is skipped.
  fileprivate mutating func readLine() -> String? {
    guard let end = readableBytesView.firstIndex(of: 0x0A) else { return nil }
    let line = readString(length: end - readableBytesView.startIndex)
    moveReaderIndex(forwardBy: 1)
    return line.map { String($0.hasSuffix("\r") ? $0.dropLast() : $0[...]) }
  }
}
