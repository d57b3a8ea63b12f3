// When a trouble is worth telling.

import Testing

@testable import ArchiveService

@Suite struct LastingTroubleTests {
  @Test("what passes soon is not told, what lasts is")
  func lasting() {
    var trouble = LastingTrouble(after: .seconds(120))
    #expect(trouble.note(false, at: .seconds(0)) == nil)
    #expect(trouble.note(true, at: .seconds(10)) == nil)
    #expect(trouble.note(true, at: .seconds(129)) == nil)
    #expect(trouble.note(false, at: .seconds(130)) == nil)
    #expect(trouble.note(true, at: .seconds(140)) == nil)
    #expect(trouble.note(true, at: .seconds(260)) == .seconds(120))
    #expect(trouble.note(true, at: .seconds(400)) == .seconds(260))
    #expect(trouble.note(false, at: .seconds(401)) == nil)
    #expect(trouble.note(true, at: .seconds(402)) == nil)
  }

  @Test("with no time to wait the first look counts")
  func atOnce() {
    var trouble = LastingTrouble(after: .zero)
    #expect(trouble.note(true, at: .seconds(5)) == .zero)
  }
}
