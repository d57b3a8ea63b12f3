// Files that a real object store hands out itself, at addresses that the built program signs.

import Foundation
import S3Client
import S3Testing
import Testing

@Suite(
  "Downloads from the object store", .timeLimit(.minutes(2)),
  .enabled(if: TestS3Server.first != nil, "\(TestS3Server.wanted)"),
  .enabled(if: Uploaders.hasCurl, Uploaders.curlWanted))
struct RedirectTests {
  private let scratch: ScratchDirectory

  init() throws { scratch = try ScratchDirectory() }

  /// A picture of one pixel, with a comment in it or without.
  private static func picture(_ comment: String) -> [UInt8] {
    let extensions: [UInt8] =
      comment.isEmpty ? [] : [0x21, 0xFE, UInt8(comment.utf8.count)] + Array(comment.utf8) + [0]
    return Array("GIF89a".utf8) + [1, 0, 1, 0, 0x80, 0, 0, 255, 255, 255, 0, 0, 0] + extensions
      + [0x2C, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x44, 1, 0, 0x3B]
  }

  /// What curl was answered.
  private struct Answer {
    let status: Int
    let redirects: Int
    let location: String
    /// The head of the last answer, in lower case.
    let head: String
    let body: [UInt8]
  }

  private func fetch(_ url: String, _ options: String...) async throws -> Answer {
    let name = scratch.path + "/" + UUID().uuidString
    // `curl --head` writes no body, and then no file.
    try Data().write(to: URL(filePath: name))
    let result = try await BuiltProgram.run(
      [
        "curl", "--silent", "--show-error", "--noproxy", "*", "-D", name + ".head", "-o", name,
        "-w",
        "%{http_code} %{num_redirects} %{redirect_url}",
      ] + options + [url],
      in: scratch, isConfigured: true, program: URL(filePath: "/usr/bin/env"))
    #expect(result.status == 0, "\(result.errors)")
    let words = result.output.split(separator: " ", omittingEmptySubsequences: false)
    let heads = try String(contentsOfFile: name + ".head", encoding: .utf8)
      .replacing("\r\n", with: "\n").lowercased().split(separator: "\n\n")
    return Answer(
      status: Int(words.first ?? "") ?? 0, redirects: Int(words.dropFirst().first ?? "") ?? -1,
      location: words.dropFirst(2).joined(separator: " "), head: String(heads.last ?? ""),
      body: [UInt8](try Data(contentsOf: URL(filePath: name))))
  }

  private func store(_ name: String, _ bytes: [UInt8], _ talk: HTTPTalk) async throws -> String {
    let path = scratch.path + "/" + name
    try Data(bytes).write(to: URL(filePath: path))
    let result = try await Uploaders.curl(
      "-F", "file=@\(path)", "-H", "Authorization: Bearer \(talk.token ?? "")",
      talk.url + "/api/files", in: scratch)
    let json = try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any]
    return try #require(json?["id"] as? String, "\(result)")
  }

  private func link(_ file: String, _ body: String, _ talk: HTTPTalk) async throws -> String {
    let (status, json) = try await talk.ask("POST", "/api/files/\(file)/links", body)
    #expect(status == 201)
    // The server took a free port, which its settings do not know.
    let url = try #require((json["url"] as? String).flatMap { URLComponents(string: $0) })
    return talk.url + url.percentEncodedPath
  }

  /// Runs the server on the bucket, with redirects, and somebody who is signed up.
  private func run(
    _ settings: [String: String] = [:],
    _ body: (_ talk: HTTPTalk, _ endpoint: String) async throws -> Void
  ) async throws {
    let bucket = try #require(TestS3Server.first)
    let client = try bucket.client()
    try await client.bucket(TestPlace.sharedBucket).create()
    await client.close()
    let server = try await RunningServer(
      scratch,
      bucket.variables(bucket: TestPlace.sharedBucket, prefix: scratch.prefix)
        .merging(["ARCHIVE_LINKS_REDIRECTS": "true"]) { $1 }.merging(settings) { $1 })
    var talk = HTTPTalk(url: server.url)
    _ = try await talk.signUp("ada")
    try await body(talk, bucket.endpoint)
    #expect(await server.stop() == 0)
  }

  @Test("A5 E2 a whole file comes from the bucket, with the type and the disposition it has here")
  func redirected() async throws {
    try await run { talk, endpoint in
      let page = Array("<!doctype html><script>alert(1)</script>".utf8)
      let link = try await link(try await store("Grüße.html", page, talk), "{}", talk)
      let first = try await fetch(link)
      #expect(first.status == 307 && first.body.isEmpty)
      #expect(first.location.hasPrefix(endpoint + "/"))
      #expect(first.head.contains("cache-control: private, no-store"))
      #expect(first.head.contains("referrer-policy: no-referrer"))
      let token = try #require(link.split(separator: "/").dropLast().last)
      #expect(!first.location.contains(token))
      let followed = try await fetch(link, "--location")
      #expect(followed.status == 200 && followed.redirects == 1)
      #expect(followed.body == page)
      #expect(followed.head.contains("content-type: text/html; charset=utf-8"))
      #expect(followed.head.contains("content-disposition: attachment;"))
      #expect(followed.head.contains("gr%c3%bc%c3%9fe.html"))

      let bare = Self.picture("")
      let shown = try await fetch(
        try await self.link(try await store("dot.gif", bare, talk), "{}", talk), "--location")
      #expect(shown.redirects == 1 && shown.body == bare)
      #expect(shown.head.contains("content-type: image/gif"))
      #expect(shown.head.contains("content-disposition: inline;"))
    }
  }

  @Test("A5 what is counted, cleaned, in part or only looked at comes through the server")
  func notRedirected() async throws {
    try await run { talk, _ in
      let text = Array("dear\n".utf8)
      let file = try await store("a.txt", text, talk)
      let limited = try await link(file, #"{"maxUses":1}"#, talk)
      let counted = try await fetch(limited, "--location")
      #expect(counted.status == 200 && counted.redirects == 0 && counted.body == text)
      #expect(try await fetch(limited, "--location").status == 410)

      let picture = Self.picture("SECRET")
      let photo = try await link(try await store("photo.gif", picture, talk), "{}", talk)
      let clean = try await fetch(photo, "--location")
      #expect(clean.status == 200 && clean.redirects == 0)
      #expect(clean.body == Self.picture(""))

      let open = try await link(file, "{}", talk)
      let part = try await fetch(open, "--location", "--range", "1-2")
      #expect(part.status == 206 && part.redirects == 0 && part.body == Array("ea".utf8))
      let head = try await fetch(open, "--head")
      #expect(head.status == 200 && head.head.contains("content-length: 5"))
    }
  }

  @Test("A5 an address of the bucket ends soon, is good for one file, and nothing in it can change")
  func bounded() async throws {
    try await run(["ARCHIVE_LINKS_REDIRECTLIFETIME": "3s"]) { talk, _ in
      let text = Array("dear\n".utf8)
      let file = try await store("a.html", text, talk)
      let other = try await store("b.html", text, talk)
      let link = try await link(file, "{}", talk)
      let address = try await fetch(link).location
      #expect(address.contains("X-Amz-Expires=3&"))
      #expect(try await fetch(address).body == text)
      let changed = [
        address.replacing(file, with: other), address.replacing("attachment", with: "inline"),
        address.replacing("X-Amz-Expires=3&", with: "X-Amz-Expires=300&"),
      ]
      for wrong in changed {
        #expect(wrong != address)
        #expect(try await fetch(wrong).status == 403, "\(wrong)")
      }
      // The server's clock decides, and nobody moves it.
      try await Task.sleep(for: .seconds(5))
      #expect(try await fetch(address).status == 403)
      #expect(try await fetch(link, "--location").body == text)
    }
  }

  @Test("A5 the address is one of the public endpoint, where browsers reach the bucket")
  func publicEndpoint() async throws {
    let endpoint = try #require(TestS3Server.first?.endpoint)
    let name = endpoint.replacing("127.0.0.1", with: "localhost")
    try await run(["ARCHIVE_S3_PUBLICENDPOINT": name]) { talk, _ in
      let text = Array("dear\n".utf8)
      let link = try await link(try await store("a.txt", text, talk), "{}", talk)
      #expect(try await fetch(link).location.hasPrefix(name + "/"))
      #expect(try await fetch(link, "--location").body == text)
    }
  }
}
