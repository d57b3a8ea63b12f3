// Uploads by clients that others wrote, to the built program.

import Crypto
import Foundation
import Testing

#if canImport(FoundationNetworking)
  import FoundationNetworking
#endif

/// The libraries of the scripts `tus_upload.py` and `form_uploads.py`.
enum Uploaders {
  static let packages = ProcessInfo.processInfo.environment["ARCHIVE_TEST_UPLOADERS_PATH"]
  static var areThere: Bool { SocketIOProgram.python != nil && packages != nil }
  static let wanted: Comment =
    "tuspy is not here: ./dev test gets it and sets ARCHIVE_TEST_UPLOADERS_PATH"

  static func program(_ name: String) -> SocketIOProgram {
    SocketIOProgram(name, packages: packages)
  }
}

@Suite("Clients that upload", .timeLimit(.minutes(5)))
struct ForeignUploadTests {
  private let scratch: ScratchDirectory

  init() throws { scratch = try ScratchDirectory() }

  private struct TusOrder: Encodable {
    let url: String
    let token: String
    let path: String
    let name: String
    let chunkBytes: Int
    var stopAt: Int?
    var uploadURL: String?
  }

  private struct TusAnswer: Decodable {
    let uploadURL: String
    let offset: Int
    let retries: Int
  }

  private static func noise(_ count: Int) -> [UInt8] {
    var state: UInt64 = 0x9E37_79B9_7F4A_7C15
    var bytes = [UInt8](repeating: 0, count: count)
    for index in stride(from: 0, to: count, by: 8) {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      for offset in 0..<min(8, count - index) {
        bytes[index + offset] = UInt8(truncatingIfNeeded: state >> (8 * UInt64(offset)))
      }
    }
    return bytes
  }

  private func expect(_ bytes: [UInt8], of upload: String, _ talk: HTTPTalk, name: String)
    async throws
  {
    let id = upload.split(separator: "/").last ?? ""
    let (status, json) = try await talk.ask("GET", "/api/files/\(id)")
    #expect(status == 200)
    #expect(json["name"] as? String == name)
    #expect((json["size"] as? NSNumber)?.intValue == bytes.count)
    let digest = SHA256.hash(data: bytes).map { String(format: "%02x", $0) }.joined()
    #expect(json["sha256"] as? String == digest)
  }

  @Test(
    "E1 tuspy resumes an upload over a server that is killed and started again, and over a restart",
    .enabled(if: Uploaders.areThere, Uploaders.wanted))
  func resumed() async throws {
    let bytes = Self.noise(24 << 20)
    let path = scratch.path + "/noise"
    try Data(bytes).write(to: URL(filePath: path))
    let first = try await RunningServer(scratch)
    let port = try #require(URL(string: first.url)?.port)
    var talk = HTTPTalk(url: first.url)
    _ = try await talk.signUp("ada")
    var order = TusOrder(
      url: first.url, token: try #require(talk.token), path: path, name: "Schnee ☃.bin",
      chunkBytes: 3 << 20, stopAt: 9 << 20)
    let stopped = try await Uploaders.program("tus_upload").run(
      order, in: scratch, answer: TusAnswer.self)
    #expect(stopped.offset == 9 << 20)
    #expect(await first.stop() == 0)

    // Restarted, and killed while the rest comes in.
    let second = try await RunningServer(scratch, port: port)
    (order.stopAt, order.uploadURL) = (nil, stopped.uploadURL)
    order = TusOrder(
      url: second.url, token: order.token, path: path, name: order.name, chunkBytes: 1 << 20,
      uploadURL: stopped.uploadURL)
    let rest = order
    async let finished = Uploaders.program("tus_upload").run(
      rest, in: scratch, answer: TusAnswer.self)
    // Somewhere in the middle, wherever that is.
    for _ in 0..<2000 {
      let (_, offset) = try await head(stopped.uploadURL, talk)
      if offset > 12 << 20 { break }
      try await Task.sleep(for: .milliseconds(5))
    }
    _ = await second.stop(SIGKILL)
    let third = try await RunningServer(scratch, port: port)
    let answer = try await finished
    #expect(answer.offset == bytes.count)
    #expect(answer.retries > 0, "the server was killed too late")
    try await expect(bytes, of: answer.uploadURL, talk, name: order.name)
    #expect(await third.stop() == 0)
    let left = try await ArchivedObjects(scratch: scratch).everything()
    #expect(left.filter { $0.contains("uploads/") }.isEmpty)
    #expect(left.filter { $0.contains("files/") }.count == 1)
  }

  private func head(_ url: String, _ talk: HTTPTalk) async throws -> (status: Int, offset: Int) {
    var request = URLRequest(url: try #require(URL(string: url)))
    request.httpMethod = "HEAD"
    request.setValue("1.0.0", forHTTPHeaderField: "Tus-Resumable")
    request.setValue("Bearer \(talk.token ?? "")", forHTTPHeaderField: "Authorization")
    let (_, response) = try await URLSession.shared.data(for: request)
    let answer = try #require(response as? HTTPURLResponse)
    return (
      answer.statusCode, Int(answer.value(forHTTPHeaderField: "Upload-Offset") ?? "") ?? -1
    )
  }

  private struct FormOrder: Encodable {
    struct File: Encodable {
      let name: String
      let text: String
    }

    let url: String
    let token: String
    let files: [File]
  }

  private struct FormAnswer: Decodable {
    struct File: Decodable {
      let name: String
      let contentType: String
      let size: Int
    }

    let status: Int
    let body: File
  }

  @Test(
    "E1 requests and aiohttp upload in forms, with and without a length",
    .enabled(if: Uploaders.areThere, Uploaders.wanted))
  func forms() async throws {
    let server = try await RunningServer(scratch)
    var talk = HTTPTalk(url: server.url)
    _ = try await talk.signUp("ada")
    let names = ["plain.txt", "Grüße \"heute\".txt", "日本語.txt", "semi;colon.txt"]
    let order = FormOrder(
      url: server.url, token: try #require(talk.token),
      files: names.map {
        FormOrder.File(name: $0, text: String(repeating: "line \($0)\n", count: 5000))
      })
    let answers = try await Uploaders.program("form_uploads").run(
      order, in: scratch, answer: [FormAnswer].self)
    #expect(answers.map(\.status) == Array(repeating: 201, count: 8))
    for (file, pair) in zip(order.files, stride(from: 0, to: 8, by: 2)) {
      for answer in answers[pair..<pair + 2] {
        #expect(answer.body.name == file.name)
        #expect(answer.body.contentType == "text/plain; charset=utf-8")
        #expect(answer.body.size == file.text.utf8.count)
      }
    }
    #expect(await server.stop() == 0)
  }

  @Test("E1 A4 curl uploads a file and says it in a message")
  func curl() async throws {
    let server = try await RunningServer(scratch)
    let (talk, conversation) = try await HTTPTalk.begin(at: server.url)
    let path = try scratch.file("letter.html", "<!doctype html><p>dear</p>")
    let result = try await BuiltProgram.run(
      [
        "curl", "--silent", "--show-error", "--noproxy", "*", "-F", "comment=x", "-F",
        "file=@\(path);filename=a/b.html", "-H", "Authorization: Bearer \(talk.token ?? "")",
        server.url + "/api/files",
      ], in: scratch, isConfigured: true, program: URL(filePath: "/usr/bin/env"))
    let file = try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any]
    #expect(file?["name"] as? String == "b.html", "\(result)")
    #expect(file?["contentType"] as? String == "text/html; charset=utf-8")
    let id = try #require(file?["id"] as? String)
    let (status, _) = try await talk.ask(
      "POST", "/api/conversations/\(conversation)/messages", #"{"files":["\#(id)"]}"#)
    #expect(status == 201)
    #expect(await server.stop() == 0)
  }
}
