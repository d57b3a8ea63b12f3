// What people may be called.

import Foundation
import Testing

@testable import ArchiveService

@Suite struct DisplayNameTests {
  private func cleaned(_ name: String) -> (name: String, errors: [String]) {
    var errors = FieldErrors()
    let name = DisplayName.cleaned(name, &errors)
    return (name, errors.errors.map(\.message))
  }

  @Test(
    "B1 names of people everywhere stay as they are",
    arguments: [
      "Ada", "Анна Каренина", "Jean-Luc O’Connor", "Мар'яна", "Мар\u{2BC}яна", "José Ñandú",
      "Łukasz Żółć", "Ελένη", "Նարեկ", "დავით", "田中さん", "タナカ・ケン", "김민준", "ซาร่า",
      "ශ\u{DCA}\u{200D}රී ලංකා", "علی\u{200C}رضا", "דוד", "अमित", "Нгуен Smith", "Anna-Мария",
      "Ada 2", "J. R. R. Tolkien", "👩\u{200D}👩\u{200D}👧 Ada", "❤\u{FE0F}Ada", "Ada (она)",
      "Ван дер Ваальс младший", "Ʌлёна".replacing("Ʌ", with: "А"), "Saoirse Ní Bhriain",
      "Sümeyye", "İbrahim", "e\u{301}".precomposed, "田中Ken", "ㄅㄆㄇ", "X Æ A-12",
    ])
  func unchanged(name: String) {
    let result = cleaned(name)
    #expect(result.errors == [])
    #expect(Array(result.name.utf8) == Array(name.utf8))
  }

  @Test(
    "B1 what cannot be seen, or only looks different, is put right",
    arguments: [
      ("  Ada   Lovelace\t", "Ada Lovelace"), ("A\u{200B}d\u{FEFF}a", "Ada"),
      ("\u{202E}Ada\u{202C}", "Ada"), ("A\u{AD}da", "Ada"), ("\u{2066}Ada\u{2069}", "Ada"),
      ("𝓐𝓭𝓪", "Ada"), ("Ａｄａ", "Ada"), ("Jose\u{301}", "José"), ("A\u{A0}da", "A da"),
      ("A\u{3000}B", "A B"), ("Ada\u{200D}", "Ada"), ("A\u{200D}da", "Ada"),
      ("Ada\u{E0061}\u{E0062}", "Ada"), ("A\u{FE0F}da", "Ada"), ("ﬁne", "fine"),
      ("\u{3164}Ada\u{3164}", "Ada"), ("A\u{2800}\u{2800}da", "A da"), ("Ⅻ", "XII"),
      ("A\u{61C}da", "Ada"), ("A\u{180E}da", "Ada"), ("Ada\u{2028}B", "Ada B"),
    ])
  func mended(typed: String, name: String) {
    let result = cleaned(typed)
    #expect(result.errors == [])
    #expect(Array(result.name.utf8) == Array(name.utf8))
  }

  @Test(
    "B1 names that deceive are refused",
    arguments: [
      "Аdmin", "Adмin", "рaypal", "Goοgle", "ΑΒCD", "Սupport", "ᎪᎠmin", "Аda Lovelace",
      "ꓮdmin", "supроrt", "ѕupport", "аlіce1x", "Zurich\u{430}",
    ])
  func deceiving(name: String) {
    #expect(cleaned(name).errors == ["mixes letters of several alphabets in one word"])
  }

  @Test(
    "B1 what is no name is refused",
    arguments: [
      ("", "empty"), ("   ", "empty"), ("\u{200B}\u{200D}", "empty"), ("\u{3164}", "empty"),
      ("\u{2800}", "empty"), ("\u{301}", "empty"), ("a\u{0}b", "control"),
      ("a\u{1B}[31m", "control"),
      ("a\u{7F}", "control"), ("a\u{E000}", "control"), ("a\u{FFFFF}", "control"),
      ("a\u{378}", "control"), ("q\u{301}\u{302}\u{303}\u{304}\u{305}", "marks"),
      (String(repeating: "a", count: 65), "longer"), (String(repeating: "ж", count: 65), "longer"),
      (String(repeating: "\u{200B}", count: 2000) + "a", "longer"),
      (String(repeating: "ﷺ", count: 20), "longer"),
    ])
  func refused(name: String, why: String) {
    let errors = cleaned(name).errors
    #expect(errors.contains { $0.contains(why) }, "\(errors)")
  }

  @Test("B1 cleaning a clean name changes nothing more")
  func stable() {
    for text in OddStrings.all {
      let once = cleaned(text)
      guard once.errors.isEmpty else { continue }
      let twice = cleaned(once.name)
      #expect(twice.errors == [])
      #expect(Array(twice.name.utf8) == Array(once.name.utf8))
    }
  }
}

extension String {
  /// With composed characters, as a keyboard gives them.
  fileprivate var precomposed: String { precomposedStringWithCanonicalMapping }
}
