// Who makes links, who takes them back, and when they end.

import ArchiveCore
import Foundation
import Testing
import Uploads

@testable import ArchiveService

@Suite struct LinkTests {
  private static let text = Array("All happy families are alike.".utf8)

  @Test("A5 a link ends when its time is over")
  func expiry() async throws {
    try await LinkTown.run { town async throws in
      let ada = try await town.server.signUp("Ada")
      let file = try await town.store(Self.text, of: ada)
      let link = try await town.link(file, as: ada, #"{"expiresIn":60}"#)
      #expect(try await town.get(link.path).status == 200)
      town.server.clock.advance(by: .seconds(61))
      let reply = try await town.get(link.path)
      #expect(reply.status == 410)
      #expect(try reply.json["detail"]?.text == "the link has expired")
    }
  }

  @Test("A5 a link that was taken back lets nobody in from that moment, on any node")
  func revocation() async throws {
    let documents = try await TestDocuments.make()
    let objects = try await TestObjects.make()
    let (store, place) = (documents.store, objects.store)
    try await TestServer.run(documents: store, objects: place) { first in
      try await TestServer.run(documents: store, objects: place) { second in
        let (here, there) = (
          LinkTown(server: first, objects: place), LinkTown(server: second, objects: place)
        )
        let ada = try await first.signUp("Ada")
        let file = try await here.store(Self.text, of: ada)
        let links = [try await here.link(file, as: ada), try await here.link(file, as: ada)]
        for link in links { #expect(try await there.get(link.path).status == 200) }
        try await first.ask("DELETE", "/api/links/\(links[0].id)", as: ada, expecting: 204)
        let reply = try await there.get(links[0].path)
        #expect(reply.status == 410)
        #expect(try reply.json["detail"]?.text == "the link was taken back")
        #expect(try await there.get(links[1].path).status == 200)
        try await second.ask("DELETE", "/api/files/\(file)/links", as: ada, expecting: 204)
        #expect(try await here.get(links[1].path).status == 410)
        // Once more is no fault.
        try await first.ask("DELETE", "/api/links/\(links[0].id)", as: ada, expecting: 204)
        try await first.ask("DELETE", "/api/files/\(file)/links", as: ada, expecting: 204)
      }
    }
    try await documents.discard()
    try await objects.discard()
  }

  @Test("A5 a link with so many uses is used so often; looking and looking ahead are no uses")
  func uses() async throws {
    try await LinkTown.run { town async throws in
      let ada = try await town.server.signUp("Ada")
      let file = try await town.store(Self.text, of: ada)
      let link = try await town.link(file, as: ada, #"{"maxUses":2}"#)
      for _ in 0..<3 {
        #expect(try await town.get(link.path, method: "HEAD").status == 200)
        let bot = try await town.get(link.path, ["User-Agent: TelegramBot (like TwitterBot)"])
        #expect(bot.status == 200 && bot.body != Self.text)
        #expect(try await town.get(link.path, ["If-Match: \"x\""]).status == 412)
        #expect(try await town.get(link.path, ["Range: bytes=99-"]).status == 416)
      }
      #expect(try await town.get(link.path).body == Self.text)
      #expect(try await town.uses(link, of: file, as: ada, reaching: 1) == 1)
      // Two halves are one use.
      #expect(try await town.get(link.path, ["Range: bytes=0-9"]).status == 206)
      #expect(try await town.get(link.path, ["Range: bytes=10-"]).status == 206)
      #expect(try await town.uses(link, of: file, as: ada, reaching: 2) == 2)
      let over = try await town.get(link.path)
      #expect(over.status == 410)
      #expect(try over.json["detail"]?.text == "the link is used up")
      #expect(try await town.get(link.path, method: "HEAD").status == 410)
    }
  }

  @Test("A5 of many who use a link at once no more get the file than it has uses")
  func overdrawing() async throws {
    try await LinkTown.run { town async throws in
      let ada = try await town.server.signUp("Ada")
      let file = try await town.store(Self.text, of: ada)
      let link = try await town.link(file, as: ada, #"{"maxUses":5}"#)
      let replies = try await withThrowingTaskGroup(of: Reply.self) { group in
        for _ in 0..<30 { group.addTask { try await town.get(link.path) } }
        return try await group.reduce(into: []) { $0.append($1) }
      }
      #expect(replies.filter { $0.status == 200 && $0.body == Self.text }.count <= 5)
      #expect(replies.allSatisfy { [200, 410, 429].contains($0.status) })
      #expect(
        replies.filter { $0.status == 429 }.allSatisfy { $0.headers["retry-after"] != nil })
      // Whoever was told to come back does, until nothing is left.
      var sent = replies.filter { $0.status == 200 }.count
      for _ in 0..<200 where sent < 5 {
        if try await town.get(link.path).status == 200 { sent += 1 }
      }
      #expect(try await town.uses(link, of: file, as: ada, reaching: 5) == 5)
      #expect(try await town.get(link.path).status == 410)
    }
  }

  @Test("A5 a link is good as long as who made it may see the file")
  func makers() async throws {
    try await LinkTown.run { town async throws in
      let server = town.server
      let (ada, bob) = (try await server.signUp("Ada"), try await server.signUp("Bob"))
      let group = try await server.converse(ada, with: [bob])
      let file = try await town.store(Self.text, of: ada)
      // Before the file is in a message, Bob knows of none.
      try await server.ask("POST", "/api/files/\(file)/links", as: bob, "{}", expecting: 404)
      try await server.post("look", as: ada, in: group)
      try await town.use(file, in: group, seq: 1)
      let (hers, his) = (try await town.link(file, as: ada), try await town.link(file, as: bob))
      #expect(try await town.get(his.path).status == 200)
      try await server.ask(
        "DELETE", "/api/conversations/\(group)/members/\(bob.id)", as: ada, expecting: 204)
      #expect(try await town.get(his.path).status == 410)
      #expect(try await town.get(hers.path).status == 200)
      try await server.ask(
        "POST", "/api/users/me/deactivation", as: ada, #"{"password":"\#(Person.password)"}"#,
        expecting: 204)
      #expect(try await town.get(hers.path).status == 410)
    }
  }

  @Test("A5 B3 one sees and takes back one's own links, the sender of a file and admins all")
  func rights() async throws {
    try await LinkTown.run { town async throws in
      let server = town.server
      let (ada, bob, eve) = (
        try await server.signUp("Ada"), try await server.signUp("Bob"),
        try await server.signUp("Eve")
      )
      let root = try await server.person("Root", .admin)
      let group = try await server.converse(ada, with: [bob])
      let file = try await town.store(Self.text, of: ada)
      try await server.post("look", as: ada, in: group)
      try await town.use(file, in: group, seq: 1)
      let (hers, his) = (try await town.link(file, as: ada), try await town.link(file, as: bob))
      func seen(by person: Person) async throws -> [String] {
        try await server.ask("GET", "/api/files/\(file)/links", as: person)["items"]?.list
          .compactMap { $0["id"]?.text } ?? []
      }
      #expect(try await seen(by: ada) == [his.id, hers.id])
      #expect(try await seen(by: bob) == [his.id])
      try await server.ask("GET", "/api/files/\(file)/links", as: eve, expecting: 404)
      for person in [eve, bob] {
        try await server.ask("DELETE", "/api/links/\(hers.id)", as: person, expecting: 404)
      }
      try await server.ask("DELETE", "/api/files/\(file)/links", as: bob, expecting: 204)
      #expect(try await town.get(his.path).status == 410)
      #expect(try await town.get(hers.path).status == 200)
      try await server.ask("DELETE", "/api/links/\(hers.id)", as: root, expecting: 204)
      #expect(try await town.get(hers.path).status == 410)
    }
  }

  @Test("A5 A7 that a link was made, used and taken back is in the audit log, its token nowhere")
  func audit() async throws {
    try await LinkTown.run { town async throws in
      let server = town.server
      let (ada, root) = (try await server.signUp("Ada"), try await server.person("Root", .admin))
      let file = try await town.store(Self.text, of: ada)
      let link = try await town.link(file, as: ada, #"{"maxUses":9}"#)
      _ = try await town.get(link.path, method: "HEAD")
      _ = try await town.get(link.path)
      _ = try await town.get(link.path, ["Range: bytes=3-5"])
      try await server.ask("DELETE", "/api/links/\(link.id)", as: ada, expecting: 204)
      let kinds = "linkCreated,linkUsed,linkRevoked"
      let items =
        try await server.ask("GET", "/api/admin/audit?kind=\(kinds)", as: root)["items"]?.list ?? []
      #expect(
        items.map { $0["kind"]?.text } == ["linkRevoked", "linkUsed", "linkUsed", "linkCreated"])
      #expect(items.allSatisfy { $0["detail"]?["linkId"]?.text == link.id })
      #expect(items.allSatisfy { $0["detail"]?["fileId"]?.text == file.description })
      #expect(items.allSatisfy { $0["address"]?.text == "127.0.0.1" })
      #expect(items[1]["detail"]?["range"]?.text == "3-5")
      for name in [FileLink.schema.name, AuditEntry.schema.name] {
        let all = try await server.documents.find(Query(name, limit: 1000))
        #expect(!all.isEmpty && !"\(all)".contains(link.token))
      }
      #expect(!"\(server.letters.log)".contains(link.token))
    }
  }

  @Test(
    "A5 what a link cannot be is refused with the field's name",
    arguments: [
      (#"{"expiresIn":0}"#, "expiresIn"), (#"{"expiresIn":-5}"#, "expiresIn"),
      (#"{"expiresIn":9223372036854775807}"#, "expiresIn"), (#"{"maxUses":0}"#, "maxUses"),
      (#"{"maxUses":10001}"#, "maxUses"), (#"{"maxUses":9223372036854775807}"#, "maxUses"),
      (#"{"maxUses":"1"}"#, "maxUses"),
    ])
  func badInput(json: String, field: String) async throws {
    try await LinkTown.run { town async throws in
      let ada = try await town.server.signUp("Ada")
      let file = try await town.store(Self.text, of: ada)
      let answer = try await town.server.ask(
        "POST", "/api/files/\(file)/links", as: ada, json, expecting: 400)
      #expect(answer["errors"]?[0]?["field"]?.text == field)
    }
  }

  @Test("A5 a file has so many links of one person, those that are over not counted")
  func linkLimit() async throws {
    try await LinkTown.run {
      $0.links.fileLimit = 2
    } _: { town async throws in
      let ada = try await town.server.signUp("Ada")
      let file = try await town.store(Self.text, of: ada)
      let first = try await town.link(file, as: ada)
      _ = try await town.link(file, as: ada, #"{"expiresIn":60}"#)
      let path = "/api/files/\(file)/links"
      try await town.server.ask("POST", path, as: ada, "{}", expecting: 409)
      try await town.server.ask("DELETE", "/api/links/\(first.id)", as: ada, expecting: 204)
      try await town.server.ask("POST", path, as: ada, "{}", expecting: 201)
      try await town.server.ask("POST", path, as: ada, "{}", expecting: 409)
      town.server.clock.advance(by: .seconds(61))
      try await town.server.ask("POST", path, as: ada, "{}", expecting: 201)
    }
  }

  @Test("A5 links are listed a page at a time")
  func pages() async throws {
    try await LinkTown.run { town async throws in
      let ada = try await town.server.signUp("Ada")
      let file = try await town.store(Self.text, of: ada)
      var made: [String] = []
      for _ in 0..<5 { made.append(try await town.link(file, as: ada).id) }
      var (seen, query): ([String], String) = ([], "limit=2")
      while true {
        let page = try await town.server.ask("GET", "/api/files/\(file)/links?\(query)", as: ada)
        seen += page["items"]?.list.compactMap { $0["id"]?.text } ?? []
        guard let next = page["next"]?.text else { break }
        query = "limit=2&cursor=\(next)"
      }
      // Those of one millisecond stand in any order among themselves.
      #expect(seen.count == 5 && Set(seen) == Set(made))
    }
  }
}
