// Identifiers: sortable, one spelling, nothing else is let in.

import ArchiveCore
import ArchiveTesting
import Testing

@Suite("Identifiers")
struct IdentifierTests {
  @Test("an identifier reads back from its 26 characters, and texts sort as identifiers do")
  func roundTrip() {
    var random = SeededGenerator.fromEnvironment("identifiers")
    var identifiers: [ULID] = []
    for _ in 0..<2000 { identifiers.append(ULID(high: random.next(), low: random.next())) }
    for identifier in identifiers { #expect(ULID(identifier.description) == identifier) }
    #expect(
      identifiers.sorted().map(\.description) == identifiers.map(\.description).sorted())
  }

  @Test("identifiers made later sort later")
  func time() {
    let early = ULID(time: Timestamp(milliseconds: 1000), random: (.max, .max))
    let late = ULID(time: Timestamp(milliseconds: 1001), random: (0, 0))
    #expect(early < late)
    #expect(ULID(time: Timestamp(milliseconds: -5), random: (0, 0)).high == 0)
  }

  @Test(
    "A13 what is no identifier is refused",
    arguments: [
      "", "01ARZ3NDEKTSV4RRFFQ69G5FA", "01ARZ3NDEKTSV4RRFFQ69G5FAVX", "81ARZ3NDEKTSV4RRFFQ69G5FAV",
      "01arz3ndektsv4rrffq69g5fav", "01ARZ3NDEKTSV4RRFFQ69G5FAI", "01ARZ3NDEKTSV4RRFFQ69G5FA/",
      "../../../../../../../../..", "01ARZ3NDEKTSV4RRFFQ69G5FÄ",
    ])
  func refused(text: String) {
    #expect(ULID(text) == nil)
    #expect(ConversationID(text) == nil)
  }
}
