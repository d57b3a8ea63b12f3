// Mails as they go over the wire.

import Foundation
import MailTesting
import Testing

@testable import SMTPClient

@Suite struct MailMessageTests {
  private func message() throws -> MailMessage {
    MailMessage(
      from: try #require(MailBox("Chat <chat@example.org>")),
      to: [try #require(MailBox("ada@example.org"))], subject: "Hello", text: "Hi\n",
      html: "<p>Hi</p>\n",
      date: 1_795_257_120, id: "01M7", language: "en")
  }

  @Test("a mail with two forms is a multipart/alternative, the page last")
  func whole() throws {
    let text = String(decoding: try message().bytes(), as: UTF8.self)
    #expect(
      text == """
        Date: Sat, 21 Nov 2026 10:32:00 +0000\r
        From: "Chat" <chat@example.org>\r
        To: ada@example.org\r
        Subject: Hello\r
        Message-ID: <01M7@example.org>\r
        MIME-Version: 1.0\r
        Auto-Submitted: auto-generated\r
        Content-Language: en\r
        Content-Type: multipart/alternative; boundary="=_alternative"\r
        \r
        --=_alternative\r
        Content-Type: text/plain; charset=utf-8\r
        Content-Transfer-Encoding: quoted-printable\r
        \r
        Hi\r
        \r
        --=_alternative\r
        Content-Type: text/html; charset=utf-8\r
        Content-Transfer-Encoding: quoted-printable\r
        \r
        <p>Hi</p>\r
        \r
        --=_alternative--\r

        """)
  }

  @Test("somebody else's program reads what was written, in any script")
  func foreign() async throws {
    var message = try message()
    message.from = try #require(MailBox("Чат «Ромашка» <chat@example.org>"))
    message.subject =
      "Подтвердите адрес, пожалуйста: это очень длинная тема, которая не помещается в строку"
    message.text = ".\n..\nFrom here\n--=_alternative\n\nПривет, Ада! 😀 = \t\n"
    message.html = "<p>a &amp; b</p>\n" + String(repeating: "long ", count: 400) + "\n"
    message.to.append(try #require(MailBox("Ада <ada2@example.org>")))
    let read = try await ReadMail(try message.bytes())
    #expect(read.defects == [])
    #expect(read.headers["subject"] == message.subject)
    #expect(read.headers["from"] == "Чат «Ромашка» <chat@example.org>")
    #expect(read.headers["to"] == "ada@example.org, Ада <ada2@example.org>")
    #expect(read.headers["message-id"] == "<01M7@example.org>")
    #expect(read.parts.map(\.type) == ["text/plain", "text/html"])
    #expect(read.text == message.text)
    #expect(read.html == message.html)
  }

  @Test("A16 whatever the fields hold, the headers are ours and no others")
  func injection() async throws {
    var message = try message()
    let evil =
      "x\r\nBcc: victim@example.org\r\n\r\n<script>\n.\r\nMAIL FROM:<x@y>\r\n--=_alternative--"
    message.subject = evil
    message.text = evil
    message.html = evil
    message.from = MailBox(message.from.address, name: evil)
    message.language = "en\r\nBcc: x@y"
    let bytes = try message.bytes()
    let lines = String(decoding: bytes, as: UTF8.self).components(separatedBy: "\r\n")
    #expect(
      !lines.contains { $0.lowercased().hasPrefix("bcc") }
        || lines.firstIndex { $0.hasPrefix("Bcc") } ?? 0 > lines.firstIndex(of: "") ?? 0)
    #expect(!lines.contains { $0.hasPrefix(".") })
    let read = try await ReadMail(bytes)
    #expect(
      Set(read.headers.keys) == [
        "date", "from", "to", "subject", "message-id", "mime-version", "auto-submitted",
        "content-type",
      ])
    #expect(read.defects == [])
    #expect(read.parts.count == 2)
    #expect(read.text == evil.replacing("\r\n", with: "\n"))
  }

  @Test("a mail without recipients, or with an id that is none, is refused")
  func refused() throws {
    var message = try message()
    message.to = []
    #expect(throws: SMTPError.self) { try message.bytes() }
    message = try self.message()
    for id in ["", "a b", "a@b", "a\r\nb", "é", "a>"] {
      message.id = id
      #expect(throws: SMTPError.self) { try message.bytes() }
    }
  }
}
