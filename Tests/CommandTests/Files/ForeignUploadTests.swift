// Uploads by clients that others wrote, to the built program.

import Crypto
import Foundation
import Testing

#if canImport(FoundationNetworking)
  import FoundationNetworking
#endif

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
    var checks = true
    var stopAt: Int?
    var uploadURL: String?
    var progress: String?
    var pause: Double?
  }

  private struct TusAnswer: Decodable {
    let uploadURL: String
    let offset: Int
    let retries: Int
    let offsets: [Int]
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
    "E1 tuspy resumes an upload after a restart, and by itself over a server that is killed",
    .enabled(if: Uploaders.areThere, Uploaders.wanted))
  func resumed() async throws {
    let bytes = Self.noise(48 << 20)
    let path = scratch.path + "/noise"
    try Data(bytes).write(to: URL(filePath: path))
    let server = try await RunningServer(scratch)
    let port = try #require(URL(string: server.url)?.port)
    var talk = HTTPTalk(url: server.url)
    _ = try await talk.signUp("ada")
    var order = TusOrder(
      url: server.url, token: try #require(talk.token), path: path, name: "Schnee ☃.bin",
      chunkBytes: 3 << 20, stopAt: 9 << 20)
    let stopped = try await Uploaders.program("tus_upload").run(
      order, in: scratch, answer: TusAnswer.self)
    #expect(stopped.offset == 9 << 20)
    #expect(await server.stop() == 0)

    // Restarted, and killed while the rest comes in: the client takes 4 s for it, and says how far it is.
    let second = try await RunningServer(scratch, port: port)
    order = TusOrder(
      url: second.url, token: order.token, path: path, name: order.name, chunkBytes: 1 << 20,
      uploadURL: stopped.uploadURL, progress: scratch.path + "/progress", pause: 0.1)
    let rest = order
    async let finished = Uploaders.program("tus_upload").run(
      rest, in: scratch, answer: TusAnswer.self)
    let progress = scratch.path + "/progress"
    let seen = try await first(from: 13 << 20) {
      Int((try? String(contentsOfFile: progress, encoding: .utf8)) ?? "") ?? 0
    }
    _ = await second.stop(SIGKILL)
    #expect(seen < 44 << 20)
    let third = try await RunningServer(scratch, port: port)
    let answer = try await finished
    #expect(answer.offset == bytes.count)
    #expect(answer.retries > 0, "it never noticed that the server was away")
    #expect(answer.offsets.first == 9 << 20, "it began where it had stopped")
    #expect(
      answer.offsets.allSatisfy { $0 >= 9 << 20 } && answer.offsets == answer.offsets.sorted())
    try await expect(bytes, of: answer.uploadURL, talk, name: order.name)
    #expect(await third.stop() == 0)
    try await expectOneFile()
  }

  @Test(
    "E1 S12 a server that is killed within a request has what was durable, and tuspy sends the rest",
    .enabled(if: Uploaders.areThere, Uploaders.wanted),
    .enabled(if: Uploaders.hasCurl, Uploaders.curlWanted))
  func killedWithin() async throws {
    let bytes = Self.noise(32 << 20)
    let path = scratch.path + "/noise"
    try Data(bytes).write(to: URL(filePath: path))
    let server = try await RunningServer(scratch)
    let port = try #require(URL(string: server.url)?.port)
    var talk = HTTPTalk(url: server.url)
    _ = try await talk.signUp("ada")
    let upload = try await create(bytes.count, talk)

    // One request with all of it, at 6 MiB a second.
    let (token, address) = (talk.token ?? "", upload)
    async let sending = Uploaders.curl(
      "-X", "PATCH", "--limit-rate", "6M", "-H", "Authorization: Bearer \(token)", "-H",
      "Tus-Resumable: 1.0.0", "-H", "Upload-Offset: 0", "-H",
      "Content-Type: application/offset+octet-stream", "--data-binary", "@\(path)", address,
      in: scratch)
    let seen = try await first(from: 8 << 20) { try await head(upload, talk) }
    _ = await server.stop(SIGKILL)
    #expect(try await sending.status != 0, "curl was answered before the server died")

    let second = try await RunningServer(scratch, port: port)
    let kept = try await head(upload, talk)
    #expect(kept >= seen && kept < bytes.count, "kept \(kept)")
    let answer = try await Uploaders.program("tus_upload").run(
      TusOrder(
        url: second.url, token: token, path: path, name: "", chunkBytes: 16 << 20, checks: false,
        uploadURL: upload), in: scratch, answer: TusAnswer.self)
    #expect(answer.offsets.first == kept, "not a byte of it is sent again")
    #expect(answer.offset == bytes.count && answer.retries == 0)
    try await expect(bytes, of: upload, talk, name: "noise.bin")
    #expect(await second.stop() == 0)
    try await expectOneFile()
  }

  /// Begins an upload of so many bytes; its address.
  private func create(_ bytes: Int, _ talk: HTTPTalk) async throws -> String {
    var request = URLRequest(url: try #require(URL(string: talk.url + "/api/uploads")))
    request.httpMethod = "POST"
    request.setValue("1.0.0", forHTTPHeaderField: "Tus-Resumable")
    request.setValue("\(bytes)", forHTTPHeaderField: "Upload-Length")
    request.setValue(
      "filename \(Data("noise.bin".utf8).base64EncodedString())",
      forHTTPHeaderField: "Upload-Metadata")
    request.setValue("Bearer \(talk.token ?? "")", forHTTPHeaderField: "Authorization")
    let (_, response) = try await URLSession.shared.data(for: request)
    let answer = try #require(response as? HTTPURLResponse)
    #expect(answer.statusCode == 201)
    return talk.url + (try #require(answer.value(forHTTPHeaderField: "Location")))
  }

  /// The first offset that is at least so large. Programs of others tell it, so it is asked for again and again.
  private func first(from least: Int, _ offset: () async throws -> Int) async throws -> Int {
    for _ in 0..<6000 {
      let seen = try await offset()
      if seen >= least { return seen }
      try await Task.sleep(for: .milliseconds(10))
    }
    throw CancellationError()
  }

  /// Nothing but the file is stored: no piece, no second object.
  private func expectOneFile() async throws {
    let left = try await ArchivedObjects(scratch: scratch).everything()
    #expect(left.filter { $0.contains("uploads/") }.isEmpty)
    #expect(left.filter { $0.contains("files/") }.count == 1)
  }

  /// How far the server has an upload.
  private func head(_ url: String, _ talk: HTTPTalk) async throws -> Int {
    var request = URLRequest(url: try #require(URL(string: url)))
    request.httpMethod = "HEAD"
    request.setValue("1.0.0", forHTTPHeaderField: "Tus-Resumable")
    request.setValue("Bearer \(talk.token ?? "")", forHTTPHeaderField: "Authorization")
    let (_, response) = try await URLSession.shared.data(for: request)
    let answer = try #require(response as? HTTPURLResponse)
    return try #require(answer.value(forHTTPHeaderField: "Upload-Offset").flatMap { Int($0) })
  }
}
