// How texts and dates stand in headers.

import Foundation
import Testing

@testable import SMTPClient

@Suite struct HeaderTextTests {
  @Test("plain ASCII stands as it is")
  func plain() {
    #expect(HeaderText.unstructured("Confirm your address") == "Confirm your address")
  }

  @Test("other scripts become encoded words, none of which divides a character")
  func words() {
    #expect(HeaderText.unstructured("Привет") == "=?UTF-8?B?0J/RgNC40LLQtdGC?=")
    let long = HeaderText.unstructured(String(repeating: "ж€😀", count: 40))
    let lines = long.components(separatedBy: "\r\n ")
    #expect(lines.count > 1)
    for line in lines {
      #expect(line.utf8.count <= 75 && line.hasPrefix("=?UTF-8?B?") && line.hasSuffix("?="))
      #expect(
        Decoding.base64(line.dropFirst(10).dropLast(2)).flatMap {
          String(validating: $0, as: UTF8.self)
        } != nil)
    }
  }

  @Test(
    "A16 no text begins a header of its own",
    arguments: ["a\r\nBcc: x@y", "a\nb", "a\rb", "a\u{2028}b", "a\u{85}b", "a\u{0B}b", "\0"])
  func injection(_ text: String) {
    for line in [
      HeaderText.unstructured(text), HeaderText.mailbox(MailBox(Self.address, name: text)),
    ] {
      let parts = line.components(separatedBy: "\r\n")
      #expect(parts.dropFirst().allSatisfy { $0.hasPrefix(" ") })
      #expect(!parts.joined().utf8.contains { $0 < 0x20 || $0 >= 0x7F })
      #expect(!line.contains("\r\nBcc"))
    }
  }

  @Test("what looks like an encoded word is not taken for one")
  func lookalike() {
    #expect(HeaderText.unstructured("=?UTF-8?B?QQ==?=").hasPrefix("=?UTF-8?B?PT9"))
  }

  @Test("names are quoted, and encoded where quoting is not enough")
  func names() {
    func text(_ name: String) -> String { HeaderText.mailbox(MailBox(Self.address, name: name)) }
    #expect(text("") == "a@b.org")
    #expect(text("  ") == "a@b.org")
    #expect(text("Chat, Inc.") == "\"Chat, Inc.\" <a@b.org>")
    #expect(text("a\"b") == "=?UTF-8?B?YSJi?=\r\n <a@b.org>")
    #expect(text("x <c@d>") == "\"x <c@d>\" <a@b.org>")
  }

  @Test(
    "dates are those of RFC 5322",
    arguments: [
      (0, "Thu, 01 Jan 1970 00:00:00 +0000"), (1_795_257_120, "Sat, 21 Nov 2026 10:32:00 +0000"),
      (951_782_400, "Tue, 29 Feb 2000 00:00:00 +0000"),
      (Int64.max, "Fri, 31 Dec 9999 23:59:59 +0000"),
      (Int64.min, "Thu, 01 Jan 1970 00:00:00 +0000"),
    ])
  func dates(_ seconds: Int64, _ text: String) {
    #expect(HeaderDate.text(seconds) == text)
  }

  private static let address: MailAddress = {
    guard let address = MailAddress("a@b.org") else { preconditionFailure("no address") }
    return address
  }()
}
