// The settings of mail and alerts, and what failures mean.

import ArchiveService
import SMTPClient
import Testing

@testable import archive_service

@Suite struct MailSettingsTests {
  private static let good = [
    "ARCHIVE_MAIL_URL": "smtp://ada:hunter2@mail.example.org:2525",
    "ARCHIVE_MAIL_FROM": "Чат <chat@example.org>",
    "ARCHIVE_HTTP_PUBLICURL": "https://x.example.org",
    "ARCHIVE_ALERTS_TO": "a@example.org, b@example.org",
  ]

  private func problems(_ change: [String: String?]) async throws -> String {
    var environment = Self.good
    for (key, value) in change { environment[key] = value }
    do throws(ConfigurationError) {
      _ = try await SettingsReader(environment: environment).settings()
      return "none"
    } catch {
      return error.description
    }
  }

  @Test("what is set is used")
  func good() async throws {
    let settings = try await SettingsReader(environment: Self.good).settings()
    let (client, from) = try #require(settings.mail.client)
    #expect(client.server.place == "smtp://mail.example.org:2525")
    #expect(client.encryption == .automatic && client.helloName == "example.org")
    #expect(from.address.text == "chat@example.org")
    #expect(settings.service.mail.siteName == "Чат")
    #expect(settings.service.alerts.to == ["a@example.org", "b@example.org"])
    #expect(!"\(settings)".contains("hunter2"))
    var shown = ""
    dump(settings, to: &shown)
    #expect(!shown.contains("hunter2"))
  }

  @Test(
    "what is missing, pointless or unsafe is told with the keys",
    arguments: [
      (["ARCHIVE_MAIL_URL": nil], "alerts.to is set without mail.url"),
      (["ARCHIVE_MAIL_FROM": nil], "mail.url is set without mail.from"),
      (["ARCHIVE_HTTP_PUBLICURL": nil], "mail.url is set without http.publicURL"),
      (["ARCHIVE_MAIL_STARTTLS": "never"], "cross the network for all to read"),
      (["ARCHIVE_MAIL_STARTTLS": "maybe"], "one of automatic, required, never"),
      (["ARCHIVE_MAIL_FROM": "Чат"], "mail.from does not take this value"),
      (["ARCHIVE_MAIL_FROM": "a@b\r\nBcc: x@y"], "mail.from does not take this value"),
      (["ARCHIVE_ALERTS_TO": "a@b, "], "alerts.to does not take this value"),
      (["ARCHIVE_MAIL_TIMEOUT": "90s"], "mail.timeout does not take this value"),
    ] as [([String: String?], String)])
  func problems(_ change: [String: String?], _ expected: String) async throws {
    #expect(try await problems(change).contains(expected))
  }

  @Test("a URL that is none is refused without being shown")
  func secretURL() async throws {
    let text = try await problems(["ARCHIVE_MAIL_URL": "http://ada:hunter2@mail.example.org"])
    #expect(text.contains("mail.url does not take this value"))
    #expect(!text.contains("hunter2"))
  }

  @Test(
    "only what concerns one recipient or one message is for good; the rest waits",
    arguments: [
      (.refused, .recipient, 550, "5.1.1", .refused), (.refused, .recipient, 550, nil, .refused),
      (.refused, .recipient, 550, "5.7.1", .later), (.refused, .body, 554, "5.7.1", .refused),
      (.refused, .sender, 552, nil, .refused), (.refused, .sender, 550, nil, .away),
      (.refused, .hello, 554, nil, .away), (.later, .recipient, 451, nil, .later),
      (.later, .body, 452, nil, .later), (.later, .recipient, 421, nil, .away),
      (.later, .sender, 451, nil, .away), (.notSignedIn, .signIn, 535, nil, .away),
      (.unreachable, .connecting, nil, nil, .away), (.untrusted, .startTLS, nil, nil, .away),
      (.broken, .body, nil, nil, .away), (.invalidMessage, nil, nil, nil, .refused),
      (.busy, nil, nil, nil, .away), (.closed, nil, nil, nil, .away),
      (.cancelled, .sender, nil, nil, .away),
    ] as [(SMTPError.Kind, SMTPStage?, Int?, String?, MailError.Kind)])
  func meaning(
    _ kind: SMTPError.Kind, _ stage: SMTPStage?, _ code: Int?, _ status: String?,
    _ meaning: MailError.Kind
  ) {
    let reply = code.map { SMTPReply(code: $0, status: status) }
    #expect(MailError(SMTPError(kind, "x", stage: stage, reply: reply)).kind == meaning)
  }
}
