// Where settings come from, and what is said when they are wrong.

import ArchiveCore
import ArchiveService
import Foundation
import Logging
import Testing

@testable import archive_service

@Suite("Configuration")
struct ConfigurationTests {
  private let scratch: ScratchDirectory

  init() throws { scratch = try ScratchDirectory() }

  private func read(
    flags: [(key: String, value: String)] = [], environment: [String: String] = [:],
    file: String? = nil
  ) async throws -> Settings {
    let path = try file.map { try scratch.file("settings.yaml", $0) }
    return try await SettingsReader(flags: flags, environment: environment, file: path).settings()
  }

  private func problems(
    flags: [(key: String, value: String)] = [], environment: [String: String] = [:],
    file: String? = nil
  ) async throws -> String {
    do {
      _ = try await read(flags: flags, environment: environment, file: file)
      return "none"
    } catch let error as ConfigurationError {
      return error.description
    }
  }

  @Test("without anything set the defaults of api.md hold")
  func defaults() async throws {
    let settings = try await read()
    #expect(settings.service.http.host == "127.0.0.1")
    #expect(settings.service.http.port == 8080)
    #expect(settings.service.http.publicURL == nil)
    #expect(settings.dataDirectory == "./data")
    #expect(settings.authSecret == nil)
    #expect(settings.service.auth.accessTokenLifetime == .seconds(900))
    #expect(settings.service.auth.refreshTokenLifetime == .seconds(30 * 86_400))
    #expect(settings.log.idle == .seconds(20))
    #expect(settings.log.maxAge == .seconds(300))
    #expect(settings.log.maxBytes == 1 << 20)
    #expect(settings.log.window == .seconds(5))
    #expect(settings.logLevel == .info)
    #expect(settings.logFormat == .text)
  }

  @Test("flags win over the environment, and that over the file")
  func precedence() async throws {
    let file = "http:\n  port: 1\n  host: file\ndata:\n  directory: file\n"
    let environment = ["ARCHIVE_HTTP_PORT": "2", "ARCHIVE_HTTP_HOST": "environment"]
    let settings = try await read(
      flags: [("http.port", "3")], environment: environment, file: file)
    #expect(settings.service.http.port == 3)
    #expect(settings.service.http.host == "environment")
    #expect(settings.dataDirectory == "file")
  }

  @Test("every key can be set from the environment under its documented name")
  func environmentNames() async throws {
    let settings = try await read(environment: [
      "ARCHIVE_HTTP_PUBLICURL": "https://chat.example.org", "ARCHIVE_ARCHIVE_MAXBYTES": "64KiB",
      "ARCHIVE_AUTH_ACCESSTOKENLIFETIME": "90s", "ARCHIVE_ARCHIVE_CLIENTIDMEMORY": "1d",
      "ARCHIVE_LOG_FORMAT": "json",
    ])
    #expect(settings.service.http.publicURL == "https://chat.example.org")
    #expect(settings.log.maxBytes == 64 << 10)
    #expect(settings.service.auth.accessTokenLifetime == .seconds(90))
    #expect(settings.log.clientIDMemory == .seconds(86_400))
    #expect(settings.logFormat == .json)
  }

  @Test("ARCHIVE_CONFIG names the file, and --config wins over it")
  func fileNames() async throws {
    let one = try scratch.file("one.yaml", "http: {port: 1}")
    let two = try scratch.file("two.yaml", "http: {port: 2}")
    let environment = ["ARCHIVE_CONFIG": one]
    let first = try await SettingsReader(environment: environment).settings()
    let second = try await SettingsReader(environment: environment, file: two).settings()
    #expect(first.service.http.port == 1)
    #expect(second.service.http.port == 2)
  }

  @Test(
    "a file may be empty, hold comments only, or a section without keys",
    arguments: ["", "# nothing\n\n---\n", "http:\n  # port: 1\nlog:\n  level: debug\n"])
  func emptyFiles(_ text: String) async throws {
    #expect(try await problems(file: text) == "none")
  }

  @Test("an unknown key in the file is named")
  func unknownKey() async throws {
    let text = try await problems(file: "http:\n  prot: 8080\n")
    #expect(text.contains("there is no setting http.prot"))
    #expect(text.contains("settings.yaml"))
    #expect(text.contains("http.port"))
  }

  @Test("an unknown variable is named, and those of tests are left alone")
  func unknownVariable() async throws {
    let text = try await problems(environment: ["ARCHIVE_HTTP_PROT": "1"])
    #expect(text.contains("ARCHIVE_HTTP_PROT"))
    let others = ["ARCHIVE_SEED": "1", "ARCHIVE_DIFFERENTIAL_OPERATIONS": "1", "HTTP_PORT": "x"]
    #expect(try await problems(environment: others) == "none")
  }

  @Test(
    "settings of later features are refused",
    arguments: ["telegram.token", "telegram.adminChat"])
  func laterKeys(_ name: String) async throws {
    let expected = "\(name) is not supported by this version"
    #expect(try await problems(flags: [(name, "x")]).contains(expected))
    let variable = "ARCHIVE_" + name.uppercased().replacing(".", with: "_")
    let text = try await problems(environment: [variable: "x"])
    #expect(text.contains("\(variable) is not supported by this version"))
  }

  @Test(
    "a bad value is named with its key, where it is from, and what is allowed",
    arguments: [
      ("http.port", "65536", "0 to 65535"), ("http.port", "-1", "0 to 65535"),
      ("http.port", "+80", "0 to 65535"), ("http.port", "99999999999999999999", "0 to 65535"),
      ("http.port", "", "0 to 65535"), ("archive.idle", "20", "20s"),
      ("archive.idle", "20 s", "20s"), ("archive.idle", "9223372036854775807d", "20s"),
      ("archive.maxBytes", "1MB", "1MiB"), ("archive.maxBytes", "9999999999GiB", "1MiB"),
      ("log.level", "loud", "trace, debug, info"), ("log.format", "xml", "text, json"),
      ("http.publicURL", "ftp://x", "https://"), ("http.publicURL", "chat.example.org", "https://"),
      ("http.host", "", "an address"), ("data.directory", "", "path"),
      ("auth.passwordCost", "64", "4 to 20"),
    ])
  func badValues(_ key: String, _ value: String, _ allowed: String) async throws {
    let text = try await problems(flags: [(key, value)])
    #expect(text.contains("\(key) does not take this value value=`\(value)`"))
    #expect(text.contains("the command line"))
    #expect(text.contains(allowed))
    let setting = try #require(SettingTable.byName[key])
    let fromEnvironment = try await problems(environment: [setting.environmentName: value])
    #expect(fromEnvironment.contains("(from \(setting.environmentName))"))
  }

  @Test("a list in the place of a value is refused")
  func listForValue() async throws {
    let text = try await problems(file: "http:\n  port: [1, 2]\n")
    #expect(text.contains("http.port does not take this value"))
    #expect(text.contains("settings.yaml"))
  }

  @Test("a secret that is too short is refused without being shown")
  func shortSecret() async throws {
    for text in [
      try await problems(environment: ["ARCHIVE_AUTH_SECRET": "hunter2"]),
      try await problems(flags: [("auth.secret", "hunter2")]),
      try await problems(file: "auth:\n  secret: hunter2\n"),
    ] {
      #expect(text.contains("auth.secret"))
      #expect(text.contains("32 bytes"))
      #expect(!text.contains("hunter2"))
    }
  }

  @Test("a good secret is kept, and prints as stars")
  func goodSecret() async throws {
    let secret = String(repeating: "s", count: 32)
    let settings = try await read(environment: ["ARCHIVE_AUTH_SECRET": secret])
    #expect(settings.authSecret?.bytes == Array(secret.utf8))
    #expect(!"\(settings)".contains(secret))
  }

  @Test("contradictions are told with both keys")
  func contradictions() async throws {
    let text = try await problems(flags: [("archive.idle", "10m")])
    #expect(text.contains("archive.idle") && text.contains("archive.maxAge"))
    let lifetimes = try await problems(flags: [("auth.refreshTokenLifetime", "5m")])
    #expect(lifetimes.contains("auth.refreshTokenLifetime"))
  }

  @Test("all that is wrong is told at once")
  func allAtOnce() async throws {
    let text = try await problems(
      flags: [("http.port", "x")], environment: ["ARCHIVE_NO": "1"], file: "nothing: 1\n")
    #expect(text.split(separator: "\n").count == 3)
  }

  @Test("a file that is missing, or no YAML, is named")
  func unusableFiles() async throws {
    let reader = SettingsReader(file: scratch.path + "/none.yaml")
    let error = await #expect(throws: ConfigurationError.self) { try await reader.settings() }
    #expect(error?.description.contains("none.yaml does not exist") == true)
    #expect(try await problems(file: "http: [\n").contains("no usable YAML"))
    #expect(try await problems(file: "- 1\n- 2\n").contains("no usable YAML"))
  }

  @Test(
    "durations and sizes read back as they are written",
    arguments: [
      ("500ms", Duration.milliseconds(500)), ("20s", .seconds(20)), ("5m", .seconds(300)),
      ("12h", .seconds(43_200)), ("30d", .seconds(2_592_000)), ("0s", .zero),
    ])
  func durations(_ text: String, _ duration: Duration) {
    #expect(DurationForm.duration(text) == duration)
    #expect(DurationForm.text(duration) == text)
  }

  @Test("config/example.yaml documents every setting with its default and meaning")
  func example() async throws {
    let path = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "config/example.yaml").path
    let expected = ExampleFile.text
    if ProcessInfo.processInfo.environment["ARCHIVE_TEST_WRITE_EXAMPLE"] != nil {
      try expected.write(toFile: path, atomically: true, encoding: .utf8)
    }
    let text = try String(contentsOfFile: path, encoding: .utf8)
    #expect(text == expected, "write it anew with ARCHIVE_TEST_WRITE_EXAMPLE=1 ./dev test")
    _ = try await SettingsReader(file: path).settings()
  }
}
