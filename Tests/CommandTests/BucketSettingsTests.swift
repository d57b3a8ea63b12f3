// What an operator may say about the bucket, and what contradicts itself.

import ArchiveService
import CurlHTTP
import Foundation
import S3Client
import S3Store
import Testing

@testable import archive_service

@Suite("Settings of the bucket")
struct BucketSettingsTests {
  private static let whole = [
    "ARCHIVE_S3_ENDPOINT": "https://s3.example.org:9000", "ARCHIVE_S3_BUCKET": "chat",
    "ARCHIVE_S3_ACCESSKEY": "the access key", "ARCHIVE_S3_SECRETKEY": "hunter/2+secret=",
  ].merging(["ARCHIVE_S3_ACCESSKEY": "the-access-key"]) { $1 }

  private func problems(_ environment: [String: String]) async -> String {
    do {
      _ = try await SettingsReader(environment: environment).settings()
      return "none"
    } catch {
      return error.description
    }
  }

  @Test("endpoint, bucket and keys make a client; the rest has defaults that suit most servers")
  func whole() async throws {
    let settings = try await SettingsReader(environment: Self.whole).settings()
    let (client, bucket) = try #require(settings.s3.client)
    #expect(bucket == "chat")
    #expect(client.endpoint.description == "https://s3.example.org:9000")
    #expect(client.addressing == .path)
    #expect(client.region == "us-east-1")
    #expect(client.signsPayload)
    #expect(client.publicEndpoint == nil)
    #expect(settings.s3.conditionalWrites.forStore == .probe)
    #expect(try await SettingsReader().settings().s3.client == nil)
  }

  @Test("every setting of the bucket arrives where it belongs")
  func everySetting() async throws {
    let settings = try await SettingsReader(
      flags: [
        ("s3.publicEndpoint", "https://files.example.org"), ("s3.region", "eu-west-1"),
        ("s3.prefix", "chat/eu/"), ("s3.sessionToken", "token"), ("s3.pathStyle", "false"),
        ("s3.conditionalWrites", "off"), ("s3.signsPayload", "false"), ("s3.partBytes", "16MiB"),
        ("s3.parallelParts", "2"), ("s3.connectionLimit", "8"), ("s3.connectTimeout", "2s"),
        ("s3.answerTimeout", "7s"), ("s3.caFile", "/etc/ca.pem"), ("s3.proxy", "http://proxy:3128"),
      ], environment: Self.whole
    ).settings()
    let client = try #require(settings.s3.client).settings
    #expect(client.publicEndpoint?.description == "https://files.example.org")
    #expect(client.region == "eu-west-1")
    #expect(settings.s3.prefix == "chat/eu/")
    #expect(client.addressing == .virtualHost)
    #expect(settings.s3.conditionalWrites.forStore == .unsupported)
    #expect(!client.signsPayload)
    #expect(client.partBytes == 16 << 20 && client.parallelParts == 2)
    #expect(client.http.connectionLimit == 8)
    #expect(client.http.deadlines.connect == .seconds(2))
    #expect(client.http.deadlines.firstByte == .seconds(7))
    #expect(client.http.certificateAuthorityFile == "/etc/ca.pem")
    #expect(client.http.proxy == "http://proxy:3128")
  }

  @Test("keys print as stars, and are not shown when they are wrong")
  func secrets() async throws {
    let settings = try await SettingsReader(environment: Self.whole).settings()
    var dumped = ""
    dump(settings, to: &dumped)
    for text in ["\(settings)", dumped] {
      #expect(!text.contains("the-access-key") && !text.contains("hunter"))
    }
    for name in ["ARCHIVE_S3_ACCESSKEY", "ARCHIVE_S3_SECRETKEY", "ARCHIVE_S3_SESSIONTOKEN"] {
      let text = await problems(Self.whole.merging([name: "hunter 2"]) { $1 })
      #expect(text.contains("allowed: a text") && !text.contains("hunter"))
    }
  }

  @Test(
    "an endpoint without what a bucket needs is refused, and says which",
    arguments: ["s3.bucket", "s3.accessKey", "s3.secretKey"])
  func incomplete(_ name: String) async throws {
    let setting = try #require(SettingTable.byName[name])
    var environment = Self.whole
    environment[setting.environmentName] = nil
    #expect(
      await problems(environment) == "s3.endpoint is set without \(name), which a bucket needs")
  }

  @Test(
    "settings of a bucket without its endpoint are refused, and say which",
    arguments: [
      ("s3.bucket", "chat"), ("s3.accessKey", "key"), ("s3.secretKey", "key"),
      ("s3.prefix", "a/"), ("s3.publicEndpoint", "https://a"), ("s3.caFile", "/x"),
      ("s3.proxy", "http://a"), ("s3.sessionToken", "t"),
    ])
  func withoutEndpoint(_ name: String, _ value: String) async throws {
    let setting = try #require(SettingTable.byName[name])
    let text = await problems([setting.environmentName: value])
    #expect(text.hasPrefix("\(name) is set without s3.endpoint"))
  }

  @Test("what only https can do is refused with http")
  func httpOnly() async throws {
    let plain = Self.whole.merging(["ARCHIVE_S3_ENDPOINT": "http://127.0.0.1:9000"]) { $1 }
    #expect(await problems(plain) == "none")
    let text = await problems(
      plain.merging(["ARCHIVE_S3_SIGNSPAYLOAD": "false", "ARCHIVE_S3_CAFILE": "/x"]) { $1 })
    #expect(text.contains("s3.signsPayload") && text.contains("s3.caFile"))
  }

  @Test(
    "a bad value is named with what is allowed",
    arguments: [
      ("s3.endpoint", "s3.example.org"), ("s3.endpoint", "ftp://x"),
      ("s3.endpoint", "https://user:secret@x"), ("s3.endpoint", "https://x?y=1"),
      ("s3.bucket", "ab"), ("s3.bucket", "UPPER"), ("s3.bucket", "a/b"), ("s3.prefix", "a"),
      ("s3.prefix", "/"), ("s3.prefix", "a//"), ("s3.prefix", "../"), ("s3.prefix", "ä/"),
      ("s3.pathStyle", "yes"), ("s3.pathStyle", ""), ("s3.conditionalWrites", "on"),
      ("s3.partBytes", "4MiB"), ("s3.parallelParts", "0"), ("s3.proxy", "proxy:3128"),
    ])
  func badValues(_ name: String, _ value: String) async throws {
    let setting = try #require(SettingTable.byName[name])
    let text = await problems([setting.environmentName: value])
    #expect(text.contains("\(name) does not take this value"))
    #expect(text.contains(setting.allowed))
  }

  @Test("true and false may be written plainly in the file")
  func plainFlags() async throws {
    let scratch = try ScratchDirectory()
    let file = try scratch.file(
      "s3.yaml",
      "s3: {endpoint: https://x, bucket: chat, accessKey: a, secretKey: b, pathStyle: false, parallelParts: 3}"
    )
    let settings = try await SettingsReader(file: file).settings()
    #expect(settings.s3.client?.settings.addressing == .virtualHost)
    #expect(settings.s3.parallelParts == 3)
  }
}
