// The server with a certificate of its own.

import Foundation
import Testing

@Suite("HTTPS", .timeLimit(.minutes(2)))
struct HTTPSTests {
  private let scratch: ScratchDirectory

  init() throws { scratch = try ScratchDirectory() }

  private struct Knock: Decodable { let isIn: Bool }

  private struct Knocking: Encodable {
    let url: String
    let auths: [[String: String]]
  }

  @Test(
    "D1 with a certificate the server speaks HTTPS, and a socket is let in by polling and by WebSocket",
    .enabled(if: SocketIOProgram.isThere, SocketIOProgram.wanted))
  func secure() async throws {
    let plain = try await RunningServer(scratch)
    let (ada, _, _) = try await HTTPTalk.pair(at: plain.url)
    #expect(await plain.stop() == 0)
    let (certificate, key) = try await makeCertificate("own")
    let server = try await RunningServer(
      scratch,
      ["ARCHIVE_HTTP_TLS_CERTIFICATE": certificate, "ARCHIVE_HTTP_TLS_KEY": key])
    #expect(server.url.hasPrefix("https://127.0.0.1:"))
    let order = Knocking(url: server.url, auths: [["token": try #require(ada.token)]])
    let knocks = try await SocketIOProgram("socketio_doors", trusting: certificate).run(
      order, in: scratch, answer: [Knock].self)
    #expect(knocks.map(\.isIn) == [true, true])
    let doubting = try await SocketIOProgram("socketio_doors").run(
      order, in: scratch, answer: [Knock].self)
    #expect(doubting.map(\.isIn) == [false, false])
    #expect(await server.stop() == 0)
  }

  @Test("a certificate that is not there, or is not the key's, is named, and nothing starts")
  func wrong() async throws {
    let (certificate, _) = try await makeCertificate("one")
    let (_, other) = try await makeCertificate("other")
    for (files, words) in [
      ((scratch.path + "/none.pem", other), "http.tls.certificate is no PEM file"),
      ((certificate, certificate), "http.tls.key is no PEM file"),
      ((certificate, other), "http.tls.key is not the key of http.tls.certificate"),
    ] {
      let result = try await BuiltProgram.run(
        ["serve", "--port", "0", "--data", scratch.path + "/data"], in: scratch,
        settings: ["ARCHIVE_HTTP_TLS_CERTIFICATE": files.0, "ARCHIVE_HTTP_TLS_KEY": files.1])
      #expect(result.status == 78)
      #expect(result.errors.contains(words), "\(result.errors)")
    }
    let half = try await BuiltProgram.run(
      ["serve"], in: scratch, settings: ["ARCHIVE_HTTP_TLS_CERTIFICATE": certificate])
    #expect(half.status == 78)
    #expect(half.errors.contains("http.tls.certificate and http.tls.key need each other"))
  }

  /// A certificate for 127.0.0.1 that vouches for itself, and its key.
  private func makeCertificate(_ name: String) async throws -> (certificate: String, key: String) {
    let (certificate, key) = ("\(scratch.path)/\(name).crt", "\(scratch.path)/\(name).key")
    let made = try await BuiltProgram.run(
      [
        "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
        "-days", "2", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1",
        "-out", certificate, "-keyout", key,
      ], in: scratch, program: URL(filePath: "/usr/bin/env"))
    try #require(made.status == 0, "\(made.errors)")
    return (certificate, key)
  }
}
