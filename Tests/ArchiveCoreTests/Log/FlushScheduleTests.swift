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
    var isDueNow = schedule.noted(first, 1, bytes: 10, at: .seconds(0))
    #expect(!isDueNow)
    #expect(schedule.due(at: .seconds(19)).isEmpty)
    #expect(schedule.due(at: .seconds(20)) == [first])
    for time in stride(from: 10, through: 290, by: 10) {
      _ = schedule.noted(first, Int64(time), bytes: 10, at: .seconds(time))
    }
    #expect(schedule.due(at: .seconds(299)).isEmpty)
    #expect(schedule.due(at: .seconds(300)) == [first])
    isDueNow = schedule.noted(second, 1, bytes: 1 << 20, at: .seconds(291))
    #expect(isDueNow)
    #expect(schedule.due(at: .seconds(291)) == [second])
  }

  @Test("D3 an entry that is noted twice, in whatever order, counts once")
  func countsOnce() {
    var schedule = FlushSchedule(settings: LogSettings())
    for seq in [3, 1, 3, 2, 1, 5, 4, 5] as [Int64] {
      _ = schedule.noted(first, seq, bytes: 10, at: .seconds(0))
    }
    #expect(schedule.bytes == 50)
    schedule.archived(first, upTo: 5, restSince: .seconds(1))
    _ = schedule.noted(first, 5, bytes: 10, at: .seconds(2))
    #expect(schedule.bytes == 0 && schedule.pending.isEmpty)
  }

  @Test("D3 what is left after a part was archived counts by its share and from then on")
  func partlyArchived() {
    var schedule = FlushSchedule(settings: LogSettings())
    for seq in 1...10 as ClosedRange<Int64> {
      _ = schedule.noted(first, seq, bytes: 10, at: .seconds(seq))
    }
    schedule.archived(first, upTo: 8, restSince: .seconds(9))
    schedule.archived(first, upTo: 8, restSince: .seconds(10))
    #expect(schedule.bytes == 20)
    #expect(schedule.pending[first]?.oldest == .seconds(9))
    #expect(schedule.pending[first]?.newest == .seconds(10))
    schedule.archived(first, upTo: 10, restSince: .seconds(11))
    #expect(schedule.bytes == 0 && schedule.pending.isEmpty)
  }

  @Test("a conversation that was found empty is forgotten unless something came meanwhile")
  func forgotten() {
    var schedule = FlushSchedule(settings: LogSettings())
    schedule.suspected(first, at: .seconds(0))
    let tick = schedule.tick
    _ = schedule.noted(second, 1, bytes: 10, at: .seconds(0))
    schedule.forget(first, unlessSince: tick)
    schedule.forget(second, unlessSince: tick)
    #expect(Array(schedule.pending.keys) == [second])
  }
}
