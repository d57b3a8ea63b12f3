// The web page as browsers get it.

import Crypto
import Foundation
import Gzip
import Testing

@testable import ArchiveService

@Suite struct WebPageTests {
  @Test(
    "I1 the page comes with the binary: every file that it names is there, and nothing comes from elsewhere"
  )
  func files() async throws {
    try await TestServer.run { server async throws in
      let page = try await server.send("GET", "/")
      #expect(page.status == 200)
      #expect(page.headers["content-type"] == "text/html; charset=utf-8")
      let html = String(decoding: page.body, as: UTF8.self)
      #expect(
        !html.contains("http://") && !html.contains("https://") && !html.contains("<!-- files"))
      let references = html.matches(of: /(?:src|href)="([^"]*)"/).map { String($0.1) }
      #expect(references.count > 50)
      for reference in references {
        let file = try await server.send("GET", reference)
        #expect(file.status == 200, "\(reference)")
        #expect(file.headers["cache-control"] == "public, max-age=31536000, immutable")
        #expect(file.headers["x-content-type-options"] == "nosniff")
        let type =
          reference.hasSuffix(".js")
          ? "text/javascript" : reference.hasSuffix(".css") ? "text/css" : "image/svg+xml"
        #expect(file.headers["content-type"]?.hasPrefix(type) == true, "\(reference)")
      }
    }
  }

  @Test("I1 the page's policy allows nothing inline and nothing from elsewhere")
  func policy() async throws {
    try await TestServer.run { server async throws in
      let policy = try await server.send("GET", "/").headers["content-security-policy"] ?? ""
      #expect(policy.hasPrefix("default-src 'none'; script-src 'self'; style-src 'self'"))
      for word in ["unsafe", "data:", "http", "*"] { #expect(!policy.contains(word), "\(word)") }
    }
  }

  @Test(
    "I1 A5 where files are fetched from the object store, pictures may come from there and nothing else"
  )
  func pictureOrigin() {
    let policy = WebPage.contentSecurityPolicy(
      picturesFrom: WebOrigin(of: "https://Files.Example.org:9000/bucket/files/x?X-Amz-Date=1"))
    #expect(policy.contains("; img-src 'self' blob: https://files.example.org:9000; media-src"))
    #expect(policy.components(separatedBy: "https:").count == 2)
    for odd in [
      "ftp://a/", "https://", "https://a b/", "https://a;script-src *", "//a", "a", "https://ä/",
    ] {
      #expect(WebOrigin(of: odd) == nil, "\(odd)")
    }
  }

  @Test("I1 an index that a browser has already is not sent again")
  func notModified() async throws {
    try await TestServer.run { server async throws in
      let tag = try #require(try await server.send("GET", "/").headers["etag"])
      let again = try await server.send("GET", "/", headers: ["If-None-Match: \(tag)"])
      #expect(again.status == 304)
      #expect(again.body.isEmpty)
      let other = try await server.send("GET", "/", headers: ["If-None-Match: \"other\""])
      #expect(other.status == 200)
    }
  }

  @Test("I1 files of other versions, and names that are no file, are not there")
  func unknown() async throws {
    try await TestServer.run { server async throws in
      let version = WebPage().version
      for path in [
        "/web/0000000000000000/shell/main.js", "/web/\(version)/shell/none.js",
        "/web/\(version)/shell/..",
        "/web/\(version)/../index.html", "/web/\(version)/shell", "/web/\(version)/index.html/x",
      ] {
        #expect(try await server.send("GET", path).status == 404, "\(path)")
      }
    }
  }

  @Test("I1 the hashes that the page names are those of the files")
  func integrity() async throws {
    try await TestServer.run { server async throws in
      let html = String(decoding: try await server.send("GET", "/").body, as: UTF8.self)
      let named = html.matches(of: /(?:src|href)="([^"]*)" integrity="sha256-([^"]*)"/)
      #expect(named.count > 50)
      for each in named {
        let file = try await server.send("GET", String(each.1))
        let hash = Data(SHA256.hash(data: file.body)).base64EncodedString()
        #expect(hash == String(each.2), "\(each.1)")
      }
    }
  }

  @Test("I1 who takes gzip gets it, and the same bytes")
  func gzip() async throws {
    try await TestServer.run { server async throws in
      let path = "/web/\(WebPage.embedded.version)/shell/main.js"
      let plain = try await server.send("GET", path)
      let packed = try await server.send("GET", path, headers: ["Accept-Encoding: br, gzip;q=0.5"])
      #expect(packed.headers["content-encoding"] == "gzip")
      #expect(packed.body.count < plain.body.count)
      #expect(try Gzip.decompress(Array(packed.body), limitBytes: 1 << 20) == Array(plain.body))
      for refusal in ["identity", "gzip;q=0", "gzip; q=0.00"] {
        let other = try await server.send("GET", path, headers: ["Accept-Encoding: \(refusal)"])
        #expect(other.headers["content-encoding"] == nil, "\(refusal)")
      }
    }
  }
}
