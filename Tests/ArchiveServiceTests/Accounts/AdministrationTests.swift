// What admins do with the accounts of others.

import ArchiveCore
import ArchiveService
import ArchiveTesting
import Testing

@Suite(.timeLimit(.minutes(5))) struct AdministrationTests {
  private func change(_ server: TestServer, _ admin: Person, _ user: Person, _ json: String)
    async throws -> Reply
  {
    try await server.send("PATCH", "/api/admin/users/\(user.id)", token: admin.token, json: json)
  }

  private func names(_ server: TestServer, _ admin: Person, _ query: String) async throws
    -> [String]
  {
    let reply = try await server.send("GET", "/api/admin/users?\(query)", token: admin.token)
    #expect(reply.status == 200, "\(query)")
    return try #require(try reply.json["items"]).list.compactMap { $0["name"]?.text }
  }

  @Test("B3 only admins see and change the accounts of others")
  func onlyAdmins() async throws {
    try await TestServer.run { (server) async throws in
      let (ada, bob) = (try await server.signUp("Ada"), try await server.signUp("Bob"))
      for role in Role.allCases where role != .admin {
        try await server.setRole(role, of: ada)
        for (method, path) in [
          ("GET", ""), ("GET", "/\(bob.id)"), ("PATCH", "/\(bob.id)"),
          ("DELETE", "/\(bob.id)/sessions"),
        ] {
          let reply = try await server.send(
            method, "/api/admin/users" + path, token: ada.token,
            json: method == "PATCH" ? #"{"role":"admin"}"# : nil)
          #expect(reply.status == 403, "\(role) \(method) \(path)")
        }
      }
    }
  }

  @Test(
    "B3 an admin lists accounts, by role, by use and by name, in pages",
    arguments: AccountEngine.allCases)
  func list(engine: AccountEngine) async throws {
    try await TestServer.run(on: engine) { (server) async throws in
      let root = try await server.signUp("Root")
      for name in ["Ada", "Bob", "Cyd"] { _ = try await server.signUp(name) }
      try await server.setRole(.admin, of: root)
      #expect(try await names(server, root, "") == ["Root", "Ada", "Bob", "Cyd"])
      #expect(try await names(server, root, "role=admin") == ["Root"])
      #expect(try await names(server, root, "deactivated=true") == [])
      #expect(try await names(server, root, "query=BO") == ["Bob"])
      #expect(try await names(server, root, "query=cyd@example") == ["Cyd"])
      let first = try await server.send(
        "GET", "/api/admin/users?limit=3", token: root.token)
      let next = try #require(try first.json["next"]?.text)
      #expect(try await names(server, root, "limit=3&cursor=\(next)") == ["Cyd"])
      for query in ["role=king", "deactivated=yes", "cursor=x", "limit=0", "query="] {
        let reply = try await server.send("GET", "/api/admin/users?\(query)", token: root.token)
        #expect(reply.status == 400, "\(query)")
      }
      let one = try #require(try first.json["items"]?[1])
      #expect(one["email"]?.text == "ada@example.org")
      #expect(one.names.isDisjoint(with: ["passwordHash", "settings", "emailKey"]))
    }
  }

  @Test(
    "B3 a role that an admin gives counts at once, and is audited",
    arguments: AccountEngine.allCases)
  func role(engine: AccountEngine) async throws {
    try await TestServer.run(on: engine) { (server) async throws in
      let (root, ada) = (try await server.signUp("Root"), try await server.signUp("Ada"))
      try await server.setRole(.admin, of: root)
      #expect(try await server.send("GET", "/api/admin/users", token: ada.token).status == 403)
      let reply = try await change(server, root, ada, #"{"role":"admin"}"#)
      #expect(try reply.json["role"]?.text == "admin")
      #expect(try await server.send("GET", "/api/admin/users", token: ada.token).status == 200)
      #expect(try await change(server, ada, root, #"{"role":"agent"}"#).status == 200)
      #expect(try await server.send("GET", "/api/admin/users", token: root.token).status == 403)
      #expect(try await server.audited(ada.id) == ["signedUp", "roleChanged"])
      #expect(try await change(server, ada, root, #"{"role":"king"}"#).status == 400)
      let nobody = try await server.send(
        "PATCH", "/api/admin/users/01ARZ3NDEKTSV4RRFFQ69G5FAV", token: ada.token,
        json: #"{"role":"agent"}"#)
      #expect(nobody.status == 404)
    }
  }

  @Test("B3 an admin puts an account out of use and back, and ends sessions")
  func outOfUse() async throws {
    try await TestServer.run { (server) async throws in
      let (root, ada) = (try await server.signUp("Root"), try await server.signUp("Ada"))
      try await server.setRole(.admin, of: root)
      let off = try await change(server, root, ada, #"{"deactivated":true}"#)
      #expect(try off.json["deactivatedAt"]?.text != nil)
      #expect(try await server.send("GET", "/api/users/me", token: ada.token).status == 401)
      #expect(try await server.signIn(ada.email).status == 403)
      #expect(try await names(server, root, "deactivated=true") == ["Ada"])
      let on = try await change(server, root, ada, #"{"deactivated":false}"#)
      #expect(try on.json["deactivatedAt"] == nil)
      #expect(try await server.send("GET", "/api/users/me", token: ada.token).status == 401)
      let signedIn = try await server.signIn(ada.email)
      let token = try #require(try signedIn.json["accessToken"]?.text)
      let ended = try await server.send(
        "DELETE", "/api/admin/users/\(ada.id)/sessions", token: root.token)
      #expect(ended.status == 204)
      #expect(try await server.send("GET", "/api/users/me", token: token).status == 401)
      let audited = try await server.audited(ada.id)
      #expect(
        audited == [
          "signedUp", "userDeactivated", "signInFailed", "userReactivated", "signedIn",
          "sessionRevoked",
        ])
    }
  }

  @Test(
    "B3 accounts out of use are listed in pages, the earliest first",
    arguments: AccountEngine.allCases
  )
  func listOutOfUse(engine: AccountEngine) async throws {
    try await TestServer.run(on: engine) { (server) async throws in
      let root = try await server.signUp("Root")
      var people: [Person] = []
      for name in ["Ada", "Bob", "Cyd", "Dan"] { people.append(try await server.signUp(name)) }
      try await server.setRole(.admin, of: root)
      // The last two in one millisecond.
      for (index, time) in [(2, 5), (0, 6), (3, 7), (1, 7)] as [(Int, Int64)] {
        try await server.documents.update(
          Update(
            "users", where: .id(people[index].id),
            [.set("deactivatedAt", .time(Timestamp(milliseconds: time)))]))
      }
      #expect(
        try await names(server, root, "deactivated=true") == ["Cyd", "Ada", "Bob", "Dan"])
      #expect(try await names(server, root, "deactivated=false") == ["Root"])
      #expect(try await names(server, root, "deactivated=true&role=admin") == [])
      var (seen, cursor): ([String], String?) = ([], nil)
      repeat {
        let query =
          "deactivated=true&role=customer&limit=1" + (cursor.map { "&cursor=\($0)" } ?? "")
        let reply = try await server.send("GET", "/api/admin/users?\(query)", token: root.token)
        seen += try #require(try reply.json["items"]).list.compactMap { $0["name"]?.text }
        cursor = try reply.json["next"]?.text
      } while cursor != nil && seen.count < 9
      #expect(seen == ["Cyd", "Ada", "Bob", "Dan"])
      for cursor in ["x", people[0].id, "eCB5"] {
        let reply = try await server.send(
          "GET", "/api/admin/users?deactivated=true&cursor=\(cursor)", token: root.token)
        #expect(reply.status == 400)
      }
    }
  }

  @Test("B3 an admin out of use who comes back at this very moment keeps the role")
  func comesBack() async throws {
    let store = InterposedStore(InMemoryDocumentStore())
    try await TestServer.run(documents: store) { (server) async throws in
      let (root, ada) = (try await server.signUp("Root"), try await server.signUp("Ada"))
      try await server.setRole(.admin, of: root)
      try await server.setRole(.admin, of: ada)
      #expect(try await change(server, root, ada, #"{"deactivated":true}"#).status == 200)
      let inner = store.inner
      store.beforeTransact { steps in
        guard steps.contains(where: { $0.changed == "userTerms" }) else { return }
        _ = try? await inner.update(
          Update("users", where: .id(ada.id), [.unset("deactivatedAt")]))
      }
      #expect(try await change(server, root, ada, #"{"role":"customer"}"#).status == 409)
      let found = try await server.stored(
        "users", where: .and([.equal("role", .string("admin")), .missing("deactivatedAt")]))
      #expect(found.count == 2)
    }
  }

  @Test("B3 the last admin stays one", arguments: AccountEngine.allCases)
  func lastAdmin(engine: AccountEngine) async throws {
    try await TestServer.run(on: engine) { (server) async throws in
      let (root, ada) = (try await server.signUp("Root"), try await server.signUp("Ada"))
      try await server.setRole(.admin, of: root)
      #expect(try await change(server, root, root, #"{"role":"agent"}"#).status == 409)
      #expect(try await change(server, root, root, #"{"deactivated":true}"#).status == 409)
      let own = try await server.send(
        "POST", "/api/users/me/deactivation", token: root.token,
        json: #"{"password":"\#(Person.password)"}"#)
      #expect(own.status == 409)
      try await server.setRole(.admin, of: ada)
      async let one = change(server, root, ada, #"{"role":"customer"}"#).status
      async let other = change(server, ada, root, #"{"deactivated":true}"#).status
      let statuses = try await [one, other].sorted()
      // One of the two acts, and the other, whose admin is none any more, does not.
      #expect(statuses[0] == 200)
      #expect([401, 403, 409].contains(statuses[1]))
      let admins = try await server.stored(
        "users", where: .and([.equal("role", .string("admin")), .missing("deactivatedAt")]))
      #expect(admins.count == 1)
    }
  }
}
