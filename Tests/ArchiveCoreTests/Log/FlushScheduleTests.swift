// The flush schedule: a pure machine.

import Testing

@testable import ArchiveCore

@Suite("Flush schedule")
struct FlushScheduleTests {
  private let first = ConversationID(ULID(high: 0, low: 1))
  private let second = ConversationID(ULID(high: 0, low: 2))

  @Test("A2 a conversation is due when idle, when old, or when large")
  func due() {
    var schedule = FlushSchedule(settings: LogSettings())
    var isDueNow = schedule.noted(first, bytes: 10, at: .seconds(0))
    #expect(!isDueNow)
    #expect(schedule.due(at: .seconds(19)).isEmpty)
    #expect(schedule.due(at: .seconds(20)) == [first])
    for time in stride(from: 10, through: 290, by: 10) {
      _ = schedule.noted(first, bytes: 10, at: .seconds(time))
    }
    #expect(schedule.due(at: .seconds(299)).isEmpty)
    #expect(schedule.due(at: .seconds(300)) == [first])
    isDueNow = schedule.noted(second, bytes: 1 << 20, at: .seconds(291))
    #expect(isDueNow)
    #expect(schedule.due(at: .seconds(291)) == [second])
  }

  @Test("what was taken is forgotten, and given back it counts as before")
  func giveBack() throws {
    var schedule = FlushSchedule(settings: LogSettings())
    _ = schedule.noted(first, bytes: 10, at: .seconds(0))
    let first = self.first
    let pending = schedule.take(first)
    let taken = try #require(pending)
    let again = schedule.take(first)
    #expect(schedule.bytes == 0 && again == nil)
    _ = schedule.noted(first, bytes: 5, at: .seconds(100))
    schedule.giveBack(first, taken)
    #expect(schedule.bytes == 15)
    #expect(schedule.pending[first]?.oldest == .seconds(0))
    #expect(schedule.pending[first]?.newest == .seconds(100))
  }
}
