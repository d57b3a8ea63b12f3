// Sending, reading, editing and deleting messages.

import ArchiveCore
import ArchiveService
import Foundation
import Testing

@Suite struct MessageTests {
  /// A server with two people in a group.
  private func chat(
    _ change: (inout ServiceSettings) -> Void = { _ in },
    _ body: @escaping @Sendable (TestServer, Person, Person, String) async throws -> Void
  ) async throws {
    try await TestServer.run(change) { server async throws in
      let (ada, bob) = (try await server.signUp("Ada"), try await server.signUp("Bob"))
      try await body(server, ada, bob, try await server.converse(ada, with: [bob]))
    }
  }

  @Test("C3 a message is shown as it was sent, numbered from 1")
  func post() async throws {
    try await chat { server, ada, bob, id async throws in
      let reply = try await server.post("hello", as: ada, in: id)
      #expect(reply.status == 201)
      let json = try reply.json
      #expect(
        json.names == ["conversationId", "seq", "senderId", "kind", "text", "files", "createdAt"])
      #expect(json["seq"]?.number == 1)
      #expect(json["senderId"]?.text == ada.id)
      #expect(json["kind"]?.text == "message")
      #expect(json["files"] == .list([]))
      let answer = try await server.post("hi", as: bob, in: id, more: #","replyTo":1"#)
      #expect(try answer.json["replyTo"]?.number == 1)
    }
  }

  @Test("C6 a retried send returns the first message, whatever the second says")
  func retry() async throws {
    try await chat { server, ada, bob, id async throws in
      let more = #","clientId":"one""#
      let first = try await server.post("first", as: ada, in: id, more: more)
      #expect(first.status == 201)
      let second = try await server.post("second", as: ada, in: id, more: more)
      #expect(second.status == 200)
      #expect(first.body == second.body)
      let other = try await server.post("other", as: bob, in: id, more: more)
      #expect(other.status == 201)
      #expect(try other.json["seq"]?.number == 2)
    }
  }

  @Test("C6 of many retries at once one is the message")
  func retryRace() async throws {
    try await chat { server, ada, _, id async throws in
      let replies = try await withThrowingTaskGroup(of: Reply.self) { group in
        for _ in 0..<8 {
          group.addTask { try await server.post("x", as: ada, in: id, more: #","clientId":"a""#) }
        }
        return try await group.reduce(into: [Reply]()) { $0.append($1) }
      }
      #expect(replies.filter { $0.status == 201 }.count == 1)
      #expect(Set(replies.map(\.body)).count == 1)
    }
  }

  @Test("C3 messages sent at once get every number once")
  func concurrent() async throws {
    try await chat { server, ada, bob, id async throws in
      let seqs = try await withThrowingTaskGroup(of: Int?.self) { group in
        for index in 0..<24 {
          group.addTask {
            try await server.post("m\(index)", as: index % 2 == 0 ? ada : bob, in: id)
              .json["seq"]?.number
          }
        }
        return try await group.reduce(into: [Int]()) { if let seq = $1 { $0.append(seq) } }
      }
      #expect(seqs.sorted() == Array(1...24))
    }
  }

  @Test("C3 history pages in both directions without gap and double")
  func history() async throws {
    try await chat { server, ada, _, id async throws in
      for index in 1...11 { try await server.post("m\(index)", as: ada, in: id) }
      let path = "/api/conversations/\(id)/messages"
      func walk(_ start: String) async throws -> [[Int]] {
        var pages: [[Int]] = []
        var query = start
        while pages.count < 20 {
          let page = try await server.send("GET", "\(path)?limit=4&\(query)", token: ada.token).json
          pages.append((page["items"]?.list ?? []).compactMap { $0["seq"]?.number })
          guard let next = page["next"]?.text else { break }
          query = "cursor=\(next)"
        }
        return pages
      }
      #expect(try await walk("") == [[8, 9, 10, 11], [4, 5, 6, 7], [1, 2, 3]])
      #expect(try await walk("before=6") == [[2, 3, 4, 5], [1]])
      #expect(try await walk("after=0").flatMap(\.self) == Array(1...11))
      #expect(try await walk("after=11").flatMap(\.self) == [])
    }
  }

  @Test("C3 history is the same before and after a flush")
  func flushed() async throws {
    try await chat { server, ada, _, id async throws in
      for index in 1...5 { try await server.post("m\(index)", as: ada, in: id) }
      let path = "/api/conversations/\(id)/messages"
      let before = try await server.send("GET", path, token: ada.token)
      try await server.log.flush(nil)
      let after = try await server.send("GET", path, token: ada.token)
      #expect(before.body == after.body)
      #expect(try after.json["items"]?.list.count == 5)
    }
  }

  @Test("C3 a sender edits and deletes; others may not")
  func editAndDelete() async throws {
    try await chat { server, ada, bob, id async throws in
      try await server.post("one", as: bob, in: id)
      let path = "/api/conversations/\(id)/messages/1"
      let edit = #"{"text":"uno"}"#
      #expect(try await server.send("PATCH", path, token: ada.token, json: edit).status == 403)
      let edited = try await server.send("PATCH", path, token: bob.token, json: edit)
      #expect(edited.status == 200)
      #expect(try edited.json["text"]?.text == "uno")
      #expect(try edited.json["seq"]?.number == 1)
      #expect(try edited.json["editedAt"]?.text != nil)
      #expect(try await server.send("DELETE", path, token: bob.token).status == 204)
      #expect(try await server.send("DELETE", path, token: bob.token).status == 204)
      #expect(try await server.send("PATCH", path, token: bob.token, json: edit).status == 409)
      let page = try await server.send(
        "GET", "/api/conversations/\(id)/messages", token: ada.token
      ).json
      #expect(page["items"]?.list.count == 1)
      #expect(page["items"]?[0]?["text"] == nil)
      #expect(page["items"]?[0]?["deletedAt"]?.text != nil)
    }
  }

  @Test("B3 the owner of a group deletes anybody's message, another member does not")
  func ownerDeletes() async throws {
    try await chat { server, ada, bob, id async throws in
      try await server.post("by the owner", as: ada, in: id)
      try await server.post("by a member", as: bob, in: id)
      let path = "/api/conversations/\(id)/messages"
      #expect(try await server.send("DELETE", "\(path)/1", token: bob.token).status == 403)
      #expect(try await server.send("DELETE", "\(path)/2", token: ada.token).status == 204)
    }
  }

  @Test("C3 a message that is not there is not found, an edit's own number included")
  func noSuchMessage() async throws {
    try await chat { server, ada, _, id async throws in
      try await server.post("one", as: ada, in: id)
      let path = "/api/conversations/\(id)/messages"
      let edit = #"{"text":"x"}"#
      _ = try await server.send("PATCH", "\(path)/1", token: ada.token, json: edit)
      for seq in ["0", "2", "3", "-1", "+1", "1e0", "99999999999999999999", "x", "%31x"] {
        let reply = try await server.send("PATCH", "\(path)/\(seq)", token: ada.token, json: edit)
        #expect(reply.status == 404, "\(seq)")
      }
    }
  }

  @Test("C4 a read mark moves forward only and never beyond the newest entry")
  func markRead() async throws {
    try await chat { server, ada, bob, id async throws in
      for text in ["one", "two", "three"] { try await server.post(text, as: ada, in: id) }
      func read(_ seq: String) async throws -> Reply {
        try await server.send(
          "POST", "/api/conversations/\(id)/read", token: bob.token, json: #"{"seq":\#(seq)}"#)
      }
      #expect(
        String(decoding: try await read("2").body, as: UTF8.self) == #"{"readSeq":2,"unread":1}"#)
      #expect(try await read("1").json["readSeq"]?.number == 2)
      #expect(try await read("9223372036854775807").json["readSeq"]?.number == 3)
      #expect(try await read("0").json["unread"]?.number == 0)
      for bad in ["-1", "1.5", "1e400", "99999999999999999999", "\"1\"", "null"] {
        #expect(try await read(bad).status == 400, "\(bad)")
      }
    }
  }

  @Test("C4 edits and deletions do not count as unread")
  func unreadAfterEdits() async throws {
    try await chat { server, ada, bob, id async throws in
      try await server.post("one", as: ada, in: id)
      for _ in 0..<3 {
        _ = try await server.send(
          "PATCH", "/api/conversations/\(id)/messages/1", token: ada.token, json: #"{"text":"x"}"#)
      }
      let view = try await server.send("GET", "/api/conversations/\(id)", token: bob.token).json
      #expect(view["unread"]?.number == 1)
      #expect(view["lastSeq"]?.number == 4)
    }
  }

  @Test(
    "C3 a message that cannot be is refused with the field's name",
    arguments: [
      (#"{"text":""}"#, "text"), (#"{"text":" \t\n\u00a0\u2028"}"#, "text"), (#"{}"#, "text"),
      (#"{"text":"x","files":["01ARZ3NDEKTSV4RRFFQ69G5FAV"]}"#, "files"),
      (#"{"text":"x","replyTo":1}"#, "replyTo"), (#"{"text":"x","replyTo":-1}"#, "replyTo"),
      (#"{"text":"x","replyTo":1e400}"#, "replyTo"), (#"{"text":"x","clientId":""}"#, "clientId"),
      (#"{"text":{"$ne":1}}"#, "text"), (#"{"text":["x"]}"#, "text"),
    ])
  func refused(body: String, field: String) async throws {
    try await chat { server, ada, _, id async throws in
      let reply = try await server.send(
        "POST", "/api/conversations/\(id)/messages", token: ada.token, json: body)
      #expect(reply.status == 400)
      if field == "replyTo", body.contains("1e400") { return }
      #expect(try reply.json["errors"]?[0]?["field"]?.text == field)
    }
  }

  @Test("A14 sender, number, time and kind are the server's to say")
  func massAssignment() async throws {
    try await chat { server, ada, bob, id async throws in
      let more =
        #","senderId":"\#(bob.id)","seq":99,"createdAt":"1970-01-01T00:00:00.000Z","kind":"memberAdded","ordinal":7"#
      let json = try await server.post("x", as: ada, in: id, more: more).json
      #expect(json["senderId"]?.text == ada.id)
      #expect(json["seq"]?.number == 1)
      #expect(json["kind"]?.text == "message")
      #expect(json["createdAt"]?.text?.hasPrefix("1970") == false)
    }
  }

  @Test("D01 odd strings come back byte-identical, from buffer and archive")
  func oddStrings() async throws {
    try await chat { server, ada, _, id async throws in
      for text in OddStrings.all {
        let reply = try await server.post(text, as: ada, in: id)
        #expect(reply.status == 201, "\(text.debugDescription.prefix(60))")
        #expect(try reply.json["text"]?.text.map { Array($0.utf8) } == Array(text.utf8))
      }
      func texts() async throws -> [[UInt8]] {
        let path = "/api/conversations/\(id)/messages?limit=200"
        let page = try await server.send("GET", path, token: ada.token).json
        return (page["items"]?.list ?? []).compactMap { $0["text"]?.text.map { Array($0.utf8) } }
      }
      let expected = OddStrings.all.map { Array($0.utf8) }
      #expect(try await texts() == expected)
      try await server.log.flush(nil)
      #expect(try await texts() == expected)
    }
  }

  private static let oddTitles = OddStrings.all.filter { text in
    text.unicodeScalars.count <= 60 && text.utf8.count <= 250
      && !text.unicodeScalars.contains { $0.properties.generalCategory == .control }
  }

  @Test("D01 odd titles come back byte-identical")
  func oddTitles() async throws {
    try await TestServer.run { server async throws in
      let (ada, bob) = (try await server.signUp("Ada"), try await server.signUp("Bob"))
      #expect(Self.oddTitles.count > 20)
      for title in Self.oddTitles {
        let group = try await server.send(
          "POST", "/api/conversations", token: ada.token,
          json: #"{"kind":"group","members":["\#(bob.id)"],"title":\#(try quoted(title))}"#)
        let json = try group.json
        #expect(json["title"]?.text.map { Array($0.utf8) } == Array(title.utf8))
      }
    }
  }

  @Test("D01 an odd name is refused, or others see it as the answer to the sign-up has it")
  func oddNames() async throws {
    try await TestServer.run {
      $0.limits = .none
    } _: { server async throws in
      let ada = try await server.signUp("Ada")
      for (index, name) in Self.oddTitles.enumerated() {
        let reply = try await server.send(
          "POST", "/api/auth/signup",
          json: #"{"email":"u\#(index)@b.c","name":\#(try quoted(name)),"password":"12345678"}"#)
        guard reply.status == 201 else {
          #expect(reply.status == 400)
          continue
        }
        let user = try reply.json["user"]
        let id = try #require(user?["id"]?.text)
        let seen = try await server.send("GET", "/api/users/\(id)", token: ada.token).json
        #expect(
          seen["name"]?.text.map { Array($0.utf8) } == user?["name"]?.text.map { Array($0.utf8) })
      }
    }
  }

  @Test("D03 texts are limited by bytes, and a hostile one costs no time")
  func limits() async throws {
    try await chat { server, ada, _, id async throws in
      let limit = server.settings.messages.textLimitBytes
      let full = try await server.post(String(repeating: "x", count: limit), as: ada, in: id)
      #expect(full.status == 201)
      let over = try await server.post(String(repeating: "x", count: limit + 1), as: ada, in: id)
      #expect(over.status == 400)
      // One character of 64 KiB.
      let marks = "e" + String(repeating: "\u{301}", count: limit / 2 - 1)
      #expect(try await server.post(marks, as: ada, in: id).status == 201)
      let cyrillic = String(repeating: "\\u0436", count: limit / 2)
      let escaped = try await server.send(
        "POST", "/api/conversations/\(id)/messages", token: ada.token,
        json: #"{"text":"\#(cyrillic)"}"#)
      #expect(escaped.status == 201)
    }
  }

  @Test(
    "C3 pages that cannot be are refused",
    arguments: [
      "before=1&after=1", "before=1&cursor=x", "before=-1", "after=+5", "before=1e9",
      "after=99999999999999999999", "limit=201", "limit=0", "cursor=x", "before=",
      "after=1&after=2",
    ])
  func hostileQueries(query: String) async throws {
    try await chat { server, ada, _, id async throws in
      let reply = try await server.send(
        "GET", "/api/conversations/\(id)/messages?\(query)", token: ada.token)
      #expect(reply.status == 400)
    }
  }
}
