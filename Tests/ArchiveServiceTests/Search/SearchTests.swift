// Searching for people and conversations.

import ArchiveCore
import ArchiveTesting
import Foundation
import Logging
import Testing

@testable import ArchiveService

@Suite struct SearchTests {
  private static func encoded(_ text: String) -> String {
    text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
  }

  /// All that a search finds, page by page.
  private static func search(
    _ query: String, as person: Person, on server: TestServer, in place: String = "users",
    limit: Int = 50
  ) async throws -> [JSONNode] {
    var path: String? = "/api/search?in=\(place)&limit=\(limit)&query=\(encoded(query))"
    let start = path ?? ""
    var found: [JSONNode] = []
    while let here = path {
      let page = try await server.ask("GET", here, as: person)
      found += page["items"]?.list ?? []
      path = page["next"]?.text.map { "\(start)&cursor=\($0)" }
    }
    return found
  }

  private static func names(_ found: [JSONNode]) -> [String] {
    found.compactMap { $0["name"]?.text }
  }

  @Test("C5 people are found by the beginning and by any part of a name, words before parts")
  func names() async throws {
    try await TestServer.run { server async throws in
      let me = try await server.person("Zoe", .agent)
      for (index, name) in ["Анна Иванова", "Иван", "Joanna", "Ёжик", "Élodie Ann"].enumerated() {
        _ = try await server.named(name, "p\(index)@example.com", .customer)
      }
      func found(_ query: String) async throws -> [String] {
        Self.names(try await Self.search(query, as: me, on: server))
      }
      #expect(try await found("иван") == ["Иван", "Анна Иванова"])
      #expect(try await found("ВАН") == ["Иван", "Анна Иванова"])
      #expect(try await found("ann") == ["Élodie Ann", "Joanna"])
      #expect(try await found("elo") == ["Élodie Ann"])
      #expect(try await found("ежик") == ["Ёжик"])
      #expect(try await found("иванова анна") == ["Анна Иванова"])
      #expect(try await found("анна qqq").isEmpty)
      let same = try await server.ask("GET", "/api/users?query=\(Self.encoded("ЁЖ"))", as: me)
      #expect(Self.names(same["items"]?.list ?? []) == ["Ёжик"])
    }
  }

  @Test("C5 pages of a search join without gap and double", arguments: [1, 2, 3, 7])
  func pages(limit: Int) async throws {
    try await TestServer.run {
      $0.limits = .none
    } _: { server async throws in
      let me = try await server.person("Me", .agent)
      var expected: Set<String> = []
      for number in 0..<12 {
        // Several places of each match, in name and address.
        let name = "Ana Banana \(number)"
        _ = try await server.named(name, "ana\(number)@bananas.example", .customer)
        expected.insert(name)
      }
      for query in ["ana", "an", "a", "banan"] {
        let found = Self.names(try await Self.search(query, as: me, on: server, limit: limit))
        #expect(Set(found).isSuperset(of: expected), "\(query)")
        #expect(Set(found).count == found.count, "\(query)")
      }
    }
  }

  @Test(
    "C5 addresses are for staff: nobody else finds by them or sees them", arguments: Role.allCases)
  func addresses(role: Role) async throws {
    try await TestServer.run { server async throws in
      let me = try await server.person("Me", role)
      _ = try await server.named("Hidden", "secret.address@example.net", .agent)
      let isStaff = [.admin, .agent].contains(role)
      for query in ["secret.address@example.net", "secret", "net", "ddres"] {
        let found = try await Self.search(query, as: me, on: server)
        #expect(Self.names(found) == (isStaff ? ["Hidden"] : []), "\(query)")
      }
      let byName = try await Self.search("hidden", as: me, on: server)
      #expect(byName.first?["email"]?.text == (isStaff ? "secret.address@example.net" : nil))
      #expect((byName.first?["role"] != nil) == isStaff)
    }
  }

  @Test("B3 C5 one finds whom one may write to", arguments: [false, true], Role.allCases)
  func visible(customersMayMeet: Bool, role: Role) async throws {
    try await TestServer.run {
      $0.conversations.customersMayMeet = customersMayMeet
    } _: { server async throws in
      let me = try await server.person("Me", role)
      var expected: Set<String> = []
      for other in Role.allCases {
        _ = try await server.named("Findme \(other)", "\(other)@example.com", other)
        if RightsTable.mayMeet(role, other, customersMayMeet: customersMayMeet) {
          expected.insert("Findme \(other)")
        }
      }
      let found = Self.names(try await Self.search("findme", as: me, on: server))
      #expect(Set(found) == expected)
      #expect(found.count == expected.count)
    }
  }

  @Test("C5 a new name is found and the old one is not, at once; so is a new role")
  func renamed() async throws {
    try await TestServer.run {
      $0.conversations.customersMayMeet = false
    } _: { server async throws in
      let admin = try await server.person("Root", .admin)
      let (ada, bob) = (try await server.signUp("Ada"), try await server.signUp("Bob"))
      try await server.ask("PATCH", "/api/users/me", as: ada, #"{"name":"Лавлейс"}"#)
      // Her address has the old name still.
      #expect(try await Self.search("ada", as: admin, on: server).isEmpty == false)
      #expect(Self.names(try await Self.search("лавл", as: admin, on: server)) == ["Лавлейс"])
      #expect(try await Self.search("лавл", as: bob, on: server).isEmpty)
      try await server.ask(
        "PATCH", "/api/admin/users/\(ada.id)", as: admin, #"{"role":"agent"}"#)
      #expect(Self.names(try await Self.search("лавл", as: bob, on: server)) == ["Лавлейс"])
    }
  }

  @Test("C5 who is out of use is found by admins alone")
  func deactivated() async throws {
    try await TestServer.run { server async throws in
      let admin = try await server.person("Root", .admin)
      let (ada, bob) = (try await server.signUp("Ada"), try await server.signUp("Bob"))
      try await server.ask(
        "PATCH", "/api/admin/users/\(ada.id)", as: admin, #"{"deactivated":true}"#)
      #expect(try await Self.search("ada", as: bob, on: server).isEmpty)
      #expect(Self.names(try await Self.search("ada", as: admin, on: server)) == ["Ada"])
    }
  }

  @Test("C5 J3 users of a restored or older store are indexed at the start")
  func indexing() async throws {
    let place = try await TestDocuments.make()
    let clock = TestClock()
    try await place.store.prepare(ArchiveService.schemas)
    for number in 0..<250 {
      let user = User(
        id: UserID(clock.surroundings.newID()), email: "u\(number)@example.org",
        name: "User \(number)", role: .customer, createdAt: clock.surroundings.now(),
        passwordHash: "x")
      try await Collection(in: place.store).insert(user)
    }
    let indexing = UserIndexing(
      documents: place.store, surroundings: clock.surroundings,
      logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
    try await indexing.indexAll()
    let search = SearchUsers(documents: place.store, settings: .init())
    let staff = Caller(
      userID: UserID(ULID(high: 1, low: 1)), sessionID: SessionID(ULID(high: 1, low: 1)),
      role: .agent)
    let page = try await search(staff, try SearchQuery("user 24"), limit: 100, cursor: nil)
    // 24, 124, 224, and 240 to 249.
    #expect(page.items.count == 13)
    // Done once: what is there already is not read again.
    _ = try await place.store.delete(UserTerm.schema.name, where: .everything)
    try await indexing.indexAll()
    #expect(try await place.store.count(UserTerm.schema.name, where: .everything) == 0)
    try await place.discard()
  }

  @Test("C5 one's own conversations are found by title and by whom they are with, and no others")
  func conversations() async throws {
    try await TestServer.run { server async throws in
      let ada = try await server.signUp("Ada")
      let bob = try await server.named("Борис", "boris@example.org", .customer)
      let eve = try await server.signUp("Eve")
      let direct = try await server.converse(ada, with: [bob], kind: "direct")
      let group = try await server.ask(
        "POST", "/api/conversations", as: ada,
        #"{"kind":"group","title":"Ужин у Бориса","members":["\#(eve.id)"]}"#, expecting: 201)
      let secret = try await server.ask(
        "POST", "/api/conversations", as: bob,
        #"{"kind":"group","title":"Борис и секрет","members":["\#(eve.id)"]}"#, expecting: 201)
      func found(_ query: String, _ person: Person) async throws -> Set<String> {
        Set(
          try await Self.search(query, as: person, on: server, in: "conversations", limit: 1)
            .compactMap { $0["id"]?.text })
      }
      let (groupID, secretID) = (group["id"]?.text ?? "", secret["id"]?.text ?? "")
      #expect(try await found("борис", ada) == [direct, groupID])
      #expect(try await found("УЖИН", eve) == [groupID])
      #expect(try await found("борис", eve) == [groupID, secretID])
      #expect(try await found("секрет", ada).isEmpty)
      // One's own name is not what a conversation is called.
      #expect(try await found("ada", ada).isEmpty)
      try await server.ask(
        "DELETE", "/api/conversations/\(groupID)/members/\(eve.id)", as: eve, expecting: 204)
      #expect(try await found("ужин", eve).isEmpty)
    }
  }

  @Test(
    "C5 queries and cursors that are none are refused",
    arguments: [
      "/api/users", "/api/users?query=", "/api/users?query=%20", "/api/users?query=%CC%81",
      "/api/search?query=x", "/api/search?query=x&in=messages", "/api/search?query=x&in=",
      "/api/users?query=x&query=y", "/api/users?query=x&limit=0", "/api/users?query=x&cursor=x",
      "/api/users?query=x&cursor=OTk5IA", "/api/users?query=x&cursor=MCBzMHk",
      "/api/search?query=x&in=conversations&cursor=AAAA",
      "/api/users?query=\(String(repeating: "x", count: 201))",
    ])
  func refused(path: String) async throws {
    try await TestServer.run { server async throws in
      let ada = try await server.signUp("Ada")
      try await server.ask("GET", path, as: ada, expecting: 400)
    }
  }

  @Test("C5 odd queries find nothing and harm nothing", arguments: OddStrings.all)
  func odd(text: String) async throws {
    try await TestServer.run { server async throws in
      let ada = try await server.signUp("Ada")
      for place in ["users", "conversations"] {
        let reply = try await server.send(
          "GET", "/api/search?in=\(place)&query=\(Self.encoded(text))", token: ada.token)
        #expect([200, 400].contains(reply.status))
      }
    }
  }
}

extension TestServer {
  /// Somebody with any name and address.
  func named(_ name: String, _ email: String, _ role: Role) async throws -> Person {
    let marking = ArchiveService.marking(documents, surroundings: clock.surroundings)
    let create = CreateUser(
      documents: marking, settings: settings, surroundings: clock.surroundings)
    let user = try await create(email: email, name: name, password: Person.password, role: role)
    return try await signedIn(user.id.description, email)
  }
}
