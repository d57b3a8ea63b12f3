// Dates in and out, known ones and hostile ones.

import ArchiveTesting
import S3Client
import Testing

struct S3InstantTests {
  private static let sunday = S3Instant(milliseconds: 784_111_777_000)

  @Test(arguments: [
    "Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994",
  ])
  func `the three forms of RFC 9110 are one moment`(text: String) {
    #expect(S3Instant(httpDate: text) == Self.sunday)
  }

  @Test(arguments: [
    ("1970-01-01T00:00:00Z", 0), ("2009-10-12T17:50:30.000Z", 1_255_369_830_000),
    ("2009-10-12T17:50:30Z", 1_255_369_830_000), ("2009-10-12T17:50:30.5Z", 1_255_369_830_500),
    ("2009-10-12T17:50:30.123456789Z", 1_255_369_830_123),
    ("2009-10-12T19:50:30.000+02:00", 1_255_369_830_000),
    ("2009-10-12T12:20:30-05:30", 1_255_369_830_000),
    ("1969-12-31T23:59:59.999Z", -1), ("2016-12-31T23:59:60Z", 1_483_228_800_000),
    ("2024-02-29T00:00:00Z", 1_709_164_800_000), ("0000-01-01T00:00:00Z", -62_167_219_200_000),
    ("9999-12-31T23:59:59.999Z", 253_402_300_799_999),
  ])
  func `the dates of lists are read`(text: String, milliseconds: Int64) {
    #expect(S3Instant(iso8601: text)?.milliseconds == milliseconds)
  }

  @Test(arguments: [
    (1_369_353_600_000, "20130524T000000Z"), (1_440_938_160_999, "20150830T123600Z"),
    (0, "19700101T000000Z"), (-1, "19691231T235959Z"), (-86_400_000, "19691231T000000Z"),
    (951_782_400_000, "20000229T000000Z"), (Int64.max, "99991231T235959Z"),
    (Int64.min, "00000101T000000Z"),
  ])
  func `a moment is written as signatures carry it`(milliseconds: Int64, text: String) throws {
    let instant = S3Instant(milliseconds: milliseconds)
    #expect(instant.amzDate == text)
    #expect(instant.day == String(text.prefix(8)))
    #expect(try #require(S3Instant(amzDate: text)).amzDate == text)
  }

  @Test(arguments: [
    "", " ", "Sun", "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 UTC",
    "Sun, 06 Nov 1994 08:49:37 GMT ", " Sun, 06 Nov 1994 08:49:37 GMT",
    "sun, 06 nov 1994 08:49:37 gmt", "Sun, 6 Nov 1994 08:49:37 GMT",
    "Sun, 31 Feb 1994 08:49:37 GMT", "Sun, 00 Nov 1994 08:49:37 GMT",
    "Sun, 06 Nov 1994 24:00:00 GMT", "Sun, 06 Nov 1994 08:60:00 GMT",
    "Sun, 06 Nov 1994 08:49:61 GMT", "Sun, 06 Nov +994 08:49:37 GMT",
    "Sun, 06 Nov 99999999999999999999 08:49:37 GMT", "Sun, ٠٦ Nov 1994 08:49:37 GMT",
    "Sunday, 06-Nov-1994 08:49:37 GMT", "Sun Nov 6 08:49:37 1994", "Sun, 29 Feb 1900 00:00:00 GMT",
  ])
  func `what is no HTTP date is none`(text: String) {
    #expect(S3Instant(httpDate: text) == nil)
  }

  @Test(arguments: [
    "", "2009", "2009-10-12", "2009-10-12T17:50:30", "2009-10-12 17:50:30Z",
    "2009-13-12T17:50:30Z", "2009-10-32T17:50:30Z", "2009-10-12T17:50:30.Z",
    "2009-10-12T17:50:30.1234567890Z", "2009-10-12T17:50:30.000z", "2009-10-12T17:50:30+2:00",
    "2009-10-12T17:50:30+24:00", "-009-10-12T17:50:30Z", "2023-02-29T00:00:00Z",
    "2009-10-12T17:50:30.000Z\u{0}", "2009-10-12T17:50:30.-00Z",
  ])
  func `what is no ISO 8601 date is none`(text: String) {
    #expect(S3Instant(iso8601: text) == nil)
  }

  @Test func `hostile dates do not trap`() {
    var random = SeededGenerator.fromEnvironment("hostile dates do not trap")
    let samples = [
      "Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT",
      "Sun Nov  6 08:49:37 1994", "2009-10-12T17:50:30.000Z", "20130524T000000Z",
    ]
    var read = 0
    for _ in 1...20_000 {
      var bytes = Array(random.pick(samples).utf8)
      for _ in 0...random.int(0...2) {
        bytes[random.int(0...bytes.count - 1)] = UInt8(truncatingIfNeeded: random.next())
      }
      let text = String(decoding: bytes, as: UTF8.self)
      let instants = [
        S3Instant(httpDate: text), S3Instant(iso8601: text), S3Instant(amzDate: text),
      ]
      for instant in instants.compactMap({ $0 }) {
        read += 1
        #expect(S3Instant.representable.contains(instant.milliseconds))
        #expect(instant.amzDate.utf8.count == 16)
      }
    }
    // Some mutations leave a date, so that more than the refusal was tried.
    #expect(read > 100)
  }

  @Test func `arithmetic stops at the ends of what can be written`() {
    let start = S3Instant(milliseconds: 0)
    #expect(start.advanced(by: .seconds(Int64.max)).milliseconds == 253_402_300_799_999)
    #expect(start.advanced(by: .seconds(Int64.min)).milliseconds == -62_167_219_200_000)
    #expect(start.advanced(by: .milliseconds(1500)).since(start) == .milliseconds(1500))
    #expect(start.advanced(by: .milliseconds(-1)) < start)
  }
}
