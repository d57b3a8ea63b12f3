// The pictures that people show as their own.

import ArchiveCore
import Testing
import Uploads

@testable import ArchiveService

@Suite struct AvatarTests {
  private static let face = SampleFile.png(64, 64)

  private static func picture(of person: Person, in town: LinkTown) async throws -> FileID {
    try await town.store(face, "me.png", .png, of: person, size: (width: 64, height: 64))
  }

  private static func show(
    _ file: FileID?, as person: Person, in town: LinkTown, expecting status: Int = 200
  ) async throws -> JSONNode {
    let id = file.map { "\"\($0)\"" } ?? "null"
    return try await town.server.ask(
      "PATCH", "/api/users/me", as: person, #"{"avatarFileId":\#(id)}"#, expecting: status)
  }

  @Test("B4 E2 everybody who is signed in sees it as long as it is shown, and cannot pass it on")
  func isSeen() async throws {
    try await LinkTown.run { town async throws in
      let server = town.server
      let (ada, bob) = (try await server.signUp("Ada"), try await server.signUp("Bob"))
      let file = try await Self.picture(of: ada, in: town)
      #expect(try await town.ask([file], as: bob).isEmpty)
      _ = try await Self.show(file, as: ada, in: town)
      let url = try #require(try await town.ask([file], as: bob).first?["url"]?.text)
      let seen = try await town.get(url)
      #expect(seen.status == 200 && seen.body == Self.face)
      #expect(try await server.status(ofFile: file.description, as: bob) == 200)
      // Bob has it to look at, and for nothing else.
      let group = try await server.converse(bob, with: [ada])
      let message = #"{"text":"look","clientId":"1","files":["\#(file)"]}"#
      try await server.ask(
        "POST", "/api/conversations/\(group)/messages", as: bob, message, expecting: 400)
      try await server.ask("POST", "/api/files/\(file)/links", as: bob, "{}", expecting: 404)
      try await server.ask("DELETE", "/api/files/\(file)", as: bob, expecting: 404)
      _ = try await Self.show(nil, as: ada, in: town)
      #expect(try await town.ask([file], as: bob).isEmpty)
      #expect(try await town.get(url).status == 410)
    }
  }

  @Test("B4 it is a picture that its owner uploaded, and nothing else")
  func isOwn() async throws {
    try await LinkTown.run { town async throws in
      let server = town.server
      let (ada, bob) = (try await server.signUp("Ada"), try await server.signUp("Bob"))
      let group = try await server.converse(ada, with: [bob])
      let shared = try await Self.picture(of: bob, in: town)
      try await server.post("look", as: bob, in: group)
      try await town.use(shared, in: group, seq: 1)
      let text = try await town.store(Array("no picture".utf8), of: ada)
      let drawing = try await town.store(
        Array("<svg/>".utf8), "me.svg", .svg, of: ada, size: (width: 1, height: 1))
      let gone = try await Self.picture(of: ada, in: town)
      try await server.ask("DELETE", "/api/files/\(gone)", as: ada, expecting: 204)
      let nobody = StoredFile.newID(server.clock.surroundings)
      for file in [shared, text, drawing, gone, nobody] {
        let answer = try await Self.show(file, as: ada, in: town, expecting: 400)
        #expect(answer["errors"]?[0]?["field"]?.text == "avatarFileId")
      }
    }
  }

  @Test("B4 E3 it stays as long as it is shown, and goes a day after another follows it")
  func goes() async throws {
    try await LinkTown.run { town async throws in
      let server = town.server
      let ada = try await server.signUp("Ada")
      let (first, second) = (
        try await Self.picture(of: ada, in: town), try await Self.picture(of: ada, in: town)
      )
      let files = town.fileParts
      server.clock.advance(by: .seconds(80_000))
      let later = try await server.signedIn(ada.id, ada.email)
      _ = try await Self.show(first, as: later, in: town)
      server.clock.advance(by: .seconds(80_000))
      try await files.care.removeUnused()
      // Its upload is long ago, and that it is shown is not. The other one nobody ever used.
      #expect(try await files.files.find(first) != nil)
      #expect(try await files.files.find(second) == nil)
      let third = try await Self.picture(of: ada, in: town)
      server.clock.advance(by: .seconds(80_000))
      try await files.care.removeUnused()
      let last = try await server.signedIn(ada.id, ada.email)
      _ = try await Self.show(third, as: last, in: town)
      server.clock.advance(by: .seconds(80_000))
      try await files.care.removeUnused()
      #expect(try await files.files.find(first) != nil)
      server.clock.advance(by: .seconds(10_000))
      try await files.care.removeUnused()
      #expect(try await files.files.find(first) == nil)
      #expect(try await files.files.find(third) != nil)
      #expect(try await town.objects.keys("files/") == ["files/\(third)"])
    }
  }
}
