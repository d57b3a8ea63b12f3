// Access tokens that somebody tampered with.

import ArchiveCore
import Crypto
import Encodings
import Foundation
import JWTKit
import Testing

@testable import ArchiveService

/// Claims that a test makes up; any JSON.
private struct AnyClaims: JWTPayload {
  var fields: [String: JWTHeaderField]

  init(_ fields: [String: JWTHeaderField]) { self.fields = fields }
  init(from decoder: any Decoder) throws { fields = [:] }
  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(fields)
  }
  func verify(using algorithm: some JWTAlgorithm) throws {}
}

/// What the access tokens of a server say, for a reader that others wrote.
private struct ForeignClaims: JWTPayload {
  let sub: String
  let aud: AudienceClaim
  let exp: ExpirationClaim

  func verify(using algorithm: some JWTAlgorithm) throws { try exp.verifyNotExpired() }
}

@Suite struct TokenTests {
  private func part(_ text: String) -> String { url(Data(text.utf8)) }

  private func url(_ data: Data) -> String {
    String(data.base64EncodedString().prefix { $0 != "=" })
      .replacing("+", with: "-").replacing("/", with: "_")
  }

  private func decoded(_ part: Substring) throws -> [String: Any] {
    var text = part.replacing("-", with: "+").replacing("_", with: "/")
    while text.count % 4 != 0 { text += "=" }
    let data = try #require(Data(base64Encoded: String(text)))
    return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
  }

  private func status(_ server: TestServer, _ token: String) async throws -> Int {
    try await server.send("GET", "/api/users/me", token: token).status
  }

  @Test("A01 a token with alg none, an empty signature or a wrong number of parts is refused")
  func algNone() async throws {
    try await TestServer.run { (server) async throws in
      let token = try await server.signUp("Ada").token
      let parts = token.split(separator: ".").map(String.init)
      let kid = try #require(try decoded(Substring(parts[0]))["kid"] as? String)
      for alg in ["none", "None", "nOnE", "RS256", "HS512", "hs256", ""] {
        let header = part(#"{"alg":"\#(alg)","kid":"\#(kid)","typ":"JWT"}"#)
        #expect(try await status(server, "\(header).\(parts[1]).\(parts[2])") == 401)
        #expect(try await status(server, "\(header).\(parts[1]).") == 401)
      }
      for broken in [
        "\(parts[0]).\(parts[1]).", "\(parts[0]).\(parts[1])", token + ".x.y", "..", "...", "x",
        "\(parts[0])..\(parts[2])", token + "A", token + "=",
      ] {
        #expect(try await status(server, broken) == 401, "\(broken)")
      }
      #expect(try await status(server, token) == 200)
    }
  }

  @Test("A01 any changed character makes a token invalid")
  func changedCharacter() async throws {
    try await TestServer.run { (server) async throws in
      let token = try await server.signUp("Ada").token
      for index in stride(from: 0, to: token.utf8.count, by: 17) {
        var bytes = Array(token.utf8)
        bytes[index] = bytes[index] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
        #expect(try await status(server, String(decoding: bytes, as: UTF8.self)) == 401)
      }
    }
  }

  /// The key with which a server signs.
  private func key(_ server: TestServer) async throws -> SigningKey {
    let records = try await Collection(SigningKeyRecord.self, in: server.documents).find(limit: 10)
    let record = try #require(records.first)
    return try #require(await SigningKey(record, secret: server.settings.auth.secret))
  }

  @Test("A03 a header cannot bring or choose a key")
  func headerTricks() async throws {
    try await TestServer.run { (server) async throws in
      let good = try await server.signUp("Ada").token.split(separator: ".").map(String.init)
      let key = try await key(server)
      let kid = key.record.keyID
      func signed(_ header: String) throws -> String {
        let text = part(header) + "." + good[1]
        return text + "." + Base64.url.text(try key.privateKey.signature(for: Data(text.utf8)))
      }
      let ours = #"{"alg":"EdDSA","kid":"\#(kid)","typ":"JWT"}"#
      // Our own header before the same claims works; so what follows fails by its header.
      #expect(try await status(server, try signed(ours)) == 200)
      for header in [
        #"{"alg":"EdDSA","kid":"../../dev/null","typ":"JWT"}"#,
        #"{"alg":"EdDSA","kid":"' OR 1=1","typ":"JWT"}"#,
        #"{"alg":"EdDSA","kid":{"$ne":""},"typ":"JWT"}"#, #"{"alg":"EdDSA","typ":"JWT"}"#,
        #"{"alg":"EdDSA","kid":"\#(kid)"}"#, #"{"alg":"Ed25519","kid":"\#(kid)","typ":"JWT"}"#,
        #"{"alg":"EdDSA","kid":"\#(kid)","typ":"JWT","crit":["exp"]}"#,
        #"{"alg":"EdDSA","kid":"\#(kid)","typ":"JWT","jku":"https://example.org/key"}"#,
        #"{"alg":"EdDSA","kid":"\#(kid)","typ":"JWT","jwk":{"kty":"OKP","crv":"Ed25519","x":"AA"}}"#,
        #"{"alg":"EdDSA","kid":"\#(kid)","typ":"JWT","alg":"EdDSA"}"#, "", "{}", "[]", "null",
      ] {
        #expect(try await status(server, try signed(header)) == 401, "\(header)")
      }
    }
  }

  @Test("A01 the public key is no secret that an HMAC could be made with")
  func publicKeyAsSecret() async throws {
    try await TestServer.run { (server) async throws in
      let good = try await server.signUp("Ada").token
      let published = try await server.send("GET", "/.well-known/jwks.json")
      let key = try #require(try published.json["keys"]?[0])
      let (x, kid) = (try #require(key["x"]?.text), try #require(key["kid"]?.text))
      let payload = try decoded(good.split(separator: ".")[1])
      var fields: [String: JWTHeaderField] = [:]
      for (name, value) in payload {
        fields[name] = (value as? Int).map { .int($0) } ?? .string("\(value)")
      }
      for secret in [
        Array(x.utf8), try #require(Base64.url.bytes(x.utf8)), server.settings.auth.secret.bytes,
      ] {
        let keys = JWTKeyCollection()
        await keys.add(hmac: HMACKey(from: secret), digestAlgorithm: .sha256)
        for header: JWTHeader in [
          ["kid": .string(kid)], ["kid": .string(kid), "alg": .string("EdDSA")],
        ] {
          let forged = try await keys.sign(AnyClaims(fields), header: header)
          #expect(try await status(server, forged) == 401)
        }
      }
    }
  }

  @Test("B2 others read our tokens with the published keys alone")
  func foreignReader() async throws {
    try await TestServer.run { (server) async throws in
      let ada = try await server.signUp("Ada")
      let published = try await server.send("GET", "/.well-known/jwks.json")
      #expect(published.status == 200)
      #expect(published.headers["cache-control"] == "public, max-age=300")
      #expect(
        try published.json["keys"]?[0]?.names == ["kty", "crv", "use", "alg", "kid", "x"])
      let keys = JWTKeyCollection()
      try await keys.add(jwksJSON: String(decoding: published.body, as: UTF8.self))
      let claims = try await keys.verify(ada.token, as: ForeignClaims.self)
      #expect(claims.sub == ada.id)
      #expect(claims.aud.value == ["chat-archive-service/api"])
      await #expect(throws: (any Error).self) {
        _ = try await keys.verify(String(ada.token.dropLast(4)) + "AAAA", as: ForeignClaims.self)
      }
    }
  }

  /// Signs the claims of a good token, with some of them changed, with the server's own key.
  private func forged(
    _ server: TestServer, _ good: String, _ change: (inout [String: JWTHeaderField]) -> Void
  ) async throws -> String {
    var fields: [String: JWTHeaderField] = [:]
    for (name, value) in try decoded(good.split(separator: ".")[1]) {
      fields[name] = (value as? Int).map { .int($0) } ?? .string("\(value)")
    }
    change(&fields)
    let key = try await key(server)
    let text = key.header + "." + url(try JSONEncoder().encode(AnyClaims(fields)))
    return text + "." + Base64.url.text(try key.privateKey.signature(for: Data(text.utf8)))
  }

  @Test("A06 a time that is no sane number is refused and traps nothing")
  func hostileTimes() async throws {
    try await TestServer.run { (server) async throws in
      let good = try await server.signUp("Ada").token
      let present = Int(Date().timeIntervalSince1970)
      let values: [JWTHeaderField?] = [
        .string("\(present + 60)"), .decimal(1e308), .decimal(-1e308), .int(-1), .int(0),
        .int(.max), .int(.min), .int(1_000_000_000_000), .decimal(0.5), .bool(true), .null, nil,
        .array([]), .object([:]),
      ]
      for value in values {
        for name in ["exp", "iat"] {
          let token = try await forged(server, good) { $0[name] = value }
          #expect(try await status(server, token) == 401, "\(name) \(String(describing: value))")
        }
      }
      let fine = try await forged(server, good) { _ in }
      #expect(try await status(server, fine) == 200)
    }
  }

  @Test("A08 a token of another purpose, service or user is refused")
  func otherPurpose() async throws {
    try await TestServer.run { (server) async throws in
      let good = try await server.signUp("Ada").token
      let bob = try await server.signUp("Bob")
      for (name, value) in [
        ("typ", "download"), ("aud", "somewhere else"), ("iss", "somebody"), ("sub", bob.id),
        ("sub", "x"), ("sid", "01ARZ3NDEKTSV4RRFFQ69G5FAV"), ("role", "root"),
      ] {
        let token = try await forged(server, good) { $0[name] = .string(value) }
        #expect(try await status(server, token) == 401, "\(name) \(value)")
      }
      for name in ["typ", "aud", "iss", "sub", "sid"] {
        let token = try await forged(server, good) { $0[name] = nil }
        #expect(try await status(server, token) == 401, "no \(name)")
      }
    }
  }

  @Test("C03 a token issued up to a minute ahead of our clock is taken, and none after its end")
  func leeway() async throws {
    try await TestServer.run { (server) async throws in
      let good = try await server.signUp("Ada").token
      server.clock.advance(by: .seconds(-50))
      #expect(try await status(server, good) == 200)
      server.clock.advance(by: .seconds(-50))
      #expect(try await status(server, good) == 401)
      server.clock.advance(by: .seconds(100 + 860))
      #expect(try await status(server, good) == 200)
      server.clock.advance(by: .seconds(60))
      #expect(try await status(server, good) == 401)
    }
  }

  @Test("A01 a token of more than 4 KiB is refused")
  func hugeToken() async throws {
    try await TestServer.run { (server) async throws in
      #expect(try await status(server, String(repeating: "A", count: 5000)) == 401)
    }
  }

  @Test(
    "A01 only one bearer token counts",
    arguments: ["Basic abc", "Bearer", "Bearer ", "bearer\tx", "Token x", "", "Bearer a b"])
  func otherSchemes(value: String) async throws {
    try await TestServer.run { (server) async throws in
      let reply = try await server.send(
        "GET", "/api/users/me", headers: ["Authorization: \(value)"])
      #expect(reply.status == 401)
      #expect(reply.headers["www-authenticate"] == "Bearer")
    }
  }
}
