// What comes out of a link, and with which words.

import ArchiveCore
import Foundation
import Testing
import Uploads

@testable import ArchiveService

@Suite struct DownloadTests {
  private static let text = Array("All happy families are alike.".utf8)

  @Test("A5 E2 a link hands out the file whole, and whoever has no token gets none")
  func wholeFiles() async throws {
    try await LinkTown.run { town async throws in
      let ada = try await town.server.signUp("Ada")
      let file = try await town.store(Self.text, "Война и мир.txt", of: ada, as: "utf-8")
      let link = try await town.link(file, as: ada)
      let reply = try await town.get(link.path)
      #expect(reply.status == 200 && reply.body == Self.text)
      #expect(reply.headers["content-type"] == "text/plain; charset=utf-8")
      #expect(reply.headers["content-length"] == "\(Self.text.count)")
      #expect(reply.headers["content-disposition"]?.hasPrefix("attachment; filename=") == true)
      #expect(reply.headers["content-disposition"]?.contains("filename*=UTF-8''%D0%92") == true)
      #expect(reply.headers["accept-ranges"] == "bytes")
      Self.expectGuard(reply)
      // The name decides nothing, the token all.
      #expect(try await town.get("/d/\(link.token)/x").body == Self.text)
      for path in [
        "/d/\(String(link.token.reversed()))/x", "/d/\(link.token.dropLast())/x", "/d/x/x",
        "/d/\(file)/x", "/d/%00/x", "/d/\(String(repeating: "A", count: 96))/x",
      ] {
        let refusal = try await town.get(path)
        #expect(refusal.status == 404, "\(path)")
        #expect(try refusal.json["detail"]?.text == "there is no such link")
        Self.expectGuard(refusal)
        #expect(refusal.headers["cache-control"]?.contains("no-store") == true)
      }
      // Nor is a file fetched as itself.
      #expect(try await town.get("/files/\(file)").status == 404)
    }
  }

  private static func expectGuard(_ reply: Reply) {
    #expect(reply.headers["x-content-type-options"] == "nosniff")
    #expect(reply.headers["content-security-policy"]?.hasPrefix("sandbox; default-src") == true)
    #expect(reply.headers["referrer-policy"] == "no-referrer")
    #expect(reply.headers["x-robots-tag"]?.contains("noindex") == true)
  }

  @Test(
    "E2 pages and pictures that are programs come as attachments, pictures as pictures",
    arguments: [
      (FileKind.html, "attachment"), (.svg, "attachment"), (.xml, "attachment"),
      (.text, "attachment"), (.zip, "attachment"), (.unknown, "attachment"), (.png, "inline"),
      (.jpeg, "inline"), (.mp4, "inline"), (.pdf, "inline"),
    ])
  func dispositions(kind: FileKind, expected: String) async throws {
    try await LinkTown.run { town async throws in
      let ada = try await town.server.signUp("Ada")
      let file = try await town.store(Self.text, "a.png", kind, of: ada)
      let link = try await town.link(file, as: ada)
      let reply = try await town.get(link.path)
      #expect(reply.status == 200)
      #expect(reply.headers["content-disposition"]?.hasPrefix(expected) == true)
      #expect(reply.headers["content-type"] == kind.mediaType)
      let saved = try await town.get(link.path + "?download")
      #expect(saved.headers["content-disposition"]?.hasPrefix("attachment") == true)
    }
  }

  @Test("E2 ranges, conditions and HEAD")
  func rangesAndConditions() async throws {
    try await LinkTown.run { town async throws in
      let ada = try await town.server.signUp("Ada")
      let file = try await town.store(Self.text, of: ada)
      let link = try await town.link(file, as: ada)
      let head = try await town.get(link.path, method: "HEAD")
      #expect(head.status == 200 && head.body.isEmpty)
      #expect(head.headers["content-length"] == "\(Self.text.count)")
      let tag = try #require(head.headers["etag"])
      let part = try await town.get(link.path, ["Range: bytes=4-8"])
      #expect(part.status == 206 && part.body == Array("happy".utf8))
      #expect(part.headers["content-range"] == "bytes 4-8/\(Self.text.count)")
      #expect(part.headers["content-length"] == "5")
      let rest = try await town.get(link.path, ["Range: bytes=20-", "If-Range: \(tag)"])
      #expect(rest.status == 206 && rest.body == Array(Self.text[20...]))
      let changed = try await town.get(link.path, ["Range: bytes=20-", "If-Range: \"other\""])
      #expect(changed.status == 200 && changed.body == Self.text)
      let known = try await town.get(link.path, ["If-None-Match: \(tag)"])
      #expect(known.status == 304 && known.body.isEmpty && known.headers["etag"] == tag)
      #expect(known.headers["content-length"] == nil)
      let other = try await town.get(link.path, ["If-Match: \"other\""])
      #expect(other.status == 412)
      let behind = try await town.get(link.path, ["Range: bytes=29-"])
      #expect(behind.status == 416)
      #expect(behind.headers["content-range"] == "bytes */\(Self.text.count)")
      #expect(behind.headers["content-type"] == "application/problem+json")
      // Many ranges in one answer are as if none was asked for.
      #expect(try await town.get(link.path, ["Range: bytes=0-0,2-2"]).body == Self.text)
    }
  }

  @Test("E2 a copy is kept no longer than the link is good, and of limited links none")
  func caching() async throws {
    try await LinkTown.run { town async throws in
      let ada = try await town.server.signUp("Ada")
      let file = try await town.store(Self.text, of: ada)
      let long = try await town.link(file, as: ada)
      #expect(try await town.get(long.path).headers["cache-control"] == "private, max-age=3600")
      let short = try await town.link(file, as: ada, #"{"expiresIn":60}"#)
      let field = try await town.get(short.path).headers["cache-control"] ?? ""
      let seconds = try #require(Int(field.replacing("private, max-age=", with: "")))
      #expect((1...60).contains(seconds))
      let limited = try await town.link(file, as: ada, #"{"maxUses":3}"#)
      #expect(try await town.get(limited.path).headers["cache-control"] == "private, no-store")
    }
  }

  @Test(
    "E1 U13 an empty file and one of many pieces come as they are", arguments: [0, 1, 1_500_000])
  func sizes(count: Int) async throws {
    try await LinkTown.run { town async throws in
      let ada = try await town.server.signUp("Ada")
      let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
      let file = try await town.store(bytes, of: ada)
      let link = try await town.link(file, as: ada, #"{"maxUses":1}"#)
      let reply = try await town.get(link.path)
      #expect(reply.status == 200 && reply.body == bytes)
      #expect(try await town.uses(link, of: file, as: ada, reaching: 1) == 1)
    }
  }

  @Test("E3 of a file that is gone a link says so, whether the document or the object went first")
  func goneFiles() async throws {
    try await LinkTown.run { town async throws in
      let ada = try await town.server.signUp("Ada")
      let (one, two) = (
        try await town.store(Self.text, of: ada), try await town.store(Self.text, of: ada)
      )
      let links = [try await town.link(one, as: ada), try await town.link(two, as: ada)]
      try await town.objects.delete(FileKeys.object(one))
      try await town.server.documents.delete(StoredFile.schema.name, where: .id(two.description))
      for link in links {
        let reply = try await town.get(link.path)
        #expect(reply.status == 410)
        Self.expectGuard(reply)
      }
    }
  }

  @Test("J2 a log line about a link has no token")
  func logLines() {
    let route = "/d/{token}/{name}"
    #expect(Observation.shown("/d/secret/name", route: route) == route)
    for path in ["/d/secret", "/d/secret/a/b", "/D/secret/x", "/%64/secret/x", "//d/secret"] {
      #expect(Observation.shown(path, route: nil) == "/d/…", "\(path)")
    }
    #expect(Observation.shown("/docs", route: "/docs") == "/docs")
    #expect(Observation.shown("/api/users/me", route: nil) == "/api/users/me")
  }
}
