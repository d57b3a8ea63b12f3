// What may stand in an envelope and in a header.

import Testing

@testable import SMTPClient

@Suite struct MailAddressTests {
  @Test(
    "ordinary addresses are taken as they are",
    arguments: [
      "ada@example.org", "a.b+c@x.example.org", "o'hara@example.org", "юзер@example.org",
      "root@localhost",
      "a@xn--80ak6aa92e.xn--p1ai",
    ])
  func good(_ text: String) {
    #expect(MailAddress(text)?.text == text)
  }

  @Test(
    "A16 what could end a command or a header is refused",
    arguments: [
      "", "@", "a@", "@b", "a", "a b@c", "a@b c", "a@b\r\nBcc: x@y", "a\r\n@b", "a\n@b", "a\0@b",
      "a>@b", "<a@b>", "a@b> SIZE=1", "a,b@c", "a;b@c", "a:b@c", "\"a b\"@c", "a(b)@c", "a\\@b",
      "a[@b",
      ".a@b", "a.@b", "a..b@c", "a@b..c", "a@-b", "a@b-", "a@b_c", "a@[127.0.0.1]", "a@пример.рф",
      "a\u{202E}b@c", "a\u{200B}@b", "a\u{85}@b", "a\u{2028}@b", "a\u{A0}@b", "a@b@c",
    ])
  func refused(_ text: String) {
    #expect(MailAddress(text) == nil)
  }

  @Test("lengths are bounded as SMTP bounds them")
  func lengths() {
    let local = String(repeating: "a", count: 64)
    #expect(MailAddress("\(local)@b") != nil)
    #expect(MailAddress("a\(local)@b") == nil)
    #expect(MailAddress("a@\(String(repeating: "b", count: 64))") == nil)
    let domain = Array(repeating: String(repeating: "b", count: 60), count: 4).joined(
      separator: ".")
    #expect(MailAddress("aaaaaaaaaa@\(domain)") != nil)
    #expect(MailAddress("aaaaaaaaaaa@\(domain)") == nil)
  }

  @Test("a name may stand before an address")
  func boxes() throws {
    let box = try #require(MailBox("Chat & Co <chat@example.org>"))
    #expect(box.name == "Chat & Co" && box.address.text == "chat@example.org")
    #expect(MailBox("\"Чат\" <chat@example.org>")?.name == "Чат")
    #expect(MailBox("chat@example.org")?.name == "")
    #expect(MailBox("<chat@example.org>")?.name == "")
    for text in ["Chat <chat>", "Chat chat@example.org", "a <b@c> <d@e>", "a <b@c", "x\" <b@c>"] {
      #expect(MailBox(text) == nil, "\(text)")
    }
  }
}
