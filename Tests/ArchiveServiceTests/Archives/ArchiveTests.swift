// What admins see of archives, and what they take along.

import ArchiveCore
import ArchiveTesting
import Foundation
import Gzip
import Testing

@testable import ArchiveService

@Suite(.timeLimit(.minutes(5))) struct ArchiveTests {
  private static let path = "/api/admin/archives"

  private func ids(_ query: String, as admin: Person, at server: TestServer) async throws
    -> [String]
  {
    try await server.ask("GET", "\(Self.path)?\(query)", as: admin)["items"]?.list
      .compactMap { $0["id"]?.text } ?? []
  }

  @Test(
    "A7 an admin finds conversations by person, by kind and by time, and reads nothing in them",
    arguments: AccountEngine.allCases)
  func finding(engine: AccountEngine) async throws {
    try await TestServer.run(on: engine) { (server) async throws in
      let admin = try await server.person("Admin", .admin)
      let ada = try await server.person("Ada", .customer)
      let ben = try await server.person("Ben", .customer)
      let cyd = try await server.person("Cyd", .customer)
      let old = try await server.converse(ada, with: [ben], kind: "direct")
      try await server.post("the first secret", as: ada, in: old)
      server.clock.advance(by: .seconds(3600))
      let between = server.clock.surroundings.now()
      server.clock.advance(by: .seconds(3600))
      let ada2 = try await server.signedIn(ada.id, ada.email)
      let young = try await server.converse(ada2, with: [cyd])
      try await server.post("the second secret", as: ada2, in: young)
      let admin2 = try await server.signedIn(admin.id, admin.email)
      #expect(try await ids("", as: admin2, at: server) == [young, old])
      #expect(try await ids("person=\(ada.id)", as: admin2, at: server) == [young, old])
      #expect(try await ids("person=\(ben.id)", as: admin2, at: server) == [old])
      #expect(try await ids("person=\(admin.id)", as: admin2, at: server) == [])
      #expect(try await ids("kind=direct", as: admin2, at: server) == [old])
      #expect(try await ids("from=\(between)", as: admin2, at: server) == [young])
      #expect(try await ids("before=\(between)", as: admin2, at: server) == [old])
      #expect(
        try await ids("person=\(ada.id)&from=\(between)", as: admin2, at: server) == [young])
      let cydOnly = "person=\(cyd.id)&before=\(between)"
      #expect(try await ids(cydOnly, as: admin2, at: server) == [])
      // What was said after a long silence counts for the old one too.
      let ben2 = try await server.signedIn(ben.id, ben.email)
      try await server.post("the third secret", as: ben2, in: old)
      #expect(try await ids("from=\(between)", as: admin2, at: server) == [young, old])
      #expect(try await ids("person=\(ada.id)", as: admin2, at: server) == [old, young])
      let shown = try await server.ask("GET", Self.path, as: admin2)
      #expect(!"\(shown)".contains("secret"))
      let first = try #require(shown["items"]?.list.last)
      #expect(first["lastSeq"]?.number == 2 && first["archivedSeq"]?.number == 0)
      #expect(first["members"]?.list.compactMap { $0["name"]?.text }.sorted() == ["Ada", "Ben"])
    }
  }

  @Test("A7 pages of conversations hold each once, with a person and without one")
  func pages() async throws {
    try await TestServer.run { (server) async throws in
      let admin = try await server.person("Admin", .admin)
      let ada = try await server.person("Ada", .customer)
      var expected: [String] = []
      for number in 0..<7 {
        let other = try await server.person("Other\(number)", .customer)
        expected.append(try await server.converse(ada, with: [other], kind: "direct"))
        server.clock.advance(by: .milliseconds(5))
      }
      for filter in ["", "person=\(ada.id)&", "kind=direct&"] {
        var (seen, cursor): ([String], String?) = ([], nil)
        repeat {
          let query = filter + "limit=3" + (cursor.map { "&cursor=\($0)" } ?? "")
          let page = try await server.ask("GET", "\(Self.path)?\(query)", as: admin)
          seen += page["items"]?.list.compactMap { $0["id"]?.text } ?? []
          cursor = page["next"]?.text
        } while cursor != nil && seen.count < 100
        #expect(seen == expected.reversed(), "\(filter)")
      }
    }
  }

  @Test(
    "A7 segments are listed with their sizes, and what is downloaded decompresses to the entries",
    arguments: AccountEngine.allCases)
  func segments(engine: AccountEngine) async throws {
    try await TestServer.run(on: engine) { (server) async throws in
      let admin = try await server.person("Admin", .admin)
      let ada = try await server.person("Ada", .customer)
      let ben = try await server.person("Ben", .customer)
      let chat = try await server.converse(ada, with: [ben], kind: "direct")
      let other = try await server.converse(ben, with: [admin], kind: "direct")
      for round in 0..<2 {
        try await server.post("word \(round)", as: ada, in: chat)
        try await server.post("not for Ada \(round)", as: ben, in: other)
        try await server.log.flush(nil)
      }
      try await server.post("still in the buffer", as: ada, in: chat)
      let listed = try await server.ask("GET", "\(Self.path)/\(chat)/segments", as: admin)
      let found = listed["items"]?.list ?? []
      #expect(found.compactMap { $0["firstSeq"]?.number } == [1, 2])
      #expect(found.allSatisfy { $0["isPack"] == .bool(true) })
      let one = try await server.ask("GET", "\(Self.path)/\(chat)/segments?limit=1", as: admin)
      let next = try #require(one["next"]?.text)
      let rest = try await server.ask(
        "GET", "\(Self.path)/\(chat)/segments?limit=1&cursor=\(next)", as: admin)
      #expect(rest["items"]?[0]?["firstSeq"]?.number == 2 && rest["next"] == .null)
      let shown = try await server.ask("GET", "\(Self.path)/\(chat)", as: admin)
      #expect(shown["lastSeq"]?.number == 3 && shown["archivedSeq"]?.number == 2)
      #expect(shown["extent"]?["segments"]?.number == 2)
      let sizes = found.compactMap { $0["storedBytes"]?.number }
      #expect(shown["extent"]?["storedBytes"]?.number == sizes.reduce(0, +))

      let reply = try await server.send(
        "GET", "\(Self.path)/\(chat)/segments/1/content", token: admin.token)
      #expect(reply.status == 200 && reply.headers["content-type"] == "application/gzip")
      #expect(reply.headers["content-length"] == sizes.first.map(String.init))
      #expect(reply.headers["content-disposition"]?.hasPrefix("attachment") == true)
      let text = String(
        decoding: try Gzip.decompress(reply.body, limitBytes: 1 << 20), as: UTF8.self)
      let lines = text.split(separator: "\n")
      #expect(lines.count == 2 && lines[1].contains("word 0"))
      #expect(!text.contains("not for Ada"))
      try await server.ask(
        "GET", "\(Self.path)/\(chat)/segments/3/content", as: admin, expecting: 404)
    }
  }

  @Test("A7 the download of a conversation has every entry once, archived or not, and is audited")
  func whole() async throws {
    try await TestServer.run {
      $0.archives.downloadPage = 2
    } _: { (server) async throws in
      let admin = try await server.person("Admin", .admin)
      let ada = try await server.person("Ada", .customer)
      let chat = try await server.converse(ada, with: [admin], kind: "direct")
      for number in 1...5 {
        try await server.post("line \(number)", as: ada, in: chat)
        if number == 3 { try await server.log.flush(nil) }
      }
      let path = "\(Self.path)/\(chat)/content"
      let reply = try await server.send("GET", path, token: admin.token)
      #expect(reply.status == 200 && reply.headers["content-type"] == "application/jsonl")
      let lines = String(decoding: try reply.wholeBody, as: UTF8.self).split(separator: "\n")
      let entries = try lines.map {
        try JSONDecoder().decode(JSONNode.self, from: Data($0.utf8))
      }
      #expect(entries.compactMap { $0["seq"]?.number } == [1, 2, 3, 4, 5])
      #expect(entries.compactMap { $0["text"]?.text } == (1...5).map { "line \($0)" })
      // As it is stored, to the byte: what is hashed.
      let stored = try await server.log.entries(
        in: try #require(ConversationID(chat)), after: 0, limit: 10)
      #expect(lines.map { Array($0.utf8) } == stored.map { EntryLine($0).bytes })
      #expect(try await server.send("HEAD", path, token: admin.token).status == 200)
      let events = try await server.ask(
        "GET", "/api/admin/audit?kind=conversationRead&conversation=\(chat)", as: admin)
      #expect(events["items"]?.list.compactMap { $0["actorId"]?.text } == [admin.id])
      #expect(events["items"]?[0]?["detail"]?["segment"]?.text == "1-5")
    }
  }

  @Test("A7 a download ends in the middle for who is no admin any more")
  func downloadOfFormerAdmin() async throws {
    let store = InterposedStore(InMemoryDocumentStore())
    try await TestServer.run(documents: store) {
      $0.archives.downloadPage = 2
    } _: { (server) async throws in
      let admin = try await server.person("Admin", .admin)
      let ada = try await server.person("Ada", .customer)
      let chat = try await server.converse(ada, with: [admin], kind: "direct")
      for number in 1...6 { try await server.post("line \(number)", as: ada, in: chat) }
      let inner = store.inner
      store.beforeFind { query in
        guard query.collection == "entries" else { return }
        _ = try? await inner.update(
          Update("users", where: .id(admin.id), [.set("role", .string("agent"))]))
      }
      let reply = try await server.send(
        "GET", "\(Self.path)/\(chat)/content", token: admin.token)
      let text = String(decoding: reply.body, as: UTF8.self)
      #expect(reply.status == 200 && text.contains("line 2") && !text.contains("line 3"))
      #expect(!text.hasSuffix("0\r\n\r\n"))
    }
  }

  @Test("A7 who asked for which archives is in the audit log")
  func audit() async throws {
    try await TestServer.run { (server) async throws in
      let admin = try await server.person("Admin", .admin)
      let ada = try await server.person("Ada", .customer)
      _ = try await ids("person=\(ada.id)&kind=group", as: admin, at: server)
      let events = try await server.ask("GET", "/api/admin/audit?kind=archivesListed", as: admin)
      #expect(events["items"]?.list.count == 1)
      #expect(events["items"]?[0]?["actorId"]?.text == admin.id)
      #expect(events["items"]?[0]?["subjectId"]?.text == ada.id)
      #expect(events["items"]?[0]?["detail"]?["conversationKind"]?.text == "group")
    }
  }

  @Test("A7 what is no filter is refused with the field's name, and what is not there is 404")
  func refusals() async throws {
    try await TestServer.run { (server) async throws in
      let admin = try await server.person("Admin", .admin)
      let nowhere = "01ARZ3NDEKTSV4RRFFQ69G5FAV"
      for (query, field) in [
        ("person=me", "person"), ("kind=chat", "kind"), ("from=yesterday", "from"),
        ("before=2026-13-01T00:00:00.000Z", "before"), ("cursor=x", "cursor"),
        ("limit=0", "limit"), ("limit=101", "limit"), ("kind=group&kind=group", "kind"),
        ("person=\(admin.id)&cursor=MDE", "cursor"),
      ] {
        let problem = try await server.ask(
          "GET", "\(Self.path)?\(query)", as: admin, expecting: 400)
        #expect(problem["errors"]?[0]?["field"]?.text == field, "\(query)")
      }
      for path in [
        "/\(nowhere)", "/\(nowhere)/segments", "/\(nowhere)/content", "/x", "/x/segments",
        "/\(nowhere)/segments/1/content", "/\(nowhere)/segments/0/content",
        "/\(nowhere)/segments/99999999999999999999/content", "/x/content",
      ] {
        try await server.ask("GET", Self.path + path, as: admin, expecting: 404)
      }
    }
  }
}
