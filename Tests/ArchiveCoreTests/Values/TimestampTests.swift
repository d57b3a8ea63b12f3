// Times: one textual form, no traps.

import ArchiveCore
import Foundation
import Testing

@Suite("Timestamps")
struct TimestampTests {
  @Test(
    "a time is written as RFC 3339 in UTC with milliseconds and reads back",
    arguments: [
      (0, "1970-01-01T00:00:00.000Z"), (951_782_400_123, "2000-02-29T00:00:00.123Z"),
      (-1, "1969-12-31T23:59:59.999Z"), (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
      (-62_167_219_200_000, "0000-01-01T00:00:00.000Z"),
      (1_795_258_320_001, "2026-11-21T10:52:00.001Z"),
    ] as [(Int64, String)])
  func text(milliseconds: Int64, text: String) {
    #expect(Timestamp(milliseconds: milliseconds).description == text)
    #expect(Timestamp(text)?.milliseconds == milliseconds)
  }

  @Test("every day of four centuries is the day that Foundation says")
  func everyDay() {
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = .gmt
    for day in stride(from: Int64(-30_000), to: 120_000, by: 1) {
      let time = Timestamp(milliseconds: day * 86_400_000 + 3_723_004)
      let parts = calendar.dateComponents(
        [.year, .month, .day, .hour, .minute, .second],
        from: Date(timeIntervalSince1970: Double(day * 86_400 + 3723)))
      let expected = String(
        format: "%04d-%02d-%02dT%02d:%02d:%02d.004Z", parts.year ?? 0, parts.month ?? 0,
        parts.day ?? 0, parts.hour ?? 0, parts.minute ?? 0, parts.second ?? 0)
      guard time.description == expected else {
        Issue.record("day \(day): \(time) is not \(expected)")
        return
      }
    }
  }

  @Test(
    "what is no such time is refused",
    arguments: [
      "", "2026", "2026-02-29T00:00:00.000Z", "2026-13-01T00:00:00.000Z",
      "2026-01-32T00:00:00.000Z", "2026-01-01T24:00:00.000Z", "2026-01-01T00:60:00.000Z",
      "2026-01-01T00:00:60.000Z", "2026-01-01 00:00:00.000Z", "2026-01-01T00:00:00.000z",
      "2026-01-01T00:00:00.000+", "+026-01-01T00:00:00.000Z", "２026-01-01T00:00:00.00Z",
      "2026-00-01T00:00:00.000Z", "2026-01-00T00:00:00.000Z",
    ])
  func refused(text: String) {
    #expect(Timestamp(text) == nil)
  }

  @Test("D07 arithmetic stops at the ends of time and never traps")
  func saturation() {
    for milliseconds in [Int64.min, -1, 0, .max] {
      let time = Timestamp(milliseconds: milliseconds)
      for duration in [
        Duration.seconds(Int64.max), .seconds(Int64.min), .zero, .milliseconds(-5),
        .seconds(1e15),
      ] {
        #expect(Timestamp.representable.contains(time.advanced(by: duration).milliseconds))
      }
      _ = time.since(Timestamp(milliseconds: .max)) + Timestamp(milliseconds: .max).since(time)
    }
  }
}
