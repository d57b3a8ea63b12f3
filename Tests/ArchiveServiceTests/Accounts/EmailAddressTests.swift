// When two addresses are the same one.

import Testing

@testable import ArchiveService

@Suite struct EmailAddressTests {
  @Test(
    "B1 addresses that people take for the same are the same",
    arguments: [
      [
        "ada@example.org", " ADA@Example.ORG ", "\tada@example.org\n",
        "Ａｄａ＠example.org".replacing("＠", with: "@"),
      ],
      ["josé@example.org", "jose\u{301}@example.org", "JOSÉ@EXAMPLE.ORG"],
      ["ivan@пример.рф", "IVAN@ПРИМЕР.РФ", "ivan@xn--e1afmkfd.xn--p1ai", "ivan@пример。рф"],
      ["иван@пример.рф", "ИВАН@Пример.РФ"],
      ["a@bücher.example", "a@xn--bcher-kva.example", "A@BU\u{308}CHER.example"],
    ])
  func same(addresses: [String]) throws {
    let keys = Set(addresses.map { EmailAddress($0)?.key })
    #expect(keys.count == 1)
    #expect(!keys.contains(nil))
  }

  @Test(
    "B1 addresses that are different mailboxes somewhere are different",
    arguments: [
      ("a.b@example.org", "ab@example.org"), ("a+b@example.org", "a@example.org"),
      ("a@example.org", "a@example.com"), ("straße@example.org", "strasse@example.org"),
      ("a@faß.example", "a@fass.example"), ("а@example.org", "a@example.org"),
    ])
  func different(one: String, other: String) throws {
    let (one, other) = (try #require(EmailAddress(one)), try #require(EmailAddress(other)))
    #expect(one.key != other.key)
  }

  @Test("B1 what was typed is kept, without the space around it")
  func typed() {
    #expect(EmailAddress("  Ada@Example.ORG\u{A0}")?.text == "Ada@Example.ORG")
  }

  @Test(
    "B1 what cannot be an address is none",
    arguments: [
      "", "a", "@", "a@", "@b.c", "a@b@c", "a@b..c", "a@.b", "a@b.", "a b@c.d", "a@b c.d",
      "a\u{0}@b.c", "a\r\nBcc: x@b.c", "a\u{200B}@b.c", "a@b\u{AD}.c", "a\u{202E}@b.c",
      "a＠b@c.d", "a@b＠c.d", "a\u{E000}@b.c", "a@\(String(repeating: "b", count: 64)).c",
      "\(String(repeating: "a", count: 65))@b.c", "a@\(String(repeating: "ж", count: 60)).c",
      "a@\(String(repeating: "bbbbbbbb.", count: 30))c", "a@b.\u{3002}c",
    ])
  func refused(text: String) {
    #expect(EmailAddress(text) == nil)
  }

  @Test(
    "B1 labels are encoded as RFC 3492 says",
    arguments: [
      ("пример", "e1afmkfd"), ("рф", "p1ai"), ("bücher", "bcher-kva"), ("münchen", "mnchen-3ya"),
      ("例え", "r8jz45g"), ("ليهمابتكلموشعربي؟", "egbpdaj6bu4bxfgehfvwxn"),
      ("почемужеонинеговорятпорусски", "b1abfaaepdrnnbgefbadotcwatmq2g4l"),
      ("他们为什么不说中文", "ihqwcrb4cv8a8dqg056pqjye"),
      ("3年b組金八先生", "3b-ww4c5e180e575a65lsy2b"), ("-> $1.00 <-", "-> $1.00 <--"),
    ])
  func punycode(label: String, encoded: String) {
    #expect(Punycode.encode(Substring(label).unicodeScalars) == encoded)
  }

  @Test("B1 a label of a thousand characters is refused and costs nothing")
  func longLabel() {
    let label = String(repeating: "ж", count: 1000)
    #expect(Punycode.encode(Substring(label).unicodeScalars) == nil)
  }
}
