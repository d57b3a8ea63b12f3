// Opening, listing and looking at conversations.

import ArchiveCore
import ArchiveService
import ArchiveTesting
import Foundation
import Testing

@Suite struct ConversationTests {
  @Test("C1 a pair has one direct conversation, whoever opens it")
  func direct() async throws {
    try await TestServer.run { server async throws in
      let (ada, bob) = (try await server.signUp("Ada"), try await server.signUp("Bob"))
      func open(_ one: Person, _ other: Person) async throws -> Reply {
        try await server.send(
          "POST", "/api/conversations", token: one.token,
          json: #"{"kind":"direct","members":["\#(other.id)"]}"#)
      }
      let first = try await open(ada, bob)
      #expect(first.status == 201)
      let second = try await open(bob, ada)
      #expect(second.status == 200)
      #expect(try first.json["id"] == second.json["id"])
      #expect(try first.json["memberCount"]?.number == 2)
    }
  }

  @Test("C1 two who open their conversation at once get the same one")
  func directRace() async throws {
    try await TestServer.run { server async throws in
      let (ada, bob) = (try await server.signUp("Ada"), try await server.signUp("Bob"))
      let ids = try await withThrowingTaskGroup(of: String.self) { group in
        for index in 0..<8 {
          group.addTask {
            index % 2 == 0
              ? try await server.converse(ada, with: [bob], kind: "direct")
              : try await server.converse(bob, with: [ada], kind: "direct")
          }
        }
        return try await group.reduce(into: Set<String>()) { $0.insert($1) }
      }
      #expect(ids.count == 1)
    }
  }

  @Test("C1 a group has a title, its creator as owner and the members that were named")
  func group() async throws {
    try await TestServer.run { server async throws in
      let (ada, bob) = (try await server.signUp("Ada"), try await server.signUp("Bob"))
      let reply = try await server.send(
        "POST", "/api/conversations", token: ada.token,
        json:
          #"{"kind":"group","title":"Ω \"x\"","members":["\#(bob.id)","\#(bob.id)","\#(ada.id)"]}"#)
      #expect(reply.status == 201)
      let json = try reply.json
      #expect(json["title"]?.text == "Ω \"x\"")
      #expect(json["memberCount"]?.number == 2)
      let roles = Dictionary(
        uniqueKeysWithValues: (json["members"]?.list ?? []).map {
          ($0["name"]?.text, $0["role"]?.text)
        })
      #expect(roles == ["Ada": "owner", "Bob": "member"])
    }
  }

  @Test(
    "C1 a conversation that cannot be is refused with the field's name",
    arguments: [
      (#"{"kind":"order","members":["B"]}"#, "kind"),
      (#"{"kind":"support","members":["B"]}"#, "members"),
      (#"{"kind":"group"}"#, "members"),
      (#"{"kind":"group","members":["B"],"description":""}"#, "description"),
      (#"{"kind":"direct","members":[]}"#, "members"),
      (#"{"kind":"direct","members":["A"]}"#, "members"),
      (#"{"kind":"group","members":[]}"#, "members"),
      (#"{"kind":"group","members":["01ARZ3NDEKTSV4RRFFQ69G5FAV"]}"#, "members"),
      (#"{"kind":"group","members":["nobody"]}"#, "members"),
      (#"{"kind":"group","members":[1]}"#, "members.0"),
      (#"{"kind":"group","members":["B"],"title":"  "}"#, "title"),
      (#"{"kind":"group","members":["B"],"title":"a\nb"}"#, "title"),
      (#"{"kind":"direct","members":["B"],"title":"x"}"#, "title"),
    ])
  func refused(body: String, field: String) async throws {
    try await TestServer.run { server async throws in
      let (ada, bob) = (try await server.signUp("Ada"), try await server.signUp("Bob"))
      let json = body.replacing(#""B""#, with: "\"\(bob.id)\"")
        .replacing(#""A""#, with: "\"\(ada.id)\"")
      let reply = try await server.send("POST", "/api/conversations", token: ada.token, json: json)
      #expect(reply.status == 400)
      #expect(try reply.json["errors"]?[0]?["field"]?.text == field)
    }
  }

  @Test("C1 a group larger than the limit is refused")
  func largeGroup() async throws {
    try await TestServer.run {
      $0.conversations.groupLimit = 2
    } _: { server async throws in
      let ada = try await server.signUp("Ada")
      var others: [Person] = []
      for name in ["B", "C", "D"] { others.append(try await server.signUp(name)) }
      _ = try await server.converse(ada, with: Array(others.prefix(2)))
      let members = others.map { "\"\($0.id)\"" }.joined(separator: ",")
      let reply = try await server.send(
        "POST", "/api/conversations", token: ada.token,
        json: #"{"kind":"group","members":[\#(members)]}"#)
      #expect(reply.status == 400)
    }
  }

  @Test("C1 the list has the newest activity first and counts what is unread")
  func list() async throws {
    try await TestServer.run { server async throws in
      let (ada, bob) = (try await server.signUp("Ada"), try await server.signUp("Bob"))
      var ids: [String] = []
      for _ in 0..<3 {
        ids.append(try await server.converse(ada, with: [bob]))
        server.clock.advance(by: .milliseconds(10))
      }
      try await server.post("one", as: ada, in: ids[0])
      try await server.post("two", as: ada, in: ids[0])
      let bobs = try await server.send("GET", "/api/conversations", token: bob.token).json
      #expect(bobs["items"]?.list.map { $0["id"]?.text } == [ids[0], ids[2], ids[1]])
      #expect(bobs["items"]?[0]?["unread"]?.number == 2)
      #expect(bobs["items"]?[0]?["lastSeq"]?.number == 2)
      #expect(bobs["items"]?[1]?["unread"]?.number == 0)
      #expect(
        bobs["items"]?[0]?["members"]?.list.compactMap { $0["name"]?.text } == ["Ada", "Bob"])
      #expect(bobs["next"] == .null)
      // What one wrote one has read.
      let adas = try await server.send("GET", "/api/conversations", token: ada.token).json
      #expect(adas["items"]?[0]?["unread"]?.number == 0)
      #expect(adas["items"]?[0]?["readSeq"]?.number == 2)
      // How far others have read, one conversation shows.
      let shown = try await server.send(
        "GET", "/api/conversations/\(ids[0])", token: ada.token
      ).json
      let reads = shown["members"]?.list.map { ($0["id"]?.text, $0["readSeq"]?.number) } ?? []
      #expect(reads.first { $0.0 == ada.id }?.1 == 2)
      #expect(reads.first { $0.0 == bob.id }?.1 == 0)
    }
  }

  @Test("C1 pages of the list join without gap and double")
  func pages() async throws {
    try await TestServer.run { server async throws in
      let (ada, bob) = (try await server.signUp("Ada"), try await server.signUp("Bob"))
      var ids: [String] = []
      for _ in 0..<7 { ids.append(try await server.converse(ada, with: [bob])) }
      var seen: [String] = []
      var path = "/api/conversations?limit=3"
      while true {
        let page = try await server.send("GET", path, token: bob.token).json
        seen += (page["items"]?.list ?? []).compactMap { $0["id"]?.text }
        guard let next = page["next"]?.text else { break }
        path = "/api/conversations?limit=3&cursor=\(next)"
      }
      #expect(Set(seen) == Set(ids))
      #expect(seen.count == 7)
    }
  }

  @Test("J2 a mark of activity that was lost is mended when the conversation is listed")
  func repair() async throws {
    try await TestServer.run { server async throws in
      let (ada, bob) = (try await server.signUp("Ada"), try await server.signUp("Bob"))
      let old = try await server.converse(ada, with: [bob])
      server.clock.advance(by: .seconds(1))
      let new = try await server.converse(ada, with: [bob])
      server.clock.advance(by: .seconds(1))
      // Written behind the service's back, as if it had died before it wrote the mark.
      let id = try #require(ConversationID(old))
      _ = try await server.log.append(
        EntryDraft(.message, in: id, by: UserID(ada.id), text: "lost mark"))
      func order() async throws -> [String?] {
        try await server.send("GET", "/api/conversations", token: bob.token)
          .json["items"]?.list.map { $0["id"]?.text } ?? []
      }
      #expect(try await order() == [new, old])
      #expect(try await order() == [old, new])
    }
  }

  @Test(
    "J2 while activity cannot be written, conversations are shown as they were, and then as they are"
  )
  func unwritableActivity() async throws {
    let documents = FaultyDocumentStore(InMemoryDocumentStore())
    try await TestServer.run(documents: documents) {
      $0.conversations.activityWindow = .milliseconds(5)
    } _: { server async throws in
      let (ada, bob) = (try await server.signUp("Ada"), try await server.signUp("Bob"))
      let id = try await server.converse(ada, with: [bob])
      documents.plan(.transact, Array(repeating: .failBefore, count: 1_000_000))
      try await server.post("hello", as: ada, in: id)
      for path in ["/api/conversations", "/api/conversations/\(id)"] {
        #expect(try await server.send("GET", path, token: bob.token).status == 200)
      }
      documents.plan(.transact, [])
      var readSeq: Int?
      // The recorder's window is one of real time.
      for _ in 0..<2000 where readSeq != 1 {
        try await Task.sleep(for: .milliseconds(5))
        let list = try await server.send("GET", "/api/conversations", token: ada.token).json
        readSeq = list["items"]?[0]?["readSeq"]?.number
      }
      #expect(readSeq == 1)
    }
  }

  @Test("A13 foreign conversations and those that never were answer 404 alike")
  func foreign() async throws {
    try await TestServer.run { server async throws in
      let ada = try await server.signUp("Ada")
      let bob = try await server.signUp("Bob")
      let eve = try await server.signUp("Eve")
      let real = try await server.converse(ada, with: [bob])
      try await server.post("secret", as: ada, in: real)
      let never = "01ARZ3NDEKTSV4RRFFQ69G5FAV"
      let text = #"{"text":"x"}"#
      for (method, path, body) in [
        ("GET", "", nil), ("GET", "/messages", nil), ("POST", "/messages", text),
        ("PATCH", "/messages/1", text), ("DELETE", "/messages/1", nil),
        ("POST", "/read", #"{"seq":1}"#),
      ] {
        var details: Set<String> = []
        for id in [real, never, "x", real.lowercased()] {
          let reply = try await server.send(
            method, "/api/conversations/\(id)\(path)", token: eve.token, json: body)
          #expect(reply.status == 404, "\(method) \(path) \(id)")
          details.insert(try reply.json["detail"]?.text ?? "")
        }
        #expect(details.count == 1)
      }
      let list = try await server.send("GET", "/api/conversations", token: eve.token).json
      #expect(list["items"]?.list.isEmpty == true)
    }
  }

  @Test(
    "C1 numbers and cursors that are none are refused",
    arguments: [
      "limit=0", "limit=101", "limit=-1", "limit=+5", "limit=1e9", "limit=99999999999999999999",
      "limit=", "limit=5&limit=6", "limit=%2B5", "limit=٣", "cursor=x", "cursor=AAAA", "cursor=",
    ])
  func hostileQueries(query: String) async throws {
    try await TestServer.run { server async throws in
      let ada = try await server.signUp("Ada")
      let encoded = query.replacing("٣", with: "%D9%A3")
      let reply = try await server.send(
        "GET", "/api/conversations?\(encoded)", token: ada.token)
      #expect(reply.status == 400)
    }
  }
}
