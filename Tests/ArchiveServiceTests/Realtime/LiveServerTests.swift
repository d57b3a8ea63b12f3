// The whole server and its sockets, over long-polling.

import ArchiveCore
import Foundation
import Testing

@testable import ArchiveService

@Suite(.timeLimit(.minutes(2))) struct LiveServerTests {
  @Test(
    "D1 C3 C4 a message is sent, edited, read and deleted over sockets, and the other side hears of each"
  )
  func talk() async throws {
    try await TestServer.run { server async throws in
      let (ada, ben) = (try await server.signUp("Ada"), try await server.signUp("Ben"))
      let id = try await server.converse(ada, with: [ben], kind: "direct")
      let one = try await TestSocket.open(server, token: ada.token)
      let two = try await TestSocket.open(server, token: ben.token)
      let field = #""conversationId":"\#(id)""#
      let joined = try await two.done("joinConversation", "{\(field),\"after\":0}")
      #expect(joined["messages"]?.list.isEmpty == true && joined["hasMore"] == .bool(false))
      let sent = try await one.done(
        "sendMessage", #"{\#(field),"text":"Hello","clientId":"a-1"}"#)
      #expect(sent["message"]?["seq"]?.number == 1)
      let heard = try await two.wait(for: "newMessage")
      #expect(heard.first == sent["message"])
      // The same over HTTP is the same message.
      let again = try await server.post("Hello", as: ada, in: id, more: #","clientId":"a-1""#)
      let first = try again.json
      #expect(again.status == 200 && first["seq"]?.number == 1)
      let edited = try await one.done("editMessage", #"{\#(field),"seq":1,"text":"Hello!"}"#)
      #expect(try await two.wait(for: "messageEdited").first == edited["message"])
      try await two.done("markRead", #"{\#(field),"seq":1}"#)
      let read = try #require(try await one.wait(for: "messageRead").first)
      #expect(read["seq"]?.number == 1 && read["userId"]?.text == ben.id)
      try await one.done("deleteMessage", #"{\#(field),"seq":1}"#)
      let deleted = try #require(try await two.wait(for: "messageDeleted").first)
      #expect(deleted["seq"]?.number == 1 && deleted["text"] == nil)
      try await one.done("typing", "{\(field)}")
      #expect(try await two.wait(for: "userTyping").first?["userId"]?.text == ada.id)
      #expect(await one.heard("newMessage").isEmpty)
      #expect(await two.heard("newMessage").count == 1)
    }
  }

  @Test("D3 what is said over HTTP is heard on sockets, with changes of the conversation among it")
  func overHTTP() async throws {
    try await TestServer.run { server async throws in
      let (ada, ben) = (try await server.signUp("Ada"), try await server.signUp("Ben"))
      let id = try await server.converse(ada, with: [ben])
      let two = try await TestSocket.open(server, token: ben.token)
      try await server.post("one", as: ada, in: id)
      try await server.ask(
        "PATCH", "/api/conversations/\(id)", as: ada, #"{"title":"Tea"}"#)
      try await server.ask(
        "DELETE", "/api/conversations/\(id)/members/\(ben.id)", as: ada, expecting: 204)
      try await server.post("two", as: ada, in: id)
      let changes = try await two.wait(for: "conversationChanged", 2)
      #expect(changes.map { $0["kind"]?.text } == ["titleChanged", "memberRemoved"])
      #expect(changes.last?["data"]?["userId"]?.text == ben.id)
      let refused = try await two.ask("joinConversation", #"{"conversationId":"\#(id)"}"#)
      #expect(refused["problem"]?["status"]?.number == 404)
      #expect(await two.heard("newMessage").map { $0["text"]?.text } == ["one"])
    }
  }

  @Test(
    "A19 B2 a socket ends when its session does: signed out, ended on another device, account gone",
    arguments: ["signOut", "elsewhere", "deactivated", "password"])
  func sessionEnds(how: String) async throws {
    try await TestServer.run { server async throws in
      let ada = try await server.signUp("Ada")
      let other = try await server.signedIn(ada.id, ada.email)
      let socket = try await TestSocket.open(server, token: ada.token)
      let stays = try await TestSocket.open(server, token: other.token)
      switch how {
      case "signOut": try await server.ask("POST", "/api/auth/logout", as: ada, expecting: 204)
      case "elsewhere":
        try await server.ask("DELETE", "/api/users/me/sessions", as: other, expecting: 204)
      case "deactivated":
        try await server.ask(
          "POST", "/api/users/me/deactivation", as: other, #"{"password":"\#(Person.password)"}"#,
          expecting: 204)
      default:
        try await server.ask(
          "POST", "/api/users/me/password", as: other,
          #"{"currentPassword":"\#(Person.password)","newPassword":"another good one 1"}"#,
          expecting: 204)
      }
      let told = try await socket.wait(for: "sessionEnded")
      #expect(told.first?["reason"]?.text == "ended")
      try await socket.waitForEnd()
      if how == "deactivated" {
        #expect(try await stays.wait(for: "sessionEnded").count == 1)
      } else {
        try await stays.done("presence", #"{"status":"away"}"#)
      }
    }
  }

  @Test("D2 a handshake needs a good access token of a session that goes on")
  func handshake() async throws {
    try await TestServer.run { server async throws in
      let ada = try await server.signUp("Ada")
      for token in [nil, "", "x", ada.refreshToken, ada.token + "x"] {
        let refused = await #expect(throws: TestSocket.Refused.self) { () async throws in
          _ = try await TestSocket.open(server, token: token)
        }
        #expect(refused?.message["data"]?["status"]?.number == 401)
      }
      try await server.ask("POST", "/api/auth/logout", as: ada, expecting: 204)
      await #expect(throws: TestSocket.Refused.self) { () async throws in
        _ = try await TestSocket.open(server, token: ada.token)
      }
    }
  }

  @Test("E19 D2 a fresh token is taken on a live socket, a bad one or somebody else's is not")
  func authenticate() async throws {
    try await TestServer.run { server async throws in
      let (ada, ben) = (try await server.signUp("Ada"), try await server.signUp("Ben"))
      let socket = try await TestSocket.open(server, token: ada.token)
      let fresh = try (try await server.refresh(ada.refreshToken)).json["accessToken"]?.text ?? ""
      let answer = try await socket.done("authenticate", #"{"token":"\#(fresh)"}"#)
      #expect(answer["expiresAt"]?.text != nil)
      for (token, status) in [("x", 401), (ben.token, 403), ("", 401)] {
        let refused = try await socket.ask("authenticate", #"{"token":"\#(token)"}"#)
        #expect(refused["problem"]?["status"]?.number == status)
      }
      try await socket.done("presence", #"{"status":"online"}"#)
    }
  }

  @Test("B5 C6 sends over sockets count against the same limit as sends over HTTP")
  func sendLimit() async throws {
    try await TestServer.run {
      $0.limits.sendsPerAccount = Rate(3, per: .seconds(600))
    } _: { server async throws in
      let (ada, ben) = (try await server.signUp("Ada"), try await server.signUp("Ben"))
      let id = try await server.converse(ada, with: [ben])
      let socket = try await TestSocket.open(server, token: ada.token)
      let message = #"{"conversationId":"\#(id)","text":"x"}"#
      try await socket.done("sendMessage", message)
      #expect(try await server.post("x", as: ada, in: id).status == 201)
      let refused = try await socket.ask("sendMessage", message)
      #expect(refused["problem"]?["status"]?.number == 429)
      #expect(refused["retryAfter"]?.number ?? 0 > 0)
    }
  }

  @Test("B5 sockets of one user, and connections from one address, are limited")
  func connectionLimits() async throws {
    try await TestServer.run {
      $0.realtime.socketsPerUser = 1
      $0.realtime.connectionsPerAddress = 2
    } _: { server async throws in
      let (ada, ben) = (try await server.signUp("Ada"), try await server.signUp("Ben"))
      let first = try await TestSocket.open(server, token: ada.token)
      let refused = await #expect(throws: TestSocket.Refused.self) { () async throws in
        _ = try await TestSocket.open(server, token: ada.token)
      }
      #expect(refused?.message["data"]?["status"]?.number == 429)
      await #expect(throws: TestSocket.Gone.self) { () async throws in
        _ = try await TestSocket.open(server, token: ben.token)
      }
      try await first.done("presence", #"{"status":"away"}"#)
    }
  }

  @Test("E07 E14 A16 events that are not what they should be are answered with what is wrong")
  func hostile() async throws {
    try await TestServer.run { server async throws in
      let ada = try await server.signUp("Ada")
      let socket = try await TestSocket.open(server, token: ada.token)
      for (name, json, status) in [
        ("noSuchEvent", "{}", 404), ("toString", "{}", 404), ("__proto__", "{}", 404),
        ("sendMessage", "5", 400), ("sendMessage", "{}", 400), ("sendMessage", "null", 400),
        ("sendMessage", #"{"conversationId":{"$ne":null},"text":"x"}"#, 400),
        ("sendMessage", #"{"conversationId":"x","text":"x"}"#, 404),
        ("markRead", #"{"conversationId":"01ARZ3NDEKTSV4RRFFQ69G5FAV","seq":-1}"#, 400),
        ("joinConversation", #"{"conversationId":"01ARZ3NDEKTSV4RRFFQ69G5FAV"}"#, 404),
        ("presence", #"{"status":"invisible"}"#, 400),
      ] {
        let answer = try await socket.ask(name, json)
        #expect(answer["ok"] == .bool(false))
        #expect(answer["problem"]?["status"]?.number == status, "\(name) \(json): \(answer)")
      }
      try await socket.done("presence", #"{"status":"online"}"#)
    }
  }

  @Test("A14 what an event says of its sender, its place or its time is ignored")
  func massAssignment() async throws {
    try await TestServer.run { server async throws in
      let (ada, ben) = (try await server.signUp("Ada"), try await server.signUp("Ben"))
      let id = try await server.converse(ada, with: [ben])
      let socket = try await TestSocket.open(server, token: ada.token)
      let answer = try await socket.done(
        "sendMessage",
        #"{"conversationId":"\#(id)","text":"x","senderId":"\#(ben.id)","seq":9,"createdAt":"2000-01-01T00:00:00.000Z"}"#
      )
      #expect(answer["message"]?["senderId"]?.text == ada.id)
      #expect(answer["message"]?["seq"]?.number == 1)
    }
  }

  @Test("J2 metrics count what is live")
  func metrics() async throws {
    try await TestServer.run { server async throws in
      let ada = try await server.signUp("Ada")
      let socket = try await TestSocket.open(server, token: ada.token)
      try await socket.done("presence", #"{"status":"online"}"#)
      let text = String(
        decoding: try await server.send("GET", "/metrics").body, as: UTF8.self)
      #expect(text.contains("\nrealtime_sockets 1.0\n"))
      #expect(text.contains("\nrealtime_users 1.0\n"))
      #expect(text.contains("\nrealtime_events 1.0\n"))
    }
  }
}

/// Every event × every role × every standing, as `RightsTests` does it for routes.
@Suite(.timeLimit(.minutes(5))) struct EventRightsTests {
  /// The second opinion, by hand. A new event does not compile until somebody has said what is to be expected of it.
  static func expected(_ event: RealtimeEvent) -> RightsTests.Expected {
    switch event {
    case .joinConversation, .sendMessage, .editMessage, .deleteMessage, .typing, .markRead:
      .from(.member)
    // Whoever is out closes what is closed already.
    case .leaveConversation, .presence, .authenticate: .signedIn
    }
  }

  private static func body(_ event: RealtimeEvent, _ place: Place, token: String) -> String {
    let id = #""conversationId":"\#(place.group)""#
    return switch event {
    case .joinConversation: #"{\#(id),"after":0}"#
    case .leaveConversation, .typing: "{\(id)}"
    case .sendMessage: #"{\#(id),"text":"x"}"#
    case .editMessage: #"{\#(id),"seq":1,"text":"y"}"#
    case .deleteMessage, .markRead: #"{\#(id),"seq":1}"#
    case .presence: #"{"status":"online"}"#
    case .authenticate: #"{"token":"\#(token)"}"#
    }
  }

  @Test("B3 each standing may do what the table says, with every event", arguments: Role.allCases)
  func standings(role: Role) async throws {
    try await TestServer.run {
      $0.limits = .none
    } _: { server async throws in
      let town = try await GroupTown(server, role)
      let socket = try await TestSocket.open(server, token: town.person.token)
      for standing in [Rule.Standing.none, .member, .administrator, .owner] {
        let place = try await town.group(with: standing)
        for event in RealtimeEvent.allCases {
          let answer = try await socket.ask(
            event.rawValue, Self.body(event, place, token: town.person.token))
          if Self.expected(event) == .from(.member), standing == .none {
            #expect(answer["problem"]?["status"]?.number == 404, "\(event) as \(standing)")
          } else {
            #expect(answer["ok"] == .bool(true), "\(event) as \(standing): \(answer)")
          }
        }
      }
    }
  }
}
