// Proxies come from the settings and from nowhere else.

import CurlHTTP
import Glibc
import Testing

@Suite struct ProxyTests {
  @Test func `what the environment says of proxies is not read`() async throws {
    // In a process of its own: the environment is everybody's.
    await #expect(processExitsWith: .success) {
      for name in ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"] {
        setenv(name, "http://127.0.0.1:1", 1)
      }
      let server = try await TestServer()
      let client = try CurlClient()
      let answer = try await client.fetch(
        CurlRequest("GET", server.base + "/echo"), limitBytes: 999)
      #expect(answer.head.status == 200)
      await client.close()
    }
  }

  @Test func `a proxy from the settings gets the request, whatever the environment excepts`()
    async throws
  {
    await #expect(processExitsWith: .success) {
      setenv("no_proxy", "*", 1)
      let proxy = try await TestServer()
      var settings = CurlSettings()
      settings.proxy = proxy.base
      let client = try CurlClient(settings: settings)
      let answer = try await client.fetch(
        CurlRequest("GET", "http://bucket.invalid/echo"), limitBytes: 999)
      #expect(answer.head.status == 200)
      #expect(proxy.sight.requests == ["GET http://bucket.invalid/echo"])
      await client.close()
    }
  }

  @Test func `a proxy that refuses a tunnel makes the server unreachable`() async throws {
    let proxy = try await ScriptServer([
      .awaitHead, .send("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"),
    ])
    var settings = CurlSettings()
    settings.proxy = proxy.base
    try await CurlClient.used(settings) { client in
      let kind = await failureKind {
        _ = try await client.fetch(CurlRequest("GET", "https://bucket.invalid/"), limitBytes: 0)
      }
      #expect(kind == .unreachable)
    }
    try await proxy.stop()
  }

  @Test(arguments: ["socks5://127.0.0.1:1", "127.0.0.1:1", "http://a b", "file:///etc/passwd"])
  func `a proxy of another form is refused at the beginning`(proxy: String) async throws {
    var settings = CurlSettings()
    settings.proxy = proxy
    let wrong = settings
    let kind = await failureKind { _ = try CurlClient(settings: wrong) }
    #expect(kind == .invalidRequest)
  }
}
