// A deployment that moves to another place, by the command.

import ArchiveCore
import Foundation
import MongoDriver
import MongoTesting
import S3Client
import S3Testing
import Testing

@testable import archive_service

@Suite("migrate", .timeLimit(.minutes(5)))
struct MigrateTests {
  private let scratch: ScratchDirectory

  init() throws { scratch = try ScratchDirectory() }

  @Test("J3 a deployment moves to another directory: conversations, keys and sign-ins")
  func embedded() async throws {
    let old = try scratch.place("old")
    let new = try scratch.place("new")
    let known = try await Known(at: old, in: scratch)
    let moved = try await migrate(old, new)
    #expect(moved.status == 0, "\(moved.errors)")
    #expect(moved.output.contains("everything was moved: both places hold the same"))
    #expect(moved.errors.isEmpty, "progress belongs on terminals only")
    try await known.expect(at: new)
    let again = try await migrate(old, try scratch.place("third"))
    #expect(again.status == 0, "the source is as it was: \(again.errors)")
  }

  @Test(
    "J3 a deployment moves from a directory to MongoDB and S3 and back",
    .enabled(if: TestMongoServer.first != nil, "\(TestMongoServer.wanted)"),
    .enabled(if: TestS3Server.first != nil, "\(TestS3Server.wanted)"))
  func thereAndBack() async throws {
    let old = try scratch.place("old")
    let cluster = try scratch.cluster("cluster")
    let back = try scratch.place("back")
    let result: Result<Void, any Error>
    do {
      try await cluster.prepare()
      var known = try await Known(at: old, in: scratch)
      let moved = try await migrate(old, cluster)
      #expect(moved.status == 0, "\(moved.errors)")
      #expect(moved.output.contains("give every server the files anchor.key and auth.secret"))
      try await known.expect(at: cluster)
      try await known.goOn(at: cluster)
      let returned = try await migrate(cluster, back)
      #expect(returned.status == 0, "\(returned.errors)")
      try await known.expect(at: back)
      result = .success(())
    } catch {
      result = .failure(error)
    }
    try await cluster.remove()
    try result.get()
  }

  @Test("J3 a migration that was killed is finished by the next, and nobody serves in between")
  func killed() async throws {
    let old = try scratch.place("old", "archive:\n  leaseLifetime: 500ms\n")
    let new = try scratch.place("new")
    let known = try await Known(at: old, in: scratch)
    // What a migration leaves that died before it had copied anything.
    #expect(try await interrupted(old, new))
    let refused = try await new.run("verify", in: scratch)
    #expect(refused.status != 0)
    #expect(refused.errors.contains("run archive-service migrate again"))
    let examined = try await new.run("doctor", in: scratch)
    #expect(examined.status != 0)
    #expect(examined.output.contains("run archive-service migrate again"))
    let finished = try await migrate(old, new)
    #expect(finished.status == 0, "\(finished.errors)")
    try await known.expect(at: new)
  }

  @Test("J3 what cannot be moved is refused with its cure")
  func refusals() async throws {
    let old = try scratch.place("old")
    let nothing = try await migrate(old, try scratch.place("new"))
    #expect(nothing.status == 2 && nothing.errors.contains("there is no archive to move"))
    let known = try await Known(at: old, in: scratch)
    let same = try await migrate(old, old)
    #expect(same.status == 78 && same.errors.contains("give --to another data.directory"))
    let other = try scratch.place("other")
    _ = try await Known(at: other, in: scratch)
    let full = try await migrate(old, other)
    #expect(full.status == 1 && full.errors.contains("the target is not empty"))
    let key = "archive:\n  anchorKey: \(String(repeating: "k", count: 32))\n"
    let otherKey = try await migrate(old, try scratch.place("keyed", key))
    #expect(otherKey.status == 78 && otherKey.errors.contains("archive.anchorKey of --to"))
    let server = try await old.server(scratch)
    let served = try await migrate(old, try scratch.place("new"))
    #expect(served.status == 1 && served.errors.contains("already serves from this data directory"))
    #expect(await server.stop() == 0)
    try await known.expect(at: old)
    try await known.expect(at: other, isSame: false)
  }

  private func migrate(_ from: Place, _ to: Place) async throws -> CommandResult {
    try await BuiltProgram.run(
      ["migrate", "--from", from.file, "--to", to.file], in: scratch, isConfigured: true)
  }

  /// Begins a migration and lets it go, as a process does that is killed.
  private func interrupted(_ old: Place, _ new: Place) async throws -> Bool {
    let surroundings = LiveSurroundings.make()
    let settings = try await SettingsReader(file: old.file).settings()
    let target = try await SettingsReader(file: new.file).settings()
    try PrivateFile.makeDirectory(target.dataDirectory)
    let source = try await MigrationSide(
      settings, surroundings: surroundings, logger: TestS3Server.silent)
    let side = try await MigrationSide(
      target, surroundings: surroundings, logger: TestS3Server.silent)
    try await source.database.store.prepare([DeploymentDocuments.schema])
    let keys = try await CarriedKeys(of: settings, source.database.store)
    let begun = try await ArchiveMigration(
      from: source.place, to: side.place, schemas: MigrationSide.schemas,
      deploymentSchemas: [DeploymentDocuments.schema], settings: settings.log,
      anchorKey: keys.anchorKey, surroundings: surroundings
    ).begin()
    await side.close()
    await source.close()
    return !begun.isComplete
  }
}

/// A place that a deployment may have, with the file that names it.
private struct Place {
  let file: String
  /// Where it has a database and a bucket.
  var database: String?
  var prefix: String?

  func run(_ arguments: String..., in scratch: ScratchDirectory) async throws -> CommandResult {
    try await BuiltProgram.run(arguments + ["--config", file], in: scratch, isConfigured: true)
  }

  func server(_ scratch: ScratchDirectory) async throws -> RunningServer {
    try await RunningServer(scratch, config: file)
  }

  func prepare() async throws {
    guard prefix != nil, let client = try TestS3Server.first?.client() else { return }
    try await client.bucket(TestPlace.sharedBucket).create()
    await client.close()
  }

  func remove() async throws {
    if let prefix, let client = try TestS3Server.first?.client() {
      try await client.bucket(TestPlace.sharedBucket).removeAll(prefix: prefix)
      await client.close()
    }
    if let database, let client = try TestMongoServer.first?.client(database: database) {
      try await TestMongoServer.dropDatabase(of: client)
      await client.close()
    }
  }
}

extension ScratchDirectory {
  fileprivate func place(_ name: String, _ more: String = "") throws -> Place {
    Place(file: try file(name + ".yaml", "data:\n  directory: \(path)/\(name)\n" + more))
  }

  /// MongoDB and a bucket.
  fileprivate func cluster(_ name: String) throws -> Place {
    let (server, bucket) = (try #require(TestMongoServer.first), try #require(TestS3Server.first))
    let database = TestMongoServer.newDatabase()
    let prefix = TestS3Server.newPrefix()
    var place = try place(
      name,
      """
      mongo:
        uri: "\(server.uri)"
        database: \(database)
        operationTimeout: 30s
      s3:
        endpoint: \(bucket.endpoint)
        bucket: \(TestPlace.sharedBucket)
        prefix: \(prefix)
        accessKey: \(bucket.accessKey)
        secretKey: \(bucket.secretKey)

      """)
    (place.database, place.prefix) = (database, prefix)
    return place
  }
}

/// What two people know of their conversation, and see again wherever it has moved.
private struct Known {
  private let scratch: ScratchDirectory
  private let conversation: String
  private let file: String
  private var talk: HTTPTalk
  private var messages: String
  private var export: String

  /// They say something at a new place: some of it archived, some edited, some waiting.
  init(at place: Place, in scratch: ScratchDirectory) async throws {
    self.scratch = scratch
    let server = try await place.server(scratch)
    (talk, conversation) = try await HTTPTalk.begin(at: server.url)
    #expect(try await talk.say(3, in: conversation, bytes: 500) == [201, 201, 201])
    file = try await talk.sayFile("a.txt", "dear", in: conversation)
    #expect(try await place.run("flush", in: scratch).status == 0)
    (messages, export) = ("", "")
    try await change()
    #expect(await server.stop() == 0)
    export = try await exported(at: place)
  }

  /// Everything is there, `verify` finds it good, and who was signed in is so still.
  func expect(at place: Place, isSame: Bool = true) async throws {
    let verified = try await place.run("verify", "--files", in: scratch)
    #expect(verified.status == 0 && verified.output.hasSuffix("all is well\n"), "\(verified)")
    guard isSame else { return }
    #expect(try await exported(at: place) == export)
    let server = try await place.server(scratch)
    let visitor = HTTPTalk(url: server.url, token: talk.token)
    #expect(try await Self.messages(visitor, conversation) == messages)
    #expect(try await visitor.text(ofFile: file) == "dear")
    #expect(await server.stop() == 0)
  }

  /// They go on talking, and everything is archived.
  mutating func goOn(at place: Place) async throws {
    let server = try await place.server(scratch)
    talk = HTTPTalk(url: server.url, token: talk.token)
    try await change()
    #expect(try await place.run("flush", in: scratch).status == 0)
    #expect(await server.stop() == 0)
    export = try await exported(at: place)
  }

  private mutating func change() async throws {
    #expect(try await talk.say(2, in: conversation) == [201, 201])
    let edit = try await talk.ask(
      "PATCH", "/api/conversations/\(conversation)/messages/1", #"{"text":"edited"}"#)
    #expect(edit.status == 200)
    messages = try await Self.messages(talk, conversation)
  }

  private static func messages(_ talk: HTTPTalk, _ conversation: String) async throws -> String {
    let (status, json) = try await talk.ask(
      "GET", "/api/conversations/\(conversation)/messages?after=0")
    #expect(status == 200)
    let data = try JSONSerialization.data(
      withJSONObject: json, options: [.sortedKeys, .prettyPrinted])
    return String(decoding: data, as: UTF8.self)
  }

  private func exported(at place: Place) async throws -> String {
    let result = try await place.run(
      "export", "--conversation", conversation, "-o", "-", in: scratch)
    #expect(result.status == 0, "\(result.errors)")
    return result.output
  }
}
