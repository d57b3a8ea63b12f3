// The commands that work beside the server or without it.

import ArchiveCore
import EmbeddedStore
import Foundation
import Testing

@testable import archive_service

@Suite("The other commands", .timeLimit(.minutes(2)))
struct CommandTests {
  private let scratch: ScratchDirectory

  init() throws { scratch = try ScratchDirectory() }

  private var data: String { scratch.path + "/data" }

  private func run(_ arguments: String..., input: String = "") async throws -> CommandResult {
    try await BuiltProgram.run(arguments + ["--data", data], in: scratch, input: input)
  }

  /// A conversation of two flushes; the server is stopped.
  private func archived() async throws -> String {
    let server = try await RunningServer(scratch)
    let (talk, conversation) = try await HTTPTalk.begin(at: server.url)
    for _ in 1...2 {
      #expect(try await talk.say(3, in: conversation, bytes: 500) == [201, 201, 201])
      #expect(try await run("flush").output == "archived 3 entries\n")
    }
    #expect(await server.stop() == 0)
    return conversation
  }

  private var objects: ArchivedObjects { ArchivedObjects(scratch: scratch) }

  @Test("talk, flush and verify beside the server, read a pack with zcat and jq, export")
  func wholeWay() async throws {
    let server = try await RunningServer(scratch)
    let (talk, conversation) = try await HTTPTalk.begin(at: server.url)
    #expect(try await talk.say(3, in: conversation) == [201, 201, 201])
    #expect(try await run("flush").status == 0)
    #expect(try await talk.say(2, in: conversation) == [201, 201])
    let verified = try await run("verify")
    #expect(verified.status == 0)
    #expect(
      verified.output.contains("archived entries: 3, segments: 1, objects: 1, snapshots: "))
    #expect(verified.output.contains(", entries waiting: 2"))
    #expect(verified.output.hasSuffix("all is well\n"))
    #expect(verified.errors.isEmpty, "progress belongs on terminals only")
    #expect(try await talk.seqs(in: conversation) == [1, 2, 3, 4, 5])

    let file = scratch.path + "/export.jsonl"
    let exported = try await run(
      "export", "--conversation", conversation, "--format", "jsonl", "-o", file)
    #expect(exported.status == 0)
    let lines = try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n")
    #expect(lines.count == 5)
    for (index, line) in lines.enumerated() {
      let entry = try EntryLine(bytes: Array(line.utf8)).entry()
      #expect(entry.seq == Int64(index + 1))
    }
    let piped = try await run("export", "--conversation", conversation, "-o", "-")
    #expect(piped.output == lines.joined(separator: "\n") + "\n")
    #expect(try scratch.names.allSatisfy { !$0.contains(".part-") })

    try await readWithShell(try #require(try await objects.keys().first))
    #expect(await server.stop() == 0)
  }

  private func readWithShell(_ key: ObjectKey) async throws {
    let pack = URL(filePath: scratch.path + "/pack.jsonl.gz")
    try Data(try await objects.bytes(key)).write(to: pack)
    let shell = URL(filePath: "/bin/sh")
    let found = try await BuiltProgram.run(
      ["-c", "command -v zcat && command -v jq"], in: scratch, program: shell)
    guard found.status == 0 else { return }
    let command = "zcat '\(pack.path)' | jq -r 'select(.seq) | [.seq, .text] | @tsv'"
    let read = try await BuiltProgram.run(["-c", command], in: scratch, program: shell)
    #expect(read.output == "1\tmessage 1 \n2\tmessage 2 \n3\tmessage 3 \n")
  }

  @Test("verify ends with 1 and names the object with a flipped byte")
  func flippedByte() async throws {
    _ = try await archived()
    let object = try #require(try await objects.keys().first)
    var bytes = try await objects.bytes(object)
    bytes[bytes.count / 2] ^= 0x10
    try await objects.replace(object, bytes)
    let result = try await run("verify")
    #expect(result.status == 1)
    #expect(result.output.contains("alteredObject object=`"))
    #expect(result.output.contains(object.description))
    let report = try await run("verify", "--json")
    #expect(report.status == 1)
    let decoded = try JSONDecoder().decode(VerificationReport.self, from: Data(report.output.utf8))
    #expect(decoded.problems.first?.kind == .alteredObject)
  }

  @Test("verify ends with 1 and names the object that is missing")
  func missingObject() async throws {
    _ = try await archived()
    let object = try #require(try await objects.keys().first)
    try await objects.delete(object)
    let result = try await run("verify")
    #expect(result.status == 1)
    #expect(result.output.contains("missingObject object=`"))
    #expect(result.output.contains(object.description))
  }

  @Test("verify ends with 1 for a tail that was cut off together with its manifest")
  func cutOffTail() async throws {
    let conversation = try await archived()
    let newest = SegmentManifest.id(try #require(ConversationID(conversation)), firstSeq: 4)
    let manifest = try await scratch.withDocuments { documents in
      let manifests = try await documents.find(
        Query(SegmentManifest.schema.name, where: .id(newest), limit: 1))
      #expect(try await documents.delete(SegmentManifest.schema.name, where: .id(newest)) == 1)
      return try SegmentManifest(document: try #require(manifests.first))
    }
    try await objects.delete(ObjectKey(trusted: manifest.key))
    let result = try await run("verify")
    #expect(result.status == 1)
    #expect(result.output.contains("cutOffTail"))
    #expect(result.output.contains(conversation))
  }

  @Test("verify ends with 2 where there is nothing to check, and makes nothing there")
  func nothingToVerify() async throws {
    let result = try await run("verify")
    #expect(result.status == 2)
    #expect(result.errors.contains("there is no archive in the data"))
    #expect(!FileManager.default.fileExists(atPath: data))
  }

  @Test("export refuses what it cannot write, and says so")
  func exportRefusals() async throws {
    let conversation = try await archived()
    let unknown = try await run(
      "export", "--conversation", "01ARZ3NDEKTSV4RRFFQ69G5FAV", "-o", "-")
    #expect(unknown.status == 1)
    #expect(unknown.errors.contains("there is no conversation 01ARZ3NDEKTSV4RRFFQ69G5FAV"))
    let html = try await run(
      "export", "--conversation", conversation, "--format", "html", "-o", "-")
    #expect(html.status == 64)
    #expect(html.errors.contains("not supported by this version"))
    let nowhere = try await run(
      "export", "--conversation", conversation, "-o", scratch.path + "/none/file")
    #expect(nowhere.status == 1)
    #expect(try await run("export", "--conversation", "x", "-o", "-").status == 64)
  }

  @Test("a user made on the command line can sign in")
  func createUser() async throws {
    let created = try await run(
      "user", "create", "--email", "root@example.org", "--name", "Root", "--role", "admin",
      "--password-stdin", input: "correct horse\n")
    #expect(created.status == 0)
    #expect(created.output.contains("root@example.org (admin)"))
    let server = try await RunningServer(scratch)
    let (status, _) = try await HTTPTalk(url: server.url).ask(
      "POST", "/api/auth/login", #"{"email":"root@example.org","password":"correct horse"}"#)
    #expect(status == 200)
    let twice = try await run(
      "user", "create", "--email", "ROOT@example.org", "--name", "Root", "--password-stdin",
      input: "correct horse\n")
    #expect(twice.status == 1)
    #expect(twice.errors.contains("exists"))
    #expect(await server.stop() == 0)
  }

  @Test("user create says what is wrong with its input")
  func createUserRefusals() async throws {
    let role = try await run(
      "user", "create", "--email", "a@b.c", "--name", "A", "--role", "king", "--password-stdin",
      input: "correct horse\n")
    #expect(role.status == 64)
    #expect(role.errors.contains("admin"))
    let short = try await run(
      "user", "create", "--email", "a@b.c", "--name", "A", "--password-stdin", input: "x\n")
    #expect(short.status == 1)
    #expect(short.errors.contains("password"))
    let noTerminal = try await run("user", "create", "--email", "a@b.c", "--name", "A")
    #expect(noTerminal.status == 64)
    #expect(noTerminal.errors.contains("--password-stdin"))
  }

  @Test("openapi prints a JSON document, and --version a version")
  func documents() async throws {
    let document = try await run("openapi")
    let json = try JSONSerialization.jsonObject(with: Data(document.output.utf8))
    #expect((json as? [String: Any])?["openapi"] is String)
    let version = try await BuiltProgram.run(["--version"], in: scratch)
    #expect(version.status == 0)
    #expect(version.output.hasPrefix("archive-service "))
  }
}
