// Requests that never go out.

import CurlHTTP
import Testing

@Suite struct RequestRulesTests {
  @Test(arguments: [
    "", "/relative", "ftp://127.0.0.1/", "file:///etc/passwd", "http://", "http:///x",
    "http://:80/",
    "http://user:word@127.0.0.1/", "http://127.0.0.1/#part", "http://127.0.0.1/a b",
    "http://127.0.0.1/\r\nX: y", "http://127.0.0.1/\u{0}", "http://127.0.0.1/ü",
    "http://127.0.0.1\\@x/",
    "http://127.0.0.1:99999/", "http://127.0.0.1:x/",
    "http://127.0.0.1/" + String(repeating: "x", count: 70_000),
  ])
  func `a url that is none of ours is refused`(url: String) async throws {
    let kind = try await Self.kind(CurlRequest("GET", url))
    #expect(kind == .invalidRequest)
  }

  @Test(arguments: ["", "GET /", "GE\r\nT", "GE\u{0}T", "G T", "GÉT"])
  func `a method that is no token is refused`(method: String) async throws {
    let kind = try await Self.kind(CurlRequest(method, "http://127.0.0.1:1/"))
    #expect(kind == .invalidRequest)
  }

  @Test(arguments: [
    CurlHeader("X", "a\r\nY: b"), CurlHeader("X", "a\nb"), CurlHeader("X", "a\rb"),
    CurlHeader("X", "a\u{0}b"), CurlHeader("X\r\nY", "b"), CurlHeader("X:", "b"),
    CurlHeader("", "b"),
    CurlHeader("X Y", "b"), CurlHeader("content-length", "5"),
    CurlHeader("Transfer-Encoding", "chunked"),
    CurlHeader("Expect", "100-continue"), CurlHeader("X", String(repeating: "x", count: 300_000)),
  ])
  func `a header that would break the request is refused`(header: CurlHeader) async throws {
    let kind = try await Self.kind(CurlRequest("GET", "http://127.0.0.1:1/", headers: [header]))
    #expect(kind == .invalidRequest)
  }

  @Test func `a body that cannot be is refused`() async throws {
    let head = try await Self.kind(CurlRequest("HEAD", "http://127.0.0.1:1/", body: .bytes([1])))
    #expect(head == .invalidRequest)
    let negative = CurlRequest("PUT", "http://127.0.0.1:1/", body: .stream(length: -1) { nil })
    let kind = try await Self.kind(negative)
    #expect(kind == .invalidRequest)
  }

  @Test func `a host that is an address of version 6 is understood`() async throws {
    let kind = try await Self.kind(CurlRequest("GET", "http://[::1]:1/"))
    #expect(kind == .unreachable)
  }

  private static func kind(_ request: CurlRequest) async throws -> CurlError.Kind? {
    await failureKind {
      try await CurlClient.used { client in _ = try await client.fetch(request, limitBytes: 0) }
    }
  }
}
