// Support: the queue, and the life of a request.

import ArchiveCore
import ArchiveTesting
import Logging
import Testing

@testable import ArchiveService

@Suite struct SupportTests {
  private struct Desk {
    let server: TestServer
    let (customer, agent, colleague, admin): (Person, Person, Person, Person)

    init(_ server: TestServer) async throws {
      self.server = server
      customer = try await server.signUp("Customer")
      agent = try await server.person("Agent", .agent)
      colleague = try await server.person("Colleague", .agent)
      admin = try await server.person("Admin", .admin)
    }

    func open(_ title: String = "Help") async throws -> String {
      let json = try await server.ask(
        "POST", "/api/conversations", as: customer, #"{"kind":"support","title":"\#(title)"}"#,
        expecting: 201)
      return try #require(json["id"]?.text)
    }

    func queue(as person: Person) async throws -> [JSONNode] {
      try await server.ask("GET", "/api/support", as: person)["items"]?.list ?? []
    }

    @discardableResult
    func act(
      _ act: String, _ id: String, as person: Person, _ json: String? = nil,
      expecting status: Int = 200
    ) async throws -> JSONNode {
      try await server.ask(
        "POST", "/api/conversations/\(id)/\(act)", as: person, json, expecting: status)
    }
  }

  @Test("C1 a request waits in the queue of the staff, longest first, with its newest message")
  func queue() async throws {
    try await TestServer.run { server async throws in
      let desk = try await Desk(server)
      var ids: [String] = []
      for title in ["one", "two", "three"] {
        ids.append(try await desk.open(title))
        server.clock.advance(by: .seconds(1))
      }
      try await server.post("It does not work", as: desk.customer, in: ids[1])
      let queue = try await desk.queue(as: desk.agent)
      #expect(queue.map { $0["id"]?.text } == ids)
      #expect(queue[1]["lastMessage"]?["text"]?.text == "It does not work")
      #expect(queue[1]["customer"]?["name"]?.text == "Customer")
      // Pages join.
      let first = try await server.ask("GET", "/api/support?limit=2", as: desk.agent)
      let next = try #require(first["next"]?.text)
      let second = try await server.ask(
        "GET", "/api/support?limit=2&cursor=\(next)", as: desk.agent)
      #expect(second["items"]?.list.map { $0["id"]?.text } == [ids[2]])
      #expect(second["next"] == .null)
      // It is the staff's; and who has not taken a request does not read it.
      try await server.ask("GET", "/api/support", as: desk.customer, expecting: 403)
      try await server.ask("GET", "/api/conversations/\(ids[0])", as: desk.agent, expecting: 404)
    }
  }

  @Test("C1 an agent takes a request, talks, and closes it; a new message opens it again")
  func life() async throws {
    try await TestServer.run { server async throws in
      let desk = try await Desk(server)
      let id = try await desk.open()
      try await server.post("Hello?", as: desk.customer, in: id)
      let taken = try await desk.act("take", id, as: desk.agent)
      #expect(taken["support"]?["status"]?.text == "taken")
      #expect(taken["support"]?["agentId"]?.text == desk.agent.id)
      #expect(try await desk.queue(as: desk.agent).isEmpty)
      // What is taken is not taken again, except by who has it already.
      try await desk.act("take", id, as: desk.colleague, expecting: 409)
      try await desk.act("take", id, as: desk.agent)
      #expect(
        try await server.history(of: id, as: desk.agent).map { $0["kind"]?.text }
          == ["message", "supportTaken"])
      try await server.post("Yes", as: desk.agent, in: id)
      // Only who has it in charge closes it.
      try await desk.act("close", id, as: desk.customer, expecting: 403)
      try await desk.act("close", id, as: desk.colleague, expecting: 404)
      let closed = try await desk.act("close", id, as: desk.agent)
      #expect(closed["support"]?["status"]?.text == "closed")
      #expect(try await desk.queue(as: desk.agent).isEmpty)
      try await server.post("Once more", as: desk.customer, in: id)
      #expect(try await desk.queue(as: desk.colleague).map { $0["id"]?.text } == [id])
      #expect(
        try await server.history(of: id, as: desk.customer).map { $0["kind"]?.text }
          == ["message", "supportTaken", "message", "supportClosed", "supportReopened", "message"])
      // Who takes it now replaces who had it.
      try await desk.act("take", id, as: desk.colleague)
      try await server.ask(
        "GET", "/api/conversations/\(id)/messages", as: desk.agent, expecting: 404)
      #expect(
        try await server.roles(in: id, as: desk.colleague)
          == [desk.customer.id: "member", desk.colleague.id: "admin"])
    }
  }

  @Test("C1 an agent hands a request to another, or back to the queue, and reads it no longer")
  func handOver() async throws {
    try await TestServer.run { server async throws in
      let desk = try await Desk(server)
      let id = try await desk.open()
      try await desk.act("take", id, as: desk.agent)
      try await desk.act(
        "handover", id, as: desk.agent, #"{"userId":"\#(desk.customer.id)"}"#, expecting: 400)
      try await desk.act(
        "handover", id, as: desk.agent, #"{"userId":"\#(desk.colleague.id)"}"#, expecting: 204)
      try await server.ask("GET", "/api/conversations/\(id)", as: desk.agent, expecting: 404)
      #expect(
        try await server.roles(in: id, as: desk.colleague)
          == [desk.customer.id: "member", desk.colleague.id: "admin"])
      try await desk.act("handover", id, as: desk.colleague, "{}", expecting: 204)
      #expect(try await desk.queue(as: desk.agent).map { $0["id"]?.text } == [id])
      #expect(try await server.roles(in: id, as: desk.customer) == [desk.customer.id: "member"])
      // An admin takes what somebody has in charge.
      try await desk.act("take", id, as: desk.agent)
      try await desk.act("take", id, as: desk.admin)
      try await server.ask("GET", "/api/conversations/\(id)", as: desk.agent, expecting: 404)
      // What waits is the staff's to read; what a colleague had in charge is told.
      let audit = try await server.ask(
        "GET", "/api/admin/audit?kind=conversationRead", as: desk.admin)
      #expect(audit["items"]?.list.map { $0["actorId"]?.text } == [desk.admin.id])
      #expect(audit["items"]?.list.map { $0["conversationId"]?.text } == [id])
    }
  }

  @Test("B3 C1 an agent who is none any more reads nothing, and the customer is back in the queue")
  func demoted() async throws {
    try await TestServer.run { server async throws in
      let desk = try await Desk(server)
      let taken = try await desk.open("taken")
      let closed = try await desk.open("closed")
      for id in [taken, closed] { try await desk.act("take", id, as: desk.agent) }
      try await desk.act("close", closed, as: desk.agent)
      try await server.ask(
        "PATCH", "/api/admin/users/\(desk.agent.id)", as: desk.admin, #"{"role":"customer"}"#)
      let agent = try await server.signedIn(desk.agent.id, desk.agent.email)
      for id in [taken, closed] {
        try await server.ask("GET", "/api/conversations/\(id)/messages", as: agent, expecting: 404)
        try await server.ask(
          "POST", "/api/conversations/\(id)/messages", as: agent, #"{"text":"x"}"#, expecting: 404)
      }
      #expect(
        try await server.ask("GET", "/api/conversations", as: agent)["items"]?.list.isEmpty == true)
      #expect(
        try await server.ask("GET", "/api/search?in=conversations&query=taken", as: agent)["items"]?
          .list.isEmpty == true)
      let stranded = try Self.stranded(server)
      try await stranded.round()
      try await stranded.round()
      #expect(try await desk.queue(as: desk.colleague).map { $0["id"]?.text } == [taken])
      #expect(try await server.roles(in: taken, as: desk.customer) == [desk.customer.id: "member"])
      #expect(
        try await server.history(of: taken, as: desk.customer).map { $0["kind"]?.text }
          == ["supportTaken", "supportHandedOver"])
    }
  }

  /// The background work, to be done at once.
  private static func stranded(_ server: TestServer) throws -> StrandedSupport {
    let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
    let surroundings = server.clock.surroundings
    return ConversationParts(
      documents: server.documents, log: server.log,
      activity: ActivityRecorder(
        documents: server.documents, log: server.log, settings: server.settings.conversations,
        surroundings: surroundings, logger: logger),
      audit: AuditLog(
        documents: server.documents, settings: server.settings.audit, surroundings: surroundings),
      attach: FileParts(
        Files(
          documents: server.documents, objects: InMemoryObjectStore(),
          settings: server.settings.uploads, surroundings: surroundings, logger: logger)
      ).attach,
      settings: server.settings, surroundings: surroundings, logger: logger
    ).stranded
  }

  @Test("B5 C1 nobody fills the queue alone")
  func requestLimit() async throws {
    try await TestServer.run { server async throws in
      let desk = try await Desk(server)
      var ids: [String] = []
      for _ in 0..<server.settings.conversations.requestLimit { ids.append(try await desk.open()) }
      let request = #"{"kind":"support"}"#
      try await server.ask(
        "POST", "/api/conversations", as: desk.customer, request, expecting: 409)
      try await desk.act("take", ids[0], as: desk.agent)
      try await server.ask(
        "POST", "/api/conversations", as: desk.customer, request, expecting: 409)
      try await desk.act("close", ids[0], as: desk.agent)
      _ = try await desk.open()
    }
  }

  @Test("A3 C1 a send that is repeated opens no request that was closed since")
  func repeatedSend() async throws {
    try await TestServer.run { server async throws in
      let desk = try await Desk(server)
      let id = try await desk.open()
      let path = "/api/conversations/\(id)/messages"
      let message = #"{"text":"Hello?","clientId":"one"}"#
      try await server.ask("POST", path, as: desk.customer, message, expecting: 201)
      try await desk.act("take", id, as: desk.agent)
      try await desk.act("close", id, as: desk.agent)
      try await server.ask("POST", path, as: desk.customer, message)
      #expect(try await desk.queue(as: desk.agent).isEmpty)
      #expect(
        try await server.history(of: id, as: desk.customer).map { $0["kind"]?.text }
          == ["message", "supportTaken", "supportClosed"])
    }
  }

  @Test("C1 of many agents who take a request at once one gets it")
  func race() async throws {
    try await TestServer.run { server async throws in
      let desk = try await Desk(server)
      let id = try await desk.open()
      var agents = [desk.agent, desk.colleague]
      for number in 0..<4 { agents.append(try await server.person("Agent\(number)", .agent)) }
      let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
        for agent in agents {
          group.addTask {
            try await server.send(
              "POST", "/api/conversations/\(id)/take", token: agent.token
            ).status
          }
        }
        return try await group.reduce(into: []) { $0.append($1) }.sorted()
      }
      #expect(statuses == [200, 409, 409, 409, 409, 409])
      #expect(try await server.roles(in: id, as: desk.customer).count == 2)
      let kinds = try await server.history(of: id, as: desk.customer).map { $0["kind"]?.text }
      #expect(kinds == ["supportTaken"])
    }
  }

  @Test("C1 the staff open no requests, and a request is no group and cannot be deleted")
  func others() async throws {
    try await TestServer.run { server async throws in
      let desk = try await Desk(server)
      for person in [desk.agent, desk.admin] {
        try await server.ask(
          "POST", "/api/conversations", as: person, #"{"kind":"support"}"#, expecting: 403)
      }
      let id = try await desk.open()
      try await server.put(desk.agent, in: id, as: desk.customer, expecting: 409)
      try await server.ask(
        "DELETE", "/api/conversations/\(id)", as: desk.customer, expecting: 409)
      try await server.ask(
        "DELETE", "/api/conversations/\(id)/members/\(desk.customer.id)", as: desk.customer,
        expecting: 409)
      let group = try await server.converse(desk.agent, with: [desk.colleague])
      try await desk.act("take", group, as: desk.admin, expecting: 404)
      try await desk.act("close", group, as: desk.agent, expecting: 409)
    }
  }

  @Test(
    "B3 whom each role may write to, without and with the setting", arguments: [false, true],
    Role.allCases)
  func meeting(customersMayMeet: Bool, role: Role) async throws {
    try await TestServer.run {
      $0.conversations.customersMayMeet = customersMayMeet
      $0.limits = .none
    } _: { server async throws in
      let person = try await server.person("Somebody", role)
      for other in Role.allCases {
        let them = try await server.person("A\(other.rawValue)", other)
        let isStaff = [.admin, .agent].contains(role) || [.admin, .agent].contains(other)
        let isAllowed = isStaff || customersMayMeet || (role != .customer && other != .customer)
        for kind in ["direct", "group"] {
          try await server.ask(
            "POST", "/api/conversations", as: person,
            #"{"kind":"\#(kind)","members":["\#(them.id)"]}"#, expecting: isAllowed ? 201 : 403)
        }
        let agent = try await server.person("Z\(other.rawValue)", .agent)
        let group = try await server.converse(person, with: [agent])
        try await server.put(them, in: group, as: person, expecting: isAllowed ? 200 : 403)
      }
    }
  }
}
