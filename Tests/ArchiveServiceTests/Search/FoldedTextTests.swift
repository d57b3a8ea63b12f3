// What counts as the same for a search.

import ArchiveCore
import ArchiveTesting
import Testing

@testable import ArchiveService

@Suite struct FoldedTextTests {
  @Test(
    "C5 case, accents, width and spaces make no difference",
    arguments: [
      ("ADA", "ada"), ("Élodie", "elodie"), ("Ёлкин", "елкин"), ("ИВАНОВ", "иванов"),
      ("Straße", "STRASSE"), ("ΟΔΥΣΣΕΥΣ", "οδυσσευς"), ("Ａｄａ", "ada"), ("ﬁne", "FINE"),
      ("İstanbul", "istanbul"), ("ILGAZ", "ılgaz"), ("a \u{a0}\t b", "a b"), (" x ", "x"),
      ("a\u{200b}da", "ada"), ("e\u{301}", "é"), ("Łódź", "łodz"),
    ])
  func same(one: String, other: String) {
    #expect(FoldedText(one) == FoldedText(other))
  }

  @Test(
    "C5 other letters stay others", arguments: [("й", "и"), ("a", "а"), ("ö", "e"), ("ab", "a b")])
  func different(one: String, other: String) {
    #expect(FoldedText(one) != FoldedText(other))
  }

  @Test("C5 folding twice changes nothing, whatever the text", arguments: OddStrings.all)
  func twice(text: String) {
    let once = FoldedText(text)
    #expect(FoldedText(once.text) == once)
    #expect(!once.scalars.contains { $0.properties.generalCategory == .control })
  }

  @Test("C5 every part of a name begins one of its endings, and only those are found by it")
  func endings() {
    let user = IndexedUser(
      UserID(ULID(high: 1, low: 1)), name: "Анна-Мария Li", email: "am@example.org",
      role: .customer)
    let ids = user.terms.map(\.id)
    #expect(Set(ids).count == ids.count)
    for word in ["анна", "нна", "мария", "ия", "li", "i", "-м", "анна-мария"] {
      let query = try? SearchQuery(word)
      let term = query.flatMap { user.term(for: $0, withAddress: false) }
      #expect(term.map(ids.contains) == true, "\(word)")
    }
    for word in ["am@", "x", "аннамария"] {
      let query = try? SearchQuery(word)
      #expect(query.flatMap { user.term(for: $0, withAddress: false) } == nil, "\(word)")
    }
    #expect((try? SearchQuery("AM@exa")).flatMap { user.term(for: $0, withAddress: true) } != nil)
    // Each word anywhere, in any order.
    #expect((try? SearchQuery("li ann")).flatMap { user.term(for: $0, withAddress: false) } == nil)
    #expect((try? SearchQuery("li анн")).flatMap { user.term(for: $0, withAddress: false) } != nil)
  }

  @Test(
    "C5 the terms of the longest names and of odd ones are few and can be stored",
    arguments: OddStrings.all)
  func storable(text: String) throws {
    for name in [text, String(repeating: text, count: 40), String(repeating: "ﷺ", count: 64)] {
      let user = IndexedUser(
        UserID(ULID(high: 1, low: 1)), name: name,
        email: String(repeating: "я", count: 200) + "@example.org", role: .agent)
      let terms = user.terms
      #expect(terms.count <= 2 * UserTerm.textScalars)
      for term in terms { try term.document().checkStorable() }
    }
  }
}
