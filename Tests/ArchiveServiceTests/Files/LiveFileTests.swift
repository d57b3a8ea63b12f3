// Files that are said and heard over sockets.

import ArchiveTesting
import Testing

@testable import ArchiveService

@Suite(.timeLimit(.minutes(2))) struct LiveFileTests {
  @Test("A4 D1 files are said, heard, changed and taken back over sockets as over HTTP")
  func talk() async throws {
    let objects = InMemoryObjectStore()
    try await TestServer.run(objects: objects) { server async throws in
      let (ada, ben) = (try await server.signUp("Ada"), try await server.signUp("Ben"))
      let id = try await server.converse(ada, with: [ben], kind: "direct")
      let one = try await TestSocket.open(server, token: ada.token)
      let two = try await TestSocket.open(server, token: ben.token)
      let field = #""conversationId":"\#(id)""#
      let picture = try await server.uploaded("a.png", SampleFile.png(4, 3), as: ada)
      let letter = try await server.uploaded("b.txt", Array("dear".utf8), as: ada)
      let sent = try await one.done("sendMessage", #"{\#(field),"files":["\#(picture)"]}"#)
      #expect(sent["message"]?["files"]?[0]?["width"]?.number == 4)
      #expect(try await two.wait(for: "newMessage").first == sent["message"])
      #expect(try await server.history(of: id, as: ben) == [try #require(sent["message"])])
      let edited = try await one.done(
        "editMessage", #"{\#(field),"seq":1,"files":["\#(picture)","\#(letter)"]}"#)
      let heard = try await two.wait(for: "messageEdited").first
      #expect(heard == edited["message"])
      #expect(heard?["files"]?.list.count == 2)
      let foreign = try await one.ask("sendMessage", #"{\#(field),"files":["nonsense"]}"#)
      #expect(foreign["problem"]?["status"]?.number == 400)
      let wrong = try await one.ask("sendMessage", #"{\#(field),"files":[5]}"#)
      #expect(wrong["problem"]?["status"]?.number == 400)
      try await one.done("deleteMessage", #"{\#(field),"seq":1}"#)
      let deleted = try await two.wait(for: "messageDeleted").first
      #expect(deleted?["files"] == .list([]))
      #expect(try await objects.keys("files/").isEmpty)
      // Nobody heard an own message twice.
      #expect(await one.heard("newMessage").isEmpty)
    }
  }

  @Test("A4 two tabs that send other files at once are not taken for one another")
  func tabs() async throws {
    try await TestServer.run { server async throws in
      let (ada, ben) = (try await server.signUp("Ada"), try await server.signUp("Ben"))
      let id = try await server.converse(ada, with: [ben])
      let tabs = [
        try await TestSocket.open(server, token: ada.token),
        try await TestSocket.open(server, token: ada.token),
      ]
      var files: [String] = []
      for number in 0..<2 {
        files.append(try await server.uploaded("\(number)", [UInt8(number)], as: ada))
      }
      let ids = files
      try await withThrowingTaskGroup(of: Void.self) { group in
        for (tab, file) in zip(tabs, ids) {
          group.addTask {
            try await tab.done("sendMessage", #"{"conversationId":"\#(id)","files":["\#(file)"]}"#)
          }
        }
        try await group.waitForAll()
      }
      // Each has the other's as an event, and its own as an answer.
      for (tab, other) in zip(tabs, ids.reversed()) {
        let heard = try await tab.wait(for: "newMessage")
        #expect(heard.map { $0["files"]?[0]?["id"]?.text } == [other])
      }
    }
  }
}
