// Members see pictures without asking for links, and nobody else does.

import ArchiveCore
import Foundation
import Testing
import Uploads

@testable import ArchiveService

@Suite struct MemberLinkTests {
  private static let text = Array("All happy families are alike.".utf8)

  @Test("A5 E2 who may see files gets addresses for them, in the order asked for, others none")
  func batches() async throws {
    try await LinkTown.run { town async throws in
      let server = town.server
      let (ada, bob) = (try await server.signUp("Ada"), try await server.signUp("Bob"))
      let group = try await server.converse(ada, with: [bob])
      let shared = try await town.store(Self.text, of: ada)
      let own = try await town.store(Self.text, of: ada)
      try await server.post("look", as: ada, in: group)
      try await town.use(shared, in: group, seq: 1)
      let nobody = StoredFile.newID(server.clock.surroundings)
      let forAda = try await town.ask([own, nobody, shared, own], as: ada)
      #expect(forAda.map { $0["id"]?.text } == [own.description, shared.description])
      let forBob = try await town.ask([own, nobody, shared], as: bob)
      #expect(forBob.map { $0["id"]?.text } == [shared.description])
      let url = try #require(forBob[0]["url"]?.text)
      let reply = try await town.get(url)
      #expect(reply.status == 200 && reply.body == Self.text)
      #expect(reply.headers["cache-control"]?.hasPrefix("private, max-age=") == true)
      // No text, so no picture of it.
      #expect(forBob[0].names == ["id", "url", "expiresAt"])
      let many = Array(repeating: own, count: 101)
      let names = many.map { "\"\($0)\"" }.joined(separator: ",")
      for json in [#"{"files":[\#(names)]}"#, #"{"files":["x"]}"#, "{}", #"{"files":"x"}"#] {
        try await server.ask("POST", "/api/files/links", as: ada, json, expecting: 400)
      }
    }
  }

  @Test("E2 others see a picture as its preview and save the original, its sender sees it as it is")
  func pictures() async throws {
    try await LinkTown.run(pictures: ScriptedMaker()) { town async throws in
      let server = town.server
      let (ada, bob) = (try await server.signUp("Ada"), try await server.signUp("Bob"))
      let group = try await server.converse(ada, with: [bob])
      let file = try await town.store(
        Self.text, "sea.jpg", .jpeg, of: ada, size: (width: 4000, height: 3000))
      try await server.post("look", as: ada, in: group)
      try await town.use(file, in: group, seq: 1)
      let links = try await town.ask([file], as: bob)[0]
      for (name, content) in [
        ("previewURL", "a preview of 1600"), ("thumbnailURL", "a thumbnail of 320"),
      ] {
        let url = try #require(links[name]?.text)
        #expect(url.hasSuffix("/sea.webp"))
        let picture = try await town.get(url)
        #expect(picture.status == 200 && picture.body == Array(content.utf8))
        #expect(picture.headers["content-type"] == "image/webp")
        #expect(picture.headers["content-disposition"]?.hasPrefix("inline") == true)
      }
      let original = try await town.get(try #require(links["url"]?.text))
      #expect(original.body == Self.text)
      #expect(original.headers["content-disposition"]?.hasPrefix("attachment") == true)
      let own = try await town.ask([file], as: ada)[0]
      let hers = try await town.get(try #require(own["url"]?.text))
      #expect(hers.headers["content-disposition"]?.hasPrefix("inline") == true)
    }
  }

  @Test(
    "A6 E2 pictures that are missing in the store, as after a restoration, are made anew at once")
  func missingPictures() async throws {
    let maker = ScriptedMaker()
    try await LinkTown.run(pictures: maker) { town async throws in
      let ada = try await town.server.signUp("Ada")
      let file = try await town.store(
        Self.text, "sea.jpg", .jpeg, of: ada, size: (width: 4000, height: 3000))
      let links = try await town.ask([file], as: ada)[0]
      let url = try #require(links["previewURL"]?.text)
      let first = try await town.get(url)
      #expect(first.status == 200)
      // The documents were restored, and say that there are pictures.
      for key in PictureKeys.all(file) { try await town.objects.delete(key) }
      let again = try await town.get(url)
      #expect(again.status == 200 && again.body == first.body)
      #expect(maker.originals == [Self.text, Self.text])
      for key in PictureKeys.all(file) { #expect(try await town.objects.head(key) != nil) }
      #expect(try await town.get(try #require(links["url"]?.text)).body == Self.text)
    }
  }

  @Test("A5 a member's link stays the same for a while, and ends")
  func periods() async throws {
    try await LinkTown.run {
      $0.links.memberLifetime = .seconds(3600)
    } _: { town async throws in
      let ada = try await town.server.signUp("Ada")
      let file = try await town.store(Self.text, of: ada)
      // To the beginning of a period, so that it does not end within the test.
      let seconds = town.server.clock.surroundings.now().milliseconds / 1000
      town.server.clock.advance(by: .seconds(3600 - seconds % 3600 + 1))
      let session = try await town.server.signedIn(ada.id, ada.email)
      let first = try await town.ask([file], as: session)
      town.server.clock.advance(by: .seconds(300))
      #expect(try await town.ask([file], as: session) == first)
      let url = try #require(first[0]["url"]?.text)
      #expect(try await town.get(url).status == 200)
      town.server.clock.advance(by: .seconds(7200))
      let late = try await town.get(url)
      #expect(late.status == 410)
      #expect(try late.json["detail"]?.text == "the link has expired")
    }
  }

  @Test("A5 B2 C2 a member's link ends with the session, and with the membership")
  func ends() async throws {
    try await LinkTown.run { town async throws in
      let server = town.server
      let (ada, bob) = (try await server.signUp("Ada"), try await server.signUp("Bob"))
      let group = try await server.converse(ada, with: [bob])
      let file = try await town.store(Self.text, of: ada)
      try await server.post("look", as: ada, in: group)
      try await town.use(file, in: group, seq: 1)
      let other = try await server.signedIn(bob.id, bob.email)
      let urls = try await [bob, other].asyncMap {
        try #require(try await town.ask([file], as: $0)[0]["url"]?.text)
      }
      #expect(urls[0] != urls[1])
      for url in urls { #expect(try await town.get(url).status == 200) }
      try await server.ask("POST", "/api/auth/logout", as: bob, expecting: 204)
      #expect(try await town.get(urls[0]).status == 410)
      #expect(try await town.get(urls[1]).status == 200)
      try await server.ask(
        "DELETE", "/api/conversations/\(group)/members/\(bob.id)", as: ada, expecting: 204)
      #expect(try await town.get(urls[1]).status == 410)
    }
  }

  @Test("A5 no bit of a member's link can be changed, and another secret makes none")
  func forgery() throws {
    let tokens = MemberTokens(secret: Secret(Array(repeating: 1, count: 32)))
    let token = MemberToken(
      fileID: FileID(ULID(high: 1, low: .max)), userID: UserID(ULID(high: .max, low: 2)),
      sessionID: SessionID(ULID(high: 3, low: 4)),
      expiresAt: Timestamp(milliseconds: 1_800_000_000_000), variant: .preview)
    let text = tokens.text(of: token)
    #expect(text.utf8.count == MemberTokens.length)
    #expect(tokens.token(text) == token)
    #expect(MemberTokens(secret: Secret(Array(repeating: 2, count: 32))).token(text) == nil)
    for index in text.utf8.indices {
      for other in ["A", "B", "_", "!", "é"] where String(text[index]) != other {
        var changed = text
        changed.replaceSubrange(index...index, with: other)
        #expect(tokens.token(changed) == nil)
      }
    }
    for text in ["", "A", String(text.dropLast()), text + "A", String(repeating: "A", count: 96)] {
      #expect(tokens.token(text) == nil)
    }
    #expect("\(token) \(String(reflecting: token))".contains("high") == false)
  }
}

extension Array {
  fileprivate func asyncMap<Other>(_ map: (Element) async throws -> Other) async rethrows -> [Other]
  {
    var others: [Other] = []
    for element in self { others.append(try await map(element)) }
    return others
  }
}
