// Files that messages carry.

import ArchiveCore
import ArchiveTesting
import Foundation
import Testing

@testable import ArchiveService

@Suite struct AttachmentTests {
  /// Two who talk, and what the first sends.
  private struct Chat {
    let server: TestServer
    let ada: Person
    let bob: Person
    let id: String

    init(_ server: TestServer) async throws {
      self.server = server
      (ada, bob) = (try await server.signUp("Ada"), try await server.signUp("Bob"))
      id = try await server.converse(ada, with: [bob])
    }

    var messages: String { "/api/conversations/\(id)/messages" }

    @discardableResult
    func post(_ json: String, as person: Person? = nil, expecting status: Int = 201) async throws
      -> JSONNode
    {
      try await server.ask("POST", messages, as: person ?? ada, json, expecting: status)
    }

    func files(of seq: Int, as person: Person? = nil) async throws -> [String] {
      let page = try await server.history(of: id, as: person ?? bob)
      let message = page.first { $0["seq"]?.number == seq }
      return (message?["files"]?.list ?? []).compactMap { $0["id"]?.text }
    }
  }

  private static func list(_ ids: [String]) -> String {
    "[" + ids.map { "\"\($0)\"" }.joined(separator: ",") + "]"
  }

  @Test("A4 C3 a message shows its files, alike from the buffer and from the archive")
  func history() async throws {
    try await TestServer.run { server async throws in
      let chat = try await Chat(server)
      let picture = try await server.uploaded("sea.png", SampleFile.png(8, 6), as: chat.ada)
      let letter = try await server.uploaded("letter.txt", Array("dear".utf8), as: chat.ada)
      let sent = try await chat.post(#"{"text":"look","files":["\#(picture)","\#(letter)"]}"#)
      #expect(
        sent["files"]?[0]
          == .object([
            "id": .text(picture), "name": .text("sea.png"), "contentType": .text("image/png"),
            "size": .number(Double(SampleFile.png(8, 6).count)), "width": .number(8),
            "height": .number(6),
          ]))
      #expect(
        sent["files"]?[1]?.names == ["id", "name", "contentType", "size"])
      // Files without a word.
      try await chat.post(#"{"files":["\#(picture)"]}"#)
      let buffered = try await server.history(of: chat.id, as: chat.bob)
      try await server.log.flush(nil)
      let archived = try await server.history(of: chat.id, as: chat.bob)
      #expect(archived == buffered)
      #expect(try await chat.files(of: 1) == [picture, letter])
      #expect(try await chat.files(of: 2) == [picture])
    }
  }

  @Test("A4 U17 what one has no right to, has not, or names twice is not attached")
  func refused() async throws {
    try await TestServer.run {
      $0.uploads.filesPerMessage = 2
    } _: { server async throws in
      let chat = try await Chat(server)
      let eve = try await server.signUp("Eve")
      let foreign = try await server.uploaded("secret", [1], as: eve)
      let own = try await server.uploaded("a", [1], as: chat.ada)
      for wrong in [
        [foreign], ["01ARZ3NDEKTSV4RRFFQ69G5FAV"], ["nonsense"], [own, own], [own, own, own],
        [own, foreign],
      ] {
        let problem = try await chat.post(
          #"{"text":"x","files":\#(Self.list(wrong))}"#, expecting: 400)
        #expect(problem["errors"]?[0]?["field"]?.text == "files", "\(wrong)")
      }
      try await chat.post("{}", expecting: 400)
      try await chat.post(#"{"files":[]}"#, expecting: 400)
      #expect(try await server.history(of: chat.id, as: chat.ada).isEmpty)
    }
  }

  @Test("A4 a file of a message that one can read may be passed on; being removed ends access")
  func access() async throws {
    try await TestServer.run { server async throws in
      let chat = try await Chat(server)
      let eve = try await server.signUp("Eve")
      let file = try await server.uploaded("a", [1], as: chat.ada)
      try await chat.post(#"{"files":["\#(file)"]}"#)
      let other = try await server.converse(chat.bob, with: [eve])
      #expect(try await server.status(ofFile: file, as: eve) == 404)
      try await server.ask(
        "POST", "/api/conversations/\(other)/messages", as: chat.bob, #"{"files":["\#(file)"]}"#,
        expecting: 201)
      #expect(try await server.status(ofFile: file, as: eve) == 200)
      try await server.ask(
        "DELETE", "/api/conversations/\(other)/members/\(eve.id)", as: chat.bob, expecting: 204)
      #expect(try await server.status(ofFile: file, as: eve) == 404)
      // Bob still has both.
      try await server.ask(
        "DELETE", "/api/conversations/\(chat.id)/members/\(chat.bob.id)", as: chat.ada,
        expecting: 204)
      #expect(try await server.status(ofFile: file, as: chat.bob) == 200)
    }
  }

  @Test("A4 who joins without the history has none of the files in it")
  func hiddenHistory() async throws {
    try await TestServer.run { server async throws in
      let chat = try await Chat(server)
      let eve = try await server.signUp("Eve")
      let file = try await server.uploaded("a", [1], as: chat.ada)
      try await chat.post(#"{"files":["\#(file)"]}"#)
      try await server.put(eve, in: chat.id, as: chat.ada, #"{"history":"none"}"#)
      #expect(try await server.status(ofFile: file, as: eve) == 404)
      try await chat.post(#"{"files":["\#(file)"]}"#)
      #expect(try await server.status(ofFile: file, as: eve) == 200)
    }
  }

  @Test("E3 deleting a message deletes its files, unless another message has them")
  func deletion() async throws {
    let objects = InMemoryObjectStore()
    try await TestServer.run(objects: objects) { server async throws in
      let chat = try await Chat(server)
      let shared = try await server.uploaded("shared", [1], as: chat.ada)
      let own = try await server.uploaded("own", [2], as: chat.ada)
      try await chat.post(#"{"files":["\#(shared)","\#(own)"]}"#)
      try await chat.post(#"{"files":["\#(shared)"]}"#)
      try await server.ask("DELETE", chat.messages + "/1", as: chat.ada, expecting: 204)
      #expect(try await chat.files(of: 1).isEmpty)
      #expect(try await objects.keys("files/") == ["files/\(shared)"])
      #expect(try await server.status(ofFile: own, as: chat.ada) == 404)
      #expect(try await server.status(ofFile: shared, as: chat.bob) == 200)
      try await server.log.flush(nil)
      try await server.ask("DELETE", chat.messages + "/2", as: chat.ada, expecting: 204)
      #expect(try await objects.keys("files/").isEmpty)
    }
  }

  @Test("A4 an edit keeps files that it does not name, and replaces them where it names some")
  func edit() async throws {
    let objects = InMemoryObjectStore()
    try await TestServer.run(objects: objects) { server async throws in
      let chat = try await Chat(server)
      let one = try await server.uploaded("one", [1], as: chat.ada)
      let two = try await server.uploaded("two", [2], as: chat.ada)
      try await chat.post(#"{"text":"x","files":["\#(one)"]}"#)
      let path = chat.messages + "/1"
      try await server.ask("PATCH", path, as: chat.ada, #"{"text":"y"}"#)
      #expect(try await chat.files(of: 1) == [one])
      try await server.ask("PATCH", path, as: chat.ada, #"{"files":["\#(two)","\#(one)"]}"#)
      #expect(try await chat.files(of: 1) == [two, one])
      #expect(try await server.history(of: chat.id, as: chat.bob)[0]["text"]?.text == "y")
      #expect(try await server.status(ofFile: two, as: chat.bob) == 200)
      try await server.log.flush(nil)
      #expect(try await chat.files(of: 1) == [two, one])
      try await server.ask("PATCH", path, as: chat.ada, #"{"text":"z","files":["\#(two)"]}"#)
      #expect(try await chat.files(of: 1) == [two])
      #expect(try await objects.keys("files/") == ["files/\(two)"])
      try await server.ask("PATCH", path, as: chat.ada, #"{"files":[]}"#)
      #expect(try await chat.files(of: 1).isEmpty)
      #expect(try await objects.keys("files/").isEmpty)
      try await server.ask("PATCH", path, as: chat.ada, "{}", expecting: 400)
    }
  }

  @Test("C6 a retried send with files is one message, also when its files are gone by then")
  func retry() async throws {
    try await TestServer.run { server async throws in
      let chat = try await Chat(server)
      let file = try await server.uploaded("a", [1], as: chat.ada)
      let json = #"{"text":"x","files":["\#(file)"],"clientId":"once"}"#
      let seqs = try await withThrowingTaskGroup(of: Int?.self) { group in
        for _ in 0..<6 {
          group.addTask {
            let reply = try await server.send(
              "POST", chat.messages, token: chat.ada.token, json: json)
            #expect([200, 201].contains(reply.status))
            return try reply.json["seq"]?.number
          }
        }
        return try await group.reduce(into: Set()) { $0.insert($1) }
      }
      #expect(seqs == [1])
      try await server.ask("DELETE", chat.messages + "/1", as: chat.ada, expecting: 204)
      let again = try await chat.post(json, expecting: 200)
      #expect(again["seq"]?.number == 1)
      #expect(again["files"]?.list.isEmpty == true)
    }
  }

  @Test("A4 a file that is deleted in the moment in which it is attached is in no message")
  func race() async throws {
    try await TestServer.run { server async throws in
      let chat = try await Chat(server)
      for number in 0..<20 {
        let file = try await server.uploaded("\(number)", [1], as: chat.ada)
        async let sent = server.send(
          "POST", chat.messages, token: chat.ada.token, json: #"{"files":["\#(file)"]}"#)
        async let deleted = server.send("DELETE", "/api/files/\(file)", token: chat.ada.token)
        let (status, deletion) = (try await sent.status, try await deleted.status)
        #expect([201, 400].contains(status) && deletion == 204)
        #expect(try await server.status(ofFile: file, as: chat.ada) == 404)
        let uses = try await server.documents.count("fileUses", where: .prefix("id", file))
        #expect(uses == 0)
      }
    }
  }
}
