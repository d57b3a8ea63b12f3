// Uploads that come in pieces: tus 1.0.0.

import ArchiveCore
import ArchiveTesting
import Crypto
import Encodings
import Foundation
import Testing

@testable import ArchiveService

@Suite struct ResumableUploadTests {
  /// A client of the protocol, written by hand.
  private struct Tus {
    let server: TestServer
    let person: Person

    func send(_ method: String, _ path: String, _ fields: [String] = [], _ body: [UInt8] = [])
      async throws -> Reply
    {
      try await server.send(
        method, path, as: person, headers: ["Tus-Resumable: 1.0.0"] + fields, body: body)
    }

    func create(
      _ length: Int?, name: String = "a.bin", _ fields: [String] = [], _ body: [UInt8] = []
    )
      async throws -> String
    {
      let metadata = "Upload-Metadata: filename \(Base64.standard.text(name.utf8)),type"
      let size = length.map { "Upload-Length: \($0)" } ?? "Upload-Defer-Length: 1"
      let reply = try await send("POST", "/api/uploads", [size, metadata] + fields, body)
      try #require(reply.status == 201, "\(String(decoding: reply.body, as: UTF8.self))")
      #expect(reply.headers["tus-resumable"] == "1.0.0")
      return try #require(reply.headers["location"])
    }

    @discardableResult
    func patch(_ path: String, at offset: Int, _ bytes: [UInt8], _ fields: [String] = [])
      async throws -> Reply
    {
      try await send(
        "PATCH", path,
        ["Content-Type: application/offset+octet-stream", "Upload-Offset: \(offset)"] + fields,
        bytes)
    }

    func offset(_ path: String) async throws -> Int? {
      try await send("HEAD", path).headers["upload-offset"].flatMap { Int($0) }
    }

    func file(_ path: String) async throws -> Reply {
      try await server.send(
        "GET", "/api/files/\(path.split(separator: "/").last ?? "")", token: person.token)
    }
  }

  private static func run(
    _ objects: any ObjectStore = InMemoryObjectStore(),
    documents: (any DocumentStore)? = nil,
    _ change: (inout ServiceSettings) -> Void = { _ in },
    _ body: @escaping @Sendable (Tus) async throws -> Void
  ) async throws {
    try await TestServer.run(documents: documents, objects: objects, change) { server in
      try await body(Tus(server: server, person: try await server.signUp("Ada")))
    }
  }

  @Test("E1 the protocol's options are told to everybody")
  func options() async throws {
    try await TestServer.run { server async throws in
      let reply = try await server.send("OPTIONS", "/api/uploads")
      #expect(reply.status == 204)
      #expect(reply.headers["tus-version"] == "1.0.0")
      #expect(
        reply.headers["tus-extension"]
          == "creation,creation-with-upload,creation-defer-length,termination,expiration,checksum")
      #expect(reply.headers["tus-max-size"] == "\(server.settings.uploads.maxBytes)")
    }
  }

  @Test(
    "E1 pieces become a file, hashed, measured and known by its content, and nothing else stays")
  func pieces() async throws {
    let objects = InMemoryObjectStore()
    try await Self.run(objects) { tus async throws in
      // More than two pieces of what the server stores at once.
      let picture = SampleFile.png(30, 20, padding: 9 << 20)
      let path = try await tus.create(picture.count, name: "Ada's.png")
      #expect(try await tus.file(path).status == 404)
      var sent = 0
      for size in [1, 100_000, 5 << 20, picture.count] {
        let end = min(picture.count, sent + size)
        let reply = try await tus.patch(path, at: sent, Array(picture[sent..<end]))
        #expect(reply.status == 204)
        #expect(reply.headers["upload-offset"] == "\(end)")
        #expect(try await tus.offset(path) == end)
        sent = end
      }
      let file = try await tus.file(path).json
      #expect(file["name"]?.text == "Ada's.png")
      #expect(file["contentType"]?.text == "image/png")
      #expect(file["width"]?.number == 30)
      #expect(file["sha256"]?.text == Hex.text(SHA256.hash(data: picture)))
      #expect(try await objects.keys("uploads/").isEmpty)
      let object = try await objects.get(
        ObjectKey(trusted: "files/\(file["id"]?.text ?? "")"), range: nil)
      #expect(try await object.bytes(limitBytes: 64 << 20) == picture)
      // Another piece has no place any more.
      #expect(try await tus.patch(path, at: sent, [1]).status == 413)
    }
  }

  @Test("E1 a creation may bring the first bytes, all of them, or none of an empty file")
  func creationWithUpload() async throws {
    try await Self.run { tus async throws in
      let type = "Content-Type: application/offset+octet-stream"
      let whole = try await tus.create(5, [type], Array("hello".utf8))
      #expect(try await tus.file(whole).json["size"]?.number == 5)
      let part = try await tus.create(5, [type], Array("he".utf8))
      #expect(try await tus.offset(part) == 2)
      #expect(try await tus.patch(part, at: 2, Array("llo".utf8)).status == 204)
      #expect(
        try await tus.file(part).json["sha256"]?.text
          == Hex.text(SHA256.hash(data: Array("hello".utf8))))
      let empty = try await tus.create(0)
      #expect(try await tus.file(empty).json["size"]?.number == 0)
      let deferred = try await tus.create(nil)
      #expect(try await tus.patch(deferred, at: 0, [1, 2]).status == 204)
      #expect(try await tus.file(deferred).status == 404)
      #expect(try await tus.patch(deferred, at: 2, [3], ["Upload-Length: 3"]).status == 204)
      #expect(try await tus.file(deferred).json["size"]?.number == 3)
    }
  }

  @Test("E1 a piece whose checksum is wrong leaves no byte; one whose checksum is right counts")
  func checksum() async throws {
    let objects = InMemoryObjectStore()
    try await Self.run(objects) { tus async throws in
      let bytes = SampleFile.noise(5 << 20)
      let path = try await tus.create(bytes.count)
      let right = Base64.standard.text(SHA256.hash(data: bytes))
      let wrong = Base64.standard.text(SHA256.hash(data: [1]))
      let reply = try await tus.patch(path, at: 0, bytes, ["Upload-Checksum: sha256 \(wrong)"])
      #expect(reply.status == 460)
      #expect(try reply.json["title"]?.text == "Checksum Mismatch")
      #expect(try await tus.offset(path) == 0)
      #expect(try await objects.keys("uploads/").isEmpty)
      #expect(
        try await tus.patch(path, at: 0, bytes, ["Upload-Checksum: sha256 \(right)"]).status == 204)
      #expect(try await tus.file(path).status == 200)
      #expect(try await tus.patch(path, at: 0, bytes, ["Upload-Checksum: crc 1"]).status == 409)
    }
  }

  @Test("E1 U14 what came before a connection broke off is kept, and goes on where it stopped")
  func brokenOff() async throws {
    try await Self.run { settings in
      settings.uploads.stallDeadline = .milliseconds(300)
    } _: { tus async throws in
      let bytes = SampleFile.noise(200_000)
      let path = try await tus.create(bytes.count)
      let head =
        "PATCH \(path) HTTP/1.1\r\nHost: localhost\r\nTus-Resumable: 1.0.0\r\n"
        + "Authorization: Bearer \(tus.person.token)\r\nUpload-Offset: 0\r\n"
        + "Content-Type: application/offset+octet-stream\r\nContent-Length: 200000\r\n\r\n"
      _ = try await tus.server.exchange([Array(head.utf8) + bytes.prefix(120_000)])
      let offset = try #require(try await tus.offset(path))
      #expect(offset == 120_000)
      #expect(try await tus.patch(path, at: offset, Array(bytes[offset...])).status == 204)
      #expect(
        try await tus.file(path).json["sha256"]?.text == Hex.text(SHA256.hash(data: bytes)))
    }
  }

  @Test("E1 of many who send the same bytes at once the offset moves once, and the file is whole")
  func race() async throws {
    try await Self.run {
      $0.uploads.atOncePerUser = 20
    } _: { tus async throws in
      let bytes = SampleFile.noise(40_000)
      let path = try await tus.create(bytes.count)
      for half in [bytes.prefix(20_000), bytes.suffix(20_000)] {
        let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
          for _ in 0..<6 {
            group.addTask {
              try await tus.patch(path, at: half.startIndex, Array(half)).status
            }
          }
          return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(statuses.filter { $0 == 204 }.count == 1, "\(statuses)")
        #expect(statuses.filter { $0 == 409 || $0 == 413 }.count == 5, "\(statuses)")
      }
      #expect(
        try await tus.file(path).json["sha256"]?.text == Hex.text(SHA256.hash(data: bytes)))
    }
  }

  @Test(
    "E1 an upload is its owner's alone, may be ended, and is told to be over when its time is up")
  func ends() async throws {
    let objects = InMemoryObjectStore()
    try await Self.run(objects) { tus async throws in
      let eve = Tus(server: tus.server, person: try await tus.server.signUp("Eve"))
      let path = try await tus.create(10)
      #expect(try await tus.patch(path, at: 0, [1, 2, 3]).status == 204)
      #expect(try await eve.send("HEAD", path).status == 404)
      #expect(try await eve.patch(path, at: 3, [4]).status == 404)
      #expect(try await eve.send("DELETE", path).status == 404)
      #expect(try await objects.keys("uploads/").count == 1)
      #expect(try await tus.send("DELETE", path).status == 204)
      #expect(try await tus.send("HEAD", path).status == 410)
      #expect(try await tus.patch(path, at: 3, [4]).status == 410)
      #expect(try await objects.keys("uploads/").isEmpty)
      let other = try await tus.create(10)
      tus.server.clock.advance(by: .seconds(86_401))
      // The access token is over too.
      let later = Tus(
        server: tus.server,
        person: try await tus.server.signedIn(tus.person.id, tus.person.email))
      #expect(try await later.send("HEAD", other).status == 410)
      let unknown = try await later.send("HEAD", "/api/uploads/nonsense")
      #expect(unknown.status == 404 && unknown.body.isEmpty)
    }
  }

  @Test("E1 U13 what is too large, has no length, or another version is refused at the beginning")
  func refused() async throws {
    try await Self.run {
      $0.uploads.maxBytes = 1000
      $0.uploads.unfinishedLimit = 2
    } _: { tus async throws in
      func status(_ fields: [String]) async throws -> Int {
        try await tus.send("POST", "/api/uploads", fields).status
      }
      #expect(try await status(["Upload-Length: 1001"]) == 413)
      #expect(try await status([]) == 400)
      #expect(try await status(["Upload-Length: -1"]) == 400)
      #expect([400, 413].contains(try await status(["Upload-Length: 99999999999999999999"])))
      #expect(try await status(["Upload-Length: 5", "Upload-Metadata: filename ###"]) == 400)
      let old = try await tus.server.send(
        "POST", "/api/uploads", as: tus.person, headers: ["Upload-Length: 5"], body: [])
      #expect(old.status == 412)
      #expect(try old.json["type"]?.text == "urn:chat-archive:problem:precondition-failed")
      let path = try await tus.create(5)
      #expect(try await tus.patch(path, at: 0, [1, 2, 3, 4, 5, 6]).status == 413)
      #expect(try await tus.send("PATCH", path, ["Upload-Offset: 0"], [1]).status == 415)
      let deferred = try await tus.create(nil)
      let chunked = try await tus.server.send(
        "PATCH", deferred, as: tus.person,
        headers: [
          "Tus-Resumable: 1.0.0", "Upload-Offset: 0",
          "Content-Type: application/offset+octet-stream",
        ], body: [UInt8](repeating: 1, count: 5000), isChunked: true)
      #expect(chunked.status == 413)
      #expect(try await status(["Upload-Length: 5"]) == 429)
    }
  }

  @Test("E1 an upload goes on at another node, and after a restart")
  func nodes() async throws {
    let (documents, objects) = (InMemoryDocumentStore(), InMemoryObjectStore())
    let bytes = SampleFile.noise(50_000)
    let path = try await TestServer.run(documents: documents, objects: objects) {
      server async throws in
      let tus = Tus(server: server, person: try await server.signUp("Ada"))
      let path = try await tus.create(bytes.count)
      try await tus.patch(path, at: 0, Array(bytes.prefix(20_000)))
      return path
    }
    try await TestServer.run(documents: documents, objects: objects) { server async throws in
      let id = try #require(
        try documents.find(Query("users", limit: 1)).first?.id)
      let tus = Tus(server: server, person: try await server.signedIn(id, "ada@example.org"))
      #expect(try await tus.offset(path) == 20_000)
      #expect(try await tus.patch(path, at: 20_000, Array(bytes[20_000...])).status == 204)
      #expect(
        try await tus.file(path).json["sha256"]?.text == Hex.text(SHA256.hash(data: bytes)))
    }
  }

  @Test("E1 S12 a process that died with all bytes and no file leaves one that is made of them")
  func diedBeforeTheFile() async throws {
    let (documents, memory) = (InMemoryDocumentStore(), InMemoryObjectStore())
    let objects = SwitchedObjects(memory)
    let bytes = SampleFile.noise(50_000)
    let (path, user) = try await TestServer.run(documents: documents, objects: objects) {
      server async throws in
      let tus = Tus(server: server, person: try await server.signUp("Ada"))
      let path = try await tus.create(bytes.count)
      objects.refuse(below: "files/")
      #expect(try await tus.patch(path, at: 0, bytes).status == 503)
      return (path, tus.person)
    }
    objects.refuse(below: nil)
    try await TestServer.run(documents: documents, objects: objects) { server async throws in
      let tus = Tus(server: server, person: try await server.signedIn(user.id, user.email))
      // The node looks for such at its start.
      for _ in 0..<500 where try await tus.file(path).status != 200 {
        try await Task.sleep(for: .milliseconds(20))
      }
      #expect(
        try await tus.file(path).json["sha256"]?.text == Hex.text(SHA256.hash(data: bytes)))
      #expect(try await tus.offset(path) == bytes.count)
      #expect(try await memory.keys("uploads/").isEmpty)
    }
  }

  @Test(
    "E1 S12 a piece keeps its bytes where nobody answered whether it was noted, and the upload goes on"
  )
  func lostReply() async throws {
    let documents = FaultyDocumentStore(InMemoryDocumentStore())
    try await Self.run(documents: documents) { tus async throws in
      let bytes = SampleFile.noise(50_000)
      let path = try await tus.create(bytes.count)
      documents.plan(.transact, [.failAfter])
      #expect(try await tus.patch(path, at: 0, Array(bytes.prefix(20_000))).status == 503)
      #expect(try await tus.offset(path) == 20_000)
      #expect(try await tus.patch(path, at: 20_000, Array(bytes[20_000...])).status == 204)
      #expect(
        try await tus.file(path).json["sha256"]?.text == Hex.text(SHA256.hash(data: bytes)))
    }
  }

  @Test("E1 clients that may only POST name another method")
  func override() async throws {
    try await Self.run { tus async throws in
      let path = try await tus.create(2)
      let reply = try await tus.send(
        "POST", path,
        [
          "X-HTTP-Method-Override: PATCH", "Upload-Offset: 0",
          "Content-Type: application/offset+octet-stream",
        ], [1, 2])
      #expect(reply.status == 204)
      #expect(try await tus.file(path).status == 200)
      #expect(try await tus.send("POST", path).status == 405)
    }
  }
}
