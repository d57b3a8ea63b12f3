// Which endpoints are taken, and what is read from them.

import S3Client
import Testing

struct S3EndpointTests {
  @Test(
    arguments: [
      ("http://127.0.0.1:9480", false, "127.0.0.1", 9480, "", "127.0.0.1:9480"),
      (
        "https://s3.eu-central-1.amazonaws.com", true, "s3.eu-central-1.amazonaws.com", nil, "",
        "s3.eu-central-1.amazonaws.com"
      ),
      ("http://minio:9000", false, "minio", 9000, "", "minio:9000"),
      ("https://host/base", true, "host", nil, "/base", "host"),
      ("HTTPS://Host.Example:443/", true, "host.example", 443, "", "host.example"),
      ("http://h:80", false, "h", 80, "", "h"), ("https://h:80", true, "h", 80, "", "h:80"),
      ("http://h:443/a/b.c~d//", false, "h", 443, "/a/b.c~d", "h:443"),
      ("http://[::1]", false, "::1", nil, "", "[::1]"),
      ("https://[2001:DB8::1]:8443/x", true, "2001:db8::1", 8443, "/x", "[2001:db8::1]:8443"),
      (
        "http://my_store-1.local:65535", false, "my_store-1.local", 65_535, "",
        "my_store-1.local:65535"
      ),
    ] as [(String, Bool, String, Int?, String, String)])
  func `an endpoint is read`(
    text: String, isTLS: Bool, host: String, port: Int?, basePath: String, authority: String
  ) throws {
    let endpoint = try #require(S3Endpoint(text))
    #expect((endpoint.isTLS, endpoint.host) == (isTLS, host))
    #expect((endpoint.port, endpoint.basePath) == (port, basePath))
    #expect(endpoint.authority == authority)
    #expect(endpoint.description == (isTLS ? "https" : "http") + "://\(authority)\(basePath)")
    // What it writes of itself, it reads again.
    #expect(S3Endpoint(endpoint.description)?.description == endpoint.description)
  }

  @Test(arguments: [
    "", "http://", "https:///", "host", "host:9000", "ftp://h", "s3://bucket", "http:/h", "//h",
    "http://user@h", "http://user:secret@h", "http://h?x=1", "http://h/?x", "http://h#f",
    "http://h/a?b", "http://h:", "http://h:0", "http://h:65536", "http://h:-1", "http://h:+80",
    "http://h:8a", "http://h:99999999999999999999", "http://h:80:80", "http://h h", " http://h",
    "http://h ", "http://h\n", "http://h\u{0}", "http://-h", "http://.h", "http://h..i",
    "http://h.", "http://ä.example", "http://h%41", "http://h/a b", "http://h/a%20b",
    "http://h/a/../b", "http://h/.", "http://h//a", "http://h/a+b", "http://[::1",
    "http://[::1]x", "http://[::1]9000", "http://[]", "http://[1.2.3.4]", "http://[::g]",
    "http://[1:2]", "http://[fe80::1%25eth0]", "http://::1", "http://::1:9000", "http://h:８０",
    "http://h\\i", "http://h;x",
  ])
  func `what is not only scheme, host, port and path is no endpoint`(text: String) {
    #expect(S3Endpoint(text) == nil)
  }

  @Test func `names that are too long are refused`() {
    let label = String(repeating: "a", count: 63)
    #expect(S3Endpoint("http://\(label).example") != nil)
    #expect(S3Endpoint("http://\(label)a.example") == nil)
    #expect(S3Endpoint("http://" + String(repeating: "\(label).", count: 4) + "a") == nil)
  }
}
