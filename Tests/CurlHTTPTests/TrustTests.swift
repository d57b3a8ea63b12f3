// Whom the client trusts: certificates of a certificate authority made for the test.

import CurlHTTP
import Foundation
import Testing

@Suite struct TrustTests {
  @Test(.enabled(if: OpenSSL.path != nil, "needs the program openssl in PATH"))
  func `a server is trusted with its authority's file, under its own name only`() async throws {
    let server = try TLSServer()
    defer { server.stop() }
    var settings = CurlSettings()
    settings.certificateAuthorityFile = server.authorityFile
    try await CurlClient.used(settings) { client in
      let url = "https://localhost:\(server.port)/"
      let answer = try await client.fetch(CurlRequest("GET", url), limitBytes: 1 << 20)
      #expect(answer.head.status == 200)
      #expect(!answer.body.isEmpty)
      let other = await failureKind {
        let url = "https://127.0.0.1:\(server.port)/"
        _ = try await client.fetch(CurlRequest("GET", url), limitBytes: 1 << 20)
      }
      #expect(other == .untrusted)
    }
  }

  @Test(.enabled(if: OpenSSL.path != nil, "needs the program openssl in PATH"))
  func `a server whose authority is unknown is not trusted`() async throws {
    let server = try TLSServer()
    defer { server.stop() }
    try await CurlClient.used { client in
      let kind = await failureKind {
        let url = "https://localhost:\(server.port)/"
        _ = try await client.fetch(CurlRequest("GET", url), limitBytes: 1 << 20)
      }
      #expect(kind == .untrusted)
    }
  }

  @Test func `a file of authorities that is not there makes nobody trusted`() async throws {
    let server = try await TestServer()
    var settings = CurlSettings()
    settings.certificateAuthorityFile = "/nowhere/authorities.pem"
    try await CurlClient.used(settings) { client in
      let kind = await failureKind {
        let url = "https://127.0.0.1:\(server.port)/"
        _ = try await client.fetch(CurlRequest("GET", url), limitBytes: 0)
      }
      #expect(kind == .untrusted)
    }
    try await server.stop()
  }

  @Test func `a server that speaks no TLS is not trusted`() async throws {
    let server = try await TestServer()
    try await CurlClient.used { client in
      let kind = await failureKind {
        let url = "https://127.0.0.1:\(server.port)/"
        _ = try await client.fetch(CurlRequest("GET", url), limitBytes: 0)
      }
      #expect(kind == .untrusted)
    }
    try await server.stop()
  }

  @Test func `a server that hangs up in the handshake is unreachable, not untrusted`() async throws
  {
    let server = try await ScriptServer([.close])
    try await CurlClient.used { client in
      let kind = await failureKind {
        let url = "https://127.0.0.1:\(server.port)/"
        _ = try await client.fetch(CurlRequest("GET", url), limitBytes: 0)
      }
      #expect(kind == .unreachable)
    }
    try await server.stop()
  }
}

/// The program that makes certificates and serves with them.
enum OpenSSL {
  static let path: String? = (ProcessInfo.processInfo.environment["PATH"] ?? "")
    .split(separator: ":").map { "\($0)/openssl" }
    .first { FileManager.default.isExecutableFile(atPath: $0) }

  static func process(_ arguments: String, in folder: URL) throws -> Process {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: try #require(path))
    process.arguments = arguments.split(separator: " ").map(String.init)
    process.currentDirectoryURL = folder
    process.standardError = FileHandle.nullDevice
    return process
  }

  static func run(_ arguments: String, in folder: URL) throws {
    let process = try process(arguments, in: folder)
    process.standardOutput = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    try #require(process.terminationStatus == 0, "openssl \(arguments)")
  }
}

/// `openssl s_server` with a certificate for `localhost` from an authority of its own.
final class TLSServer {
  let port: Int
  let authorityFile: String
  private let folder: URL
  private let process: Process

  init() throws {
    folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("archive-test-tls-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    authorityFile = folder.appendingPathComponent("ca.pem").path
    try Data("subjectAltName=DNS:localhost\n".utf8)
      .write(to: folder.appendingPathComponent("names"))
    let key = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"
    try OpenSSL.run(
      "req -x509 \(key) -keyout ca.key -out ca.pem -days 1 -subj /CN=test-authority", in: folder)
    try OpenSSL.run("req \(key) -keyout s.key -out s.csr -subj /CN=localhost", in: folder)
    try OpenSSL.run(
      "x509 -req -in s.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 1 -extfile names -out s.pem",
      in: folder)
    process = try OpenSSL.process(
      "s_server -accept 127.0.0.1:0 -cert s.pem -key s.key -www", in: folder)
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    port = try #require(Self.port(from: output.fileHandleForReading))
  }

  func stop() {
    // Not SIGTERM, which a child of a task's thread inherits blocked.
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    try? FileManager.default.removeItem(at: folder)
  }

  /// From the line `ACCEPT 127.0.0.1:port`.
  private static func port(from output: FileHandle) -> Int? {
    var text = ""
    while case let data = output.availableData, !data.isEmpty {
      text += String(decoding: data, as: UTF8.self)
      let line = text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
        .first { $0.hasPrefix("ACCEPT ") }
      if let line { return line.split(separator: ":").last.flatMap { Int($0) } }
    }
    return nil
  }
}
