// Files that come in one request.

import ArchiveCore
import ArchiveTesting
import Crypto
import Encodings
import Foundation
import Testing

@testable import ArchiveService

@Suite struct UploadTests {
  @Test(
    "E1 U06 U08 a file is stored as it came, and known by its content and not by what was said of it"
  )
  func stored() async throws {
    let objects = InMemoryObjectStore()
    try await TestServer.run(objects: objects) { server async throws in
      let ada = try await server.signUp("Ada")
      let picture = SampleFile.png(640, 480, padding: 300_000)
      for isChunked in [false, true] {
        let reply = try await server.upload(
          "C:\\photos\\..\\Müller.html", picture, as: ada, isChunked: isChunked)
        #expect(reply.status == 201)
        let json = try reply.json
        #expect(json["name"]?.text == "Müller.html")
        #expect(json["contentType"]?.text == "image/png")
        #expect(json["size"]?.number == picture.count)
        #expect(json["width"]?.number == 640)
        #expect(json["height"]?.number == 480)
        #expect(json["sha256"]?.text == Hex.text(SHA256.hash(data: picture)))
        let id = try #require(json["id"]?.text)
        let object = try await objects.get(ObjectKey(trusted: "files/\(id)"), range: nil)
        #expect(object.info.type == "image/png")
        #expect(try await object.bytes(limitBytes: 1 << 20) == picture)
        #expect(
          try await server.ask("GET", "/api/files/\(id)", as: ada)["name"]?.text == "Müller.html")
      }
    }
  }

  @Test("E1 U13 a file of no bytes, and one of a few, are files too")
  func small() async throws {
    try await TestServer.run { server async throws in
      let ada = try await server.signUp("Ada")
      let empty = try await server.upload("empty.txt", [], as: ada)
      #expect(empty.status == 201)
      #expect(try empty.json["size"]?.number == 0)
      let text = try await server.upload("", Array("Grüße".utf8), as: ada)
      #expect(try text.json["contentType"]?.text == "text/plain; charset=utf-8")
      #expect(try text.json["name"]?.text == "file.txt")
    }
  }

  @Test("E1 U01 U03 what is no form, and a form without one file, is refused and leaves nothing")
  func refused() async throws {
    let objects = InMemoryObjectStore()
    try await TestServer.run(objects: objects) { server async throws in
      let ada = try await server.signUp("Ada")
      func answer(_ type: String, _ body: [UInt8]) async throws -> Int {
        try await server.send("POST", "/api/files", as: ada, headers: [type], body: body).status
      }
      #expect(try await answer("Content-Type: application/json", Array("{}".utf8)) == 415)
      #expect(try await answer("X-Other: 1", []) == 415)
      #expect(try await answer("Content-Type: multipart/form-data", []) == 400)
      #expect(try await answer(TestForm.contentType, Array("nonsense".utf8)) == 400)
      #expect(
        try await answer(TestForm.contentType + "\r\nContent-Encoding: gzip", [1, 2, 3]) == 415)
      var twice = TestForm()
      twice.add("file", file: "a", SampleFile.noise(20_000))
      twice.add("file", file: "b", [2])
      #expect(try await answer(TestForm.contentType, twice.ended) == 400)
      var other = TestForm()
      other.add("comment", Array("no file".utf8))
      #expect(try await answer(TestForm.contentType, other.ended) == 400)
      var text = TestForm()
      text.add("file", Array("a text field".utf8))
      #expect(try await answer(TestForm.contentType, text.ended) == 400)
      // What a browser sends where nothing was chosen.
      #expect(try await answer(TestForm.contentType, TestForm.file("", [])) == 400)
      var long = TestForm()
      long.add("comment", [UInt8](repeating: 65, count: 70_000))
      #expect(try await answer(TestForm.contentType, long.ended) == 413)
      var many = TestForm()
      for number in 0..<70 { many.add("field\(number)", []) }
      #expect(try await answer(TestForm.contentType, many.ended) == 413)
      let header = "--\(TestForm.boundary)\r\nX-Long: " + String(repeating: "x", count: 100_000)
      #expect([400, 413].contains(try await answer(TestForm.contentType, Array(header.utf8))))
      let boundary = "Content-Type: multipart/form-data; boundary="
      for bad in ["", String(repeating: "b", count: 71), "a b ", "\"a\"; boundary=c"] {
        #expect(try await answer(boundary + bad, Array("--b--".utf8)) == 400)
      }
      // Cut off, though the connection ends as it should.
      let cut = TestForm.file("a", SampleFile.noise(20_000)).dropLast(200)
      #expect(try await answer(TestForm.contentType, Array(cut)) == 400)
      #expect(try await objects.keys("files/").isEmpty)
    }
  }

  @Test("E1 U13 a file that is too large is refused, whether its length is announced or not")
  func tooLarge() async throws {
    let objects = InMemoryObjectStore()
    try await TestServer.run(objects: objects) {
      $0.uploads.maxBytes = 100_000
    } _: { server async throws in
      let ada = try await server.signUp("Ada")
      #expect(
        try await server.upload("fits", SampleFile.noise(100_000), as: ada).status == 201)
      let large = SampleFile.noise(100_001)
      for isChunked in [false, true] {
        let reply = try await server.upload("large", large, as: ada, isChunked: isChunked)
        #expect(reply.status == 413)
        #expect(reply.headers["content-type"] == "application/problem+json")
      }
      // So large that it is refused before it comes.
      let reply = try await server.send(
        "POST", "/api/files", as: ada, headers: [TestForm.contentType],
        body: [UInt8](repeating: 0, count: 400_000))
      #expect(reply.status == 413)
      #expect(try await objects.keys("files/").count == 1)
    }
  }

  @Test("E1 U14 a connection that breaks off in the middle of a file leaves nothing")
  func brokenOff() async throws {
    let objects = InMemoryObjectStore()
    try await TestServer.run(objects: objects) {
      $0.uploads.stallDeadline = .milliseconds(300)
    } _: { server async throws in
      let ada = try await server.signUp("Ada")
      let head =
        "POST /api/files HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer \(ada.token)\r\n"
        + "\(TestForm.contentType)\r\nContent-Length: 1000000\r\n\r\n"
      let part = TestForm.file("a", SampleFile.noise(500_000)).prefix(400_000)
      // It sends nothing more, and hears that it was too slow.
      let reply = try #require(Reply(try await server.exchange([Array(head.utf8) + part])))
      #expect(reply.status == 408)
      #expect(try await objects.keys("files/").isEmpty)
    }
  }

  @Test("E1 the quota of a user is never exceeded, and a deleted file gives its space back")
  func quota() async throws {
    let objects = InMemoryObjectStore()
    try await TestServer.run(objects: objects) {
      $0.uploads.quotaBytes = 50_000
      $0.uploads.atOncePerUser = 20
    } _: { server async throws in
      let ada = try await server.signUp("Ada")
      let bob = try await server.signUp("Bob")
      let first = try await server.uploaded("a", SampleFile.noise(10_000), as: ada)
      let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
        for number in 0..<8 {
          group.addTask {
            try await server.upload("b\(number)", SampleFile.noise(10_000), as: ada).status
          }
        }
        return try await group.reduce(into: []) { $0.append($1) }
      }
      #expect(statuses.filter { $0 == 201 }.count == 4)
      #expect(statuses.filter { $0 == 413 }.count == 4)
      #expect(try await objects.keys("files/").count == 5)
      #expect(try await server.upload("c", [1], as: bob).status == 201)
      try await server.ask("DELETE", "/api/files/\(first)", as: ada, expecting: 204)
      #expect(try await server.upload("d", SampleFile.noise(10_000), as: ada).status == 201)
    }
  }

  @Test("E1 one user's uploads at once are bounded with 429, all together with 503")
  func slots() async throws {
    var settings = ServiceSettings.Uploads()
    (settings.atOncePerUser, settings.atOnceLimit) = (1, 2)
    let slots = UploadSlots(settings: settings)
    func user(_ number: UInt64) -> UserID { UserID(ULID(high: 1, low: number)) }
    func refusal(_ number: UInt64) async throws -> ServiceError.Kind? {
      do {
        try await slots.with(user(number)) {}
        return nil
      } catch let error as ServiceError {
        return error.kind
      }
    }
    try await slots.with(user(1)) {
      let own = try await refusal(1)
      #expect(own == .tooMany)
      try await slots.with(user(2)) {
        let other = try await refusal(3)
        #expect(other == .busy)
      }
    }
    #expect(try await refusal(1) == nil)
    #expect(slots.count == 0)
  }

  @Test("U18 a file's id is 128 random bits, and none of them says when it came")
  func ids() {
    let surroundings = TestClock().surroundings
    let ids = (0..<500).map { _ in StoredFile.newID(surroundings).value }
    // Each bit is 0 in some and 1 in others, also of files that come in the same moment.
    let (high, low) = ids.reduce((UInt64(0), UInt64(0))) { bits, id in
      (bits.0 | (id.high ^ ids[0].high), bits.1 | (id.low ^ ids[0].low))
    }
    #expect(high == .max && low == .max)
    #expect(Set(ids).count == ids.count)
  }

  @Test("A13 a file is for its owner until it is in a message, and is deleted by its owner alone")
  func ownership() async throws {
    let objects = InMemoryObjectStore()
    try await TestServer.run(objects: objects) { server async throws in
      let ada = try await server.signUp("Ada")
      let eve = try await server.signUp("Eve")
      let root = try await server.person("Root", .admin)
      let id = try await server.uploaded("a.png", SampleFile.png(1, 1), as: ada)
      for person in [eve, root] {
        #expect(try await server.status(ofFile: id, as: person) == 404)
        try await server.ask("DELETE", "/api/files/\(id)", as: person, expecting: 404)
      }
      let chat = try await server.converse(ada, with: [eve])
      try await server.ask(
        "POST", "/api/conversations/\(chat)/messages", as: ada, #"{"files":["\#(id)"]}"#,
        expecting: 201)
      #expect(try await server.status(ofFile: id, as: eve) == 200)
      try await server.ask("DELETE", "/api/files/\(id)", as: eve, expecting: 403)
      try await server.ask("DELETE", "/api/files/\(id)", as: ada, expecting: 204)
      #expect(try await server.status(ofFile: id, as: ada) == 404)
      #expect(try await objects.keys("files/").isEmpty)
      try await server.ask("GET", "/api/files/nonsense", as: ada, expecting: 404)
    }
  }
}
