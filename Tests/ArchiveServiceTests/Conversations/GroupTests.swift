// Administration of groups: members, admins, owner, title, leaving, deleting.

import ArchiveCore
import ArchiveService
import Testing

@Suite struct GroupTests {
  /// Ada's group with Bob, and Eve who is not in it.
  private struct Group {
    let server: TestServer
    let (ada, bob, eve): (Person, Person, Person)
    let id: String

    init(_ server: TestServer) async throws {
      self.server = server
      (ada, bob, eve) = (
        try await server.signUp("Ada"), try await server.signUp("Bob"),
        try await server.signUp("Eve")
      )
      id = try await server.converse(ada, with: [bob])
    }

    var path: String { "/api/conversations/\(id)" }

    func remove(_ member: Person, as person: Person, expecting status: Int = 204) async throws {
      try await server.ask(
        "DELETE", "\(path)/members/\(member.id)", as: person, expecting: status)
    }

    func kinds(as person: Person) async throws -> [String] {
      try await server.history(of: id, as: person).compactMap { $0["kind"]?.text }
    }
  }

  @Test("C2 a member who is added is a member, and the log says who added whom")
  func add() async throws {
    try await TestServer.run { server async throws in
      let group = try await Group(server)
      try await server.post("before", as: group.ada, in: group.id)
      try await server.put(group.eve, in: group.id, as: group.ada)
      #expect(
        try await server.roles(in: group.id, as: group.eve)
          == [group.ada.id: "owner", group.bob.id: "member", group.eve.id: "member"])
      let entries = try await server.history(of: group.id, as: group.eve)
      #expect(entries.map { $0["text"]?.text } == ["before", nil])
      #expect(entries.last?["kind"]?.text == "memberAdded")
      #expect(entries.last?["senderId"]?.text == group.ada.id)
      #expect(entries.last?["data"]?["userId"]?.text == group.eve.id)
      // What was said before one came is not unread.
      let list = try await server.ask("GET", "/api/conversations", as: group.eve)
      #expect(list["items"]?[0]?["unread"]?.number == 0)
      #expect(list["items"]?[0]?["memberCount"]?.number == 3)
      // Again: nothing happens, and nothing is written.
      try await server.put(group.eve, in: group.id, as: group.ada)
      #expect(try await group.kinds(as: group.ada) == ["message", "memberAdded"])
    }
  }

  @Test("C2 a member without history reads nothing that was said before, by any route")
  func withoutHistory() async throws {
    try await TestServer.run { server async throws in
      let group = try await Group(server)
      for text in ["one", "two", "three"] {
        try await server.post(text, as: group.ada, in: group.id)
      }
      try await server.put(group.eve, in: group.id, as: group.ada, #"{"history":"none"}"#)
      try await server.post("four", as: group.ada, in: group.id)
      for query in ["", "?after=0", "?before=99", "?limit=2", "?after=0&limit=1"] {
        var path: String? = "\(group.path)/messages\(query)"
        var texts: [String] = []
        while let here = path {
          let page = try await server.ask("GET", here, as: group.eve)
          texts += (page["items"]?.list ?? []).compactMap { $0["text"]?.text }
          path = page["next"]?.text.map { "\(group.path)/messages?limit=2&cursor=\($0)" }
        }
        #expect(texts == ["four"], "\(query)")
      }
      #expect(
        try await server.post("x", as: group.eve, in: group.id, more: #","replyTo":1"#).status
          == 400)
      #expect(
        try await server.post("x", as: group.eve, in: group.id, more: #","replyTo":5"#).status
          == 201)
      let list = try await server.ask("GET", "/api/conversations", as: group.eve)
      #expect(list["items"]?[0]?["lastMessage"]?["text"]?.text == "x")
    }
  }

  @Test("C2 the newest message of a list is not shown to who may not read it")
  func lastMessageWithoutHistory() async throws {
    try await TestServer.run { server async throws in
      let group = try await Group(server)
      try await server.post("secret", as: group.ada, in: group.id)
      let owner = try #require(UserID(group.ada.id))
      // A newcomer's own coming is the newest entry; this one lost it.
      let id = try #require(ConversationID(group.id))
      _ = try await server.documents.update(
        Update(
          "members", where: .id("\(id)/\(group.bob.id)"), [.set("hiddenSeq", .integer(1))]))
      let bobs = try await server.ask("GET", "/api/conversations", as: group.bob)
      #expect(bobs["items"]?[0]?["lastMessage"] == nil)
      let adas = try await server.ask("GET", "/api/conversations", as: group.ada)
      #expect(adas["items"]?[0]?["lastMessage"]?["text"]?.text == "secret")
      #expect(adas["items"]?[0]?["lastMessage"]?["senderId"]?.text == owner.description)
    }
  }

  @Test(
    "C2 a removed member reads, writes and finds nothing any more; the others read that it was so")
  func remove() async throws {
    try await TestServer.run { server async throws in
      let group = try await Group(server)
      try await server.post("hello", as: group.bob, in: group.id)
      try await group.remove(group.bob, as: group.ada)
      for (method, path, json) in [
        ("GET", "", nil), ("GET", "/messages", nil), ("POST", "/messages", #"{"text":"x"}"#),
        ("PATCH", "/messages/1", #"{"text":"x"}"#), ("DELETE", "/messages/1", nil),
        ("POST", "/read", #"{"seq":1}"#), ("PATCH", "", #"{"title":"x"}"#),
        ("DELETE", "", nil), ("PUT", "/members/\(group.bob.id)", "{}"),
        ("DELETE", "/members/\(group.bob.id)", nil),
      ] {
        try await server.ask(method, group.path + path, as: group.bob, json, expecting: 404)
      }
      let list = try await server.ask("GET", "/api/conversations", as: group.bob)
      #expect(list["items"]?.list.isEmpty == true)
      #expect(try await group.kinds(as: group.ada) == ["message", "memberRemoved"])
      // Who is none already stays none.
      try await group.remove(group.bob, as: group.ada)
      #expect(try await group.kinds(as: group.ada) == ["message", "memberRemoved"])
      #expect(
        try await server.ask("GET", group.path, as: group.ada)["memberCount"]?.number == 1)
    }
  }

  @Test("C2 the owner appoints and dismisses admins; admins administer members and not each other")
  func admins() async throws {
    try await TestServer.run { server async throws in
      let group = try await Group(server)
      let dan = try await server.signUp("Dan")
      try await server.put(group.bob, in: group.id, as: group.ada, #"{"role":"admin"}"#)
      // An admin adds plain members, and neither admins nor owners.
      try await server.put(group.eve, in: group.id, as: group.bob)
      try await server.put(dan, in: group.id, as: group.bob, #"{"role":"admin"}"#, expecting: 403)
      try await server.put(dan, in: group.id, as: group.ada, #"{"role":"admin"}"#)
      try await group.remove(dan, as: group.bob, expecting: 403)
      try await group.remove(group.ada, as: group.bob, expecting: 403)
      try await server.put(dan, in: group.id, as: group.bob, #"{"role":"member"}"#, expecting: 403)
      try await server.put(
        group.bob, in: group.id, as: group.bob, #"{"role":"owner"}"#, expecting: 403)
      // A plain member administers nobody.
      try await server.put(
        group.eve, in: group.id, as: group.eve, #"{"role":"admin"}"#, expecting: 403)
      try await group.remove(dan, as: group.eve, expecting: 403)
      // An admin may step down, and the owner may dismiss one.
      try await server.put(group.bob, in: group.id, as: group.bob, #"{"role":"member"}"#)
      try await server.put(dan, in: group.id, as: group.ada, #"{"role":"member"}"#)
      #expect(
        try await server.roles(in: group.id, as: group.ada)
          == [
            group.ada.id: "owner", group.bob.id: "member", group.eve.id: "member", dan.id: "member",
          ])
      #expect(
        try await group.kinds(as: group.ada)
          == ["roleChanged", "memberAdded", "memberAdded", "roleChanged", "roleChanged"])
    }
  }

  @Test("C2 who hands a group over is one of its admins, and the group has one owner")
  func handOver() async throws {
    try await TestServer.run { server async throws in
      let group = try await Group(server)
      try await server.put(group.bob, in: group.id, as: group.ada, #"{"role":"owner"}"#)
      #expect(
        try await server.roles(in: group.id, as: group.ada)
          == [group.ada.id: "admin", group.bob.id: "owner"])
      let entry = try await server.history(of: group.id, as: group.bob).last
      #expect(entry?["data"]?["previousOwnerId"]?.text == group.ada.id)
      try await server.put(
        group.ada, in: group.id, as: group.ada, #"{"role":"owner"}"#, expecting: 403)
    }
  }

  @Test(
    "C2 a group whose owner is out of use is taken over by an admin, and handed to nobody out of use"
  )
  func orphaned() async throws {
    try await TestServer.run { server async throws in
      let group = try await Group(server)
      let operations = try await server.person("Operations", .admin)
      func putOutOfUse(_ person: Person) async throws {
        try await server.ask(
          "PATCH", "/api/admin/users/\(person.id)", as: operations, #"{"deactivated":true}"#)
      }
      try await server.put(group.eve, in: group.id, as: group.ada, #"{"role":"admin"}"#)
      try await server.put(
        group.eve, in: group.id, as: group.eve, #"{"role":"owner"}"#, expecting: 403)
      try await putOutOfUse(group.ada)
      try await server.put(
        group.bob, in: group.id, as: group.bob, #"{"role":"owner"}"#, expecting: 403)
      try await server.put(
        group.bob, in: group.id, as: group.eve, #"{"role":"owner"}"#, expecting: 403)
      try await server.put(group.eve, in: group.id, as: group.eve, #"{"role":"owner"}"#)
      #expect(
        try await server.roles(in: group.id, as: group.bob)
          == [group.ada.id: "admin", group.bob.id: "member", group.eve.id: "owner"])
      try await server.put(
        group.ada, in: group.id, as: group.eve, #"{"role":"owner"}"#, expecting: 409)
      // Ada is an admin, but Bob is there.
      try await group.remove(group.eve, as: group.eve)
      #expect(
        try await server.roles(in: group.id, as: group.bob)
          == [group.ada.id: "admin", group.bob.id: "owner"])
    }
  }

  @Test("C2 an owner who leaves leaves the group to the admin who has been in it longest")
  func ownerLeaves() async throws {
    try await TestServer.run { server async throws in
      let group = try await Group(server)
      server.clock.advance(by: .seconds(1))
      try await server.put(group.eve, in: group.id, as: group.ada, #"{"role":"admin"}"#)
      try await group.remove(group.ada, as: group.ada)
      try await server.ask("GET", group.path, as: group.ada, expecting: 404)
      #expect(
        try await server.roles(in: group.id, as: group.bob)
          == [group.bob.id: "member", group.eve.id: "owner"])
      let entry = try await server.history(of: group.id, as: group.bob).last
      #expect(entry?["kind"]?.text == "memberLeft")
      #expect(entry?["data"]?["newOwnerId"]?.text == group.eve.id)
      // The last one takes the group along.
      try await group.remove(group.eve, as: group.eve)
      try await group.remove(group.bob, as: group.bob)
      try await server.ask("GET", group.path, as: group.bob, expecting: 404)
    }
  }

  @Test("C2 title and description change, and go away; each change is an entry")
  func details() async throws {
    try await TestServer.run { server async throws in
      let group = try await Group(server)
      let first = try await server.ask(
        "PATCH", group.path, as: group.ada, #"{"title":"Ужин","description":"a\nb"}"#)
      #expect(first["title"]?.text == "Ужин")
      #expect(first["description"]?.text == "a\nb")
      // What is not there stays; what is the same is no change.
      try await server.ask("PATCH", group.path, as: group.ada, #"{"title":"Ужин"}"#)
      try await server.ask("PATCH", group.path, as: group.ada, "{}")
      let last = try await server.ask(
        "PATCH", group.path, as: group.ada, #"{"description":null}"#)
      #expect(last["title"]?.text == "Ужин")
      #expect(last["description"] == nil)
      let entries = try await server.history(of: group.id, as: group.bob)
      #expect(
        entries.map { $0["kind"]?.text }
          == ["titleChanged", "descriptionChanged", "descriptionChanged"])
      #expect(entries[0]["data"]?["title"]?.text == "Ужин")
      try await server.ask("PATCH", group.path, as: group.bob, #"{"title":"x"}"#, expecting: 403)
      for bad in [
        #"{"title":""}"#, #"{"title":"a\nb"}"#, #"{"description":"a\u0000"}"#, #"{"title":5}"#,
      ] {
        try await server.ask("PATCH", group.path, as: group.ada, bad, expecting: 400)
      }
    }
  }

  @Test("C4 who changes a group has not thereby read what was said in it")
  func unread() async throws {
    try await TestServer.run { server async throws in
      let group = try await Group(server)
      for text in ["one", "two"] { try await server.post(text, as: group.bob, in: group.id) }
      try await server.ask("PATCH", group.path, as: group.ada, #"{"title":"T"}"#)
      let list = try await server.ask("GET", "/api/conversations", as: group.ada)
      #expect(list["items"]?[0]?["unread"]?.number == 2)
      #expect(list["items"]?[0]?["lastSeq"]?.number == 3)
    }
  }

  @Test("C2 a deleted group is gone for everybody; what was said is still in the log")
  func delete() async throws {
    try await TestServer.run { server async throws in
      let group = try await Group(server)
      try await server.post("hello", as: group.ada, in: group.id)
      try await server.ask("DELETE", group.path, as: group.bob, expecting: 403)
      try await server.ask("DELETE", group.path, as: group.ada, expecting: 204)
      for person in [group.ada, group.bob] {
        try await server.ask("GET", group.path, as: person, expecting: 404)
        try await server.ask("DELETE", group.path, as: person, expecting: 404)
        let list = try await server.ask("GET", "/api/conversations", as: person)
        #expect(list["items"]?.list.isEmpty == true)
      }
      let id = try #require(ConversationID(group.id))
      let kinds = try await server.log.entries(in: id, after: 0, limit: 9).map(\.kind.rawValue)
      #expect(kinds == ["message", "conversationDeleted"])
      let admin = try await server.person("Admin", .admin)
      let audit = try await server.ask(
        "GET", "/api/admin/audit?kind=conversationDeleted", as: admin)
      #expect(audit["items"]?.list.map { $0["actorId"]?.text } == [group.ada.id])
    }
  }

  @Test("C2 a full group takes nobody; nobody is added who does not exist")
  func limits() async throws {
    try await TestServer.run {
      $0.conversations.groupLimit = 2
    } _: { server async throws in
      let group = try await Group(server)
      let dan = try await server.signUp("Dan")
      try await server.put(group.eve, in: group.id, as: group.ada)
      try await server.put(dan, in: group.id, as: group.ada, expecting: 409)
      for id in ["01ARZ3NDEKTSV4RRFFQ69G5FAV", "x"] {
        try await server.ask(
          "PUT", "\(group.path)/members/\(id)", as: group.ada, "{}",
          expecting: id == "x" ? 404 : 409)
      }
      try await group.remove(group.eve, as: group.ada)
      try await server.ask(
        "PUT", "\(group.path)/members/01ARZ3NDEKTSV4RRFFQ69G5FAV", as: group.ada, "{}",
        expecting: 404)
      try await server.put(
        dan, in: group.id, as: group.ada, #"{"role":"king"}"#, expecting: 400)
    }
  }

  @Test("C1 a direct conversation has no members to change")
  func direct() async throws {
    try await TestServer.run { server async throws in
      let (ada, bob, eve) = (
        try await server.signUp("Ada"), try await server.signUp("Bob"),
        try await server.signUp("Eve")
      )
      let id = try await server.converse(ada, with: [bob], kind: "direct")
      try await server.put(eve, in: id, as: ada, expecting: 409)
      for person in [ada, bob] {
        try await server.ask(
          "DELETE", "/api/conversations/\(id)/members/\(person.id)", as: ada, expecting: 409)
      }
      try await server.ask(
        "PATCH", "/api/conversations/\(id)", as: ada, #"{"title":"x"}"#, expecting: 403)
    }
  }

  @Test("C1 who deletes a direct conversation has it back, empty, with the next message")
  func deleteDirect() async throws {
    try await TestServer.run { server async throws in
      let (ada, bob) = (try await server.signUp("Ada"), try await server.signUp("Bob"))
      let id = try await server.converse(ada, with: [bob], kind: "direct")
      try await server.post("old", as: ada, in: id)
      try await server.ask("DELETE", "/api/conversations/\(id)", as: bob, expecting: 204)
      func listed(_ person: Person) async throws -> [String?] {
        try await server.ask("GET", "/api/conversations", as: person)["items"]?.list.map {
          $0["lastMessage"]?["text"]?.text
        } ?? []
      }
      #expect(try await listed(bob).isEmpty)
      #expect(try await listed(ada) == ["old"])
      try await server.post("new", as: ada, in: id)
      #expect(try await listed(bob) == ["new"])
      #expect(try await server.history(of: id, as: bob).map { $0["text"]?.text } == ["new"])
      #expect(try await server.history(of: id, as: ada).map { $0["text"]?.text } == ["old", "new"])
      // Who opens it again sees it again, though nobody said anything.
      try await server.ask("DELETE", "/api/conversations/\(id)", as: bob, expecting: 204)
      #expect(try await server.converse(bob, with: [ada], kind: "direct") == id)
      #expect(try await listed(bob).count == 1)
    }
  }
}
