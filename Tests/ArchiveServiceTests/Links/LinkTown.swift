// A server with files, for tests of links.

import ArchiveCore
import ArchiveTesting
import Crypto
import Encodings
import Foundation
import Logging
import Testing
import Uploads

@testable import ArchiveService

/// A server, its objects, and people who have files.
struct LinkTown: Sendable {
  let server: TestServer
  let objects: any ObjectStore

  static func run<Result: Sendable>(
    pictures: (any PictureMaker)? = nil,
    _ change: (inout ServiceSettings) -> Void = { _ in },
    _ body: @escaping @Sendable (LinkTown) async throws -> Result
  ) async throws -> Result {
    let objects = try await TestObjects.make()
    let outcome: Swift.Result<Result, any Error>
    do {
      outcome = .success(
        try await TestServer.run(objects: objects.store, pictures: pictures, change) { server in
          try await body(LinkTown(server: server, objects: objects.store))
        })
    } catch {
      outcome = .failure(error)
    }
    try await objects.discard()
    return try outcome.get()
  }

  /// Lays down a file as an upload leaves it.
  @discardableResult
  func store(
    _ bytes: [UInt8], _ name: String = "notes.txt", _ kind: FileKind = .text, of owner: Person,
    as charset: String? = nil, size: (width: Int, height: Int)? = nil
  ) async throws -> FileID {
    let surroundings = server.clock.surroundings
    var scan = MetadataScan(kind)
    scan?.feed(bytes[...])
    let file = StoredFile(
      id: StoredFile.newID(surroundings), ownerID: try #require(UserID(owner.id)), name: name,
      content: SniffedContent(kind, charset: charset), sizeBytes: Int64(bytes.count),
      sha256: Hex.text(Array(SHA256.hash(data: bytes))), width: size?.width, height: size?.height,
      createdAt: surroundings.now(), metadata: scan?.finish() ?? .unknown,
      looseSince: surroundings.now())
    try await objects.put(
      FileKeys.object(file.id), .bytes(bytes), mode: .create, type: file.content.contentType)
    try await Collection(StoredFile.self, in: marking).insert(file)
    return file.id
  }

  /// Says that a message has a file.
  func use(_ file: FileID, in conversation: String, seq: Int64) async throws {
    let id = try #require(ConversationID(conversation))
    try await Collection(FileUse.self, in: marking).insert(
      FileUse(fileID: file, conversationID: id, seq: seq))
  }

  /// What the server has, for work that it does in the background.
  var fileParts: FileParts {
    FileParts(
      Files(
        documents: marking, objects: objects, settings: ServiceSettings.Uploads(),
        surroundings: server.clock.surroundings,
        logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }))
  }

  /// Addresses for files that somebody may look at.
  func ask(_ files: [FileID], as person: Person) async throws -> [JSONNode] {
    let names = files.map { "\"\($0)\"" }.joined(separator: ",")
    return try await server.ask(
      "POST", "/api/files/links", as: person, #"{"files":[\#(names)]}"#)["items"]?.list ?? []
  }

  private var marking: any DocumentStore {
    ArchiveService.marking(server.documents, surroundings: server.clock.surroundings)
  }

  func link(_ file: FileID, as person: Person, _ json: String = "{}") async throws -> MadeLink {
    let answer = try await server.ask(
      "POST", "/api/files/\(file)/links", as: person, json, expecting: 201)
    let url = try #require(answer["url"]?.text)
    return MadeLink(
      id: try #require(answer["id"]?.text), token: try #require(answer["token"]?.text),
      path: try #require(URLComponents(string: url)?.percentEncodedPath))
  }

  func get(_ path: String, _ headers: [String] = [], method: String = "GET") async throws -> Reply {
    try await server.send(method, path, headers: headers)
  }

  /// How often a link was used, once that is so many; it is written when the answer is on its way.
  func uses(_ link: MadeLink, of file: FileID, as person: Person, reaching count: Int) async throws
    -> Int?
  {
    var uses: Int?
    for _ in 0..<500 {
      let items = try await server.ask("GET", "/api/files/\(file)/links", as: person)["items"]
      uses = items?.list.first { $0["id"]?.text == link.id }?["uses"]?.number
      if let uses, uses >= count { break }
      try await Task.sleep(for: .milliseconds(10))
    }
    return uses
  }
}

struct MadeLink: Sendable {
  let id: String
  let token: String
  let path: String
}
