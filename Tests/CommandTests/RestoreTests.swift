// The restore command: the database is deleted, the objects are there.

import ArchiveCore
import ArchiveService
import Foundation
import MongoDriver
import MongoTesting
import Testing

@Suite("Restoring by command", .timeLimit(.minutes(2)))
struct RestoreTests {
  private let scratch: ScratchDirectory

  init() throws { scratch = try ScratchDirectory() }

  private var objects: ArchivedObjects { ArchivedObjects(scratch: scratch) }

  private func run(_ arguments: String...) async throws -> CommandResult {
    try await BuiltProgram.run(arguments + ["--data", scratch.path + "/data"], in: scratch)
  }

  /// The database and the keys are gone.
  private func loseDocuments() async throws {
    if let server = TestMongoServer.engine {
      let client = try server.client(database: scratch.database)
      try await TestMongoServer.dropDatabase(of: client)
      await client.close()
    }
    let data = URL(filePath: scratch.path + "/data")
    for name in try FileManager.default.contentsOfDirectory(atPath: data.path)
    where name != "objects" {
      try FileManager.default.removeItem(at: data.appending(path: name))
    }
  }

  /// Everything that a restoration owes, without the marks for the next snapshot.
  private func documents() async throws -> [CollectionName: [Document]] {
    try await scratch.withDocuments { store in
      try await store.prepare(ArchiveService.schemas + ConversationLog.schemas)
      var found: [CollectionName: [Document]] = [:]
      for name in ArchiveService.snapshotted + ["archiveStates"] {
        // The exports of this test are noted too, before and after.
        found[name] = try await store.find(
          Query(
            name, where: .not(.equal("kind", .string("conversationRead"))),
            sort: [.ascending("id")],
            limit: 100)
        ).map { document in
          var document = document
          document.fields["unsaved"] = nil
          return document
        }
      }
      return found
    }
  }

  @Test(
    "A6 with the database and the keys gone, restore brings back people, conversation, messages and files"
  )
  func wholeWay() async throws {
    let server = try await RunningServer(scratch)
    let (talk, conversation) = try await HTTPTalk.begin(at: server.url)
    #expect(try await talk.say(2, in: conversation) == [201, 201])
    let file = try await talk.sayFile("a.txt", "dear", in: conversation)
    #expect(!file.isEmpty)
    #expect(await server.stop() == 0)
    #expect(try await run("flush").status == 0)
    let before = try await documents()
    #expect(before.values.allSatisfy { !$0.isEmpty })
    let said = try await run("export", "--conversation", conversation, "-o", "-").output
    let refused = try await run("restore")
    #expect(refused.status == 2)
    #expect(refused.errors.contains("the database is not empty"))
    try await loseDocuments()
    let restored = try await run("restore")
    #expect(restored.status == 0, "\(restored.output) \(restored.errors)")
    #expect(
      restored.output.contains(
        "conversations: 1, entries: 3, audit documents: 2, conversations documents: 1, "
          + "fileSpace documents: 1, fileUses documents: 1, files documents: 1"))
    #expect(restored.output.contains("accounts, conversations and members are those of 20"))
    #expect(restored.output.contains("everybody signs in again"))
    #expect(restored.output.hasSuffix("everything is restored\n"))
    #expect(restored.errors.isEmpty)
    #expect(try await run("verify", "--files").output.hasSuffix("all is well\n"))
    let exported = try await run("export", "--conversation", conversation, "-o", "-")
    #expect(exported.output.split(separator: "\n").count == 3 && exported.output == said)
    #expect(try await documents() == before)
    let again = try await RunningServer(scratch)
    var ada = HTTPTalk(url: again.url)
    try await ada.signIn("ada")
    #expect(try await ada.text(ofFile: file) == "dear")
    #expect(await again.stop() == 0)
  }

  @Test("A6 E3 a file whose bytes are gone or altered is named by verify and restore")
  func damagedFiles() async throws {
    let server = try await RunningServer(scratch)
    let (talk, conversation) = try await HTTPTalk.begin(at: server.url)
    let lost = try await talk.sayFile("lost", "lost", in: conversation)
    let altered = try await talk.sayFile("altered", "altered", in: conversation)
    #expect(try await run("flush").status == 0)
    #expect(await server.stop() == 0)
    try await objects.delete(ObjectKey(trusted: "files/\(lost)"))
    try await objects.replace(ObjectKey(trusted: "files/\(altered)"), Array("ALTERED".utf8))
    // What is young may be on its way: verify looks behind it, restore at everything.
    try await loseDocuments()
    let restored = try await run("restore")
    #expect(restored.status == 1)
    #expect(restored.output.contains("missingObject object=`files/\(lost)`"))
    #expect(!restored.output.contains(altered), "of the same size")
    try await loseDocuments()
    try await objects.replace(ObjectKey(trusted: "files/\(altered)"), Array("other".utf8))
    #expect(
      try await run("restore").output.contains("alteredObject object=`files/\(altered)`"))
  }

  @Test("A6 restore ends with 1 and names what is damaged")
  func damaged() async throws {
    let server = try await RunningServer(scratch)
    let (talk, conversation) = try await HTTPTalk.begin(at: server.url)
    #expect(try await talk.say(3, in: conversation) == [201, 201, 201])
    #expect(try await run("flush").status == 0)
    #expect(await server.stop() == 0)
    let pack = try #require(
      try await objects.keys().first { $0.description.hasPrefix("packs/") })
    var bytes = try await objects.bytes(pack)
    bytes[bytes.count / 2] ^= 0x10
    try await objects.replace(pack, bytes)
    try await loseDocuments()
    let result = try await run("restore", "--json")
    #expect(result.status == 1)
    let report = try JSONDecoder().decode(RestorationReport.self, from: Data(result.output.utf8))
    #expect(report.problems.contains { $0.object == pack.description })
    #expect(report.documents["users"] == 2 && report.entries == 0)
  }
}
