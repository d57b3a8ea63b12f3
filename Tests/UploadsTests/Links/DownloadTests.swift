// Ranges, conditions, and what is said with a file.

import Testing

@testable import Uploads

@Suite struct ByteRangeTests {
  @Test(
    "U19 a range is read, ignored or refused, and never overflows",
    arguments: [
      ("bytes=0-0", 0, 0), ("bytes=0-99", 0, 99), ("bytes=10-19", 10, 19), ("bytes=50-", 50, 99),
      ("bytes=-1", 99, 99),
      ("bytes=-100", 0, 99), ("bytes=-1000", 0, 99), ("bytes=0-18446744073709551615", 0, 99),
      ("bytes=99-99999999999999999999999999", 99, 99), ("bytes=-99999999999999999999", 0, 99),
      ("Bytes = 5-6", 5, 6),
      ("bytes=0-1000", 0, 99), ("bytes=005-006", 5, 6),
    ] as [(String, Int64, Int64)])
  func readsRanges(_ field: String, _ first: Int64, _ last: Int64) {
    guard case .part(let range) = ByteRange.read(field, size: 100) else {
      Issue.record("no range was read")
      return
    }
    #expect(range.first == first && range.last == last && range.count == last - first + 1)
    #expect(range.contentRange(of: 100) == "bytes \(first)-\(last)/100")
    #expect(range.offsets == first..<last + 1)
  }

  @Test(
    "U19 what is no single range of bytes is as if it were not there",
    arguments: [
      nil, "", "bytes", "bytes=", "bytes=-", "bytes=5-2", "bytes=a-b", "bytes=1", "bytes=1-2-3",
      "bytes= 1 - 2", "bytes=+1-2",
      "bytes=0x1-2", "items=0-1", "bytes=0-0,1-1", "bytes=0-0, -1", "0-1", "bytes=--1", "bytes=١-٢",
      "bytes=0-0;q=1",
      "bytes=" + (0..<1000).map { "\($0)-\($0)" }.joined(separator: ","),
    ] as [String?])
  func ignoresOthers(_ field: String?) {
    #expect(ByteRange.read(field, size: 100) == .whole)
  }

  @Test(
    "U19 a range behind the end is refused",
    arguments: [
      "bytes=100-", "bytes=100-200", "bytes=18446744073709551615-", "bytes=-0",
      "bytes=99999999999999999999-99999999999999999999",
    ])
  func refusesRangesBehind(_ field: String) {
    #expect(ByteRange.read(field, size: 100) == .unsatisfiable)
    #expect(ByteRange.unsatisfiedRange(of: 100) == "bytes */100")
  }

  @Test("U13 an empty file has no ranges")
  func readsEmptyFiles() {
    #expect(ByteRange.read("bytes=0-", size: 0) == .unsatisfiable)
    #expect(ByteRange.read("bytes=0-0", size: 0) == .unsatisfiable)
    #expect(ByteRange.read("bytes=-5", size: 0) == .whole)
  }

  @Test("U19 the largest file has its last byte")
  func reachesTheEnd() {
    let size = Int64.max
    #expect(
      ByteRange.read("bytes=-1", size: size) == .part(ByteRange(first: size - 1, last: size - 1)))
    guard case .part(let all) = ByteRange.read("bytes=0-", size: size) else {
      Issue.record("no range was read")
      return
    }
    #expect(all.count == size && all.offsets == 0..<size)
  }
}

@Suite struct DownloadRequestTests {
  private let tag = EntityTag(strong: "abc")
  private let modified = HTTPDate(secondsSinceEpoch: 1_800_000_000)
  private static let date = "Fri, 15 Jan 2027 08:00:00 GMT"
  private static let before = "Fri, 15 Jan 2027 07:59:59 GMT"

  private func plan(_ fields: [String: String], isHead: Bool = false) -> DownloadRequest.Plan {
    DownloadRequest(isHead: isHead) { fields[$0] }.plan(size: 100, tag: tag, modified: modified)
  }

  private static let part = DownloadRequest.Plan.part(ByteRange(first: 5, last: 9))

  @Test(
    "E2 conditions are looked at in their order",
    arguments: [
      ([:], DownloadRequest.Plan.whole), (["Range": "bytes=5-9"], part),
      (["Range": "bytes=100-"], .unsatisfiable),
      (["If-None-Match": "\"abc\""], .notModified), (["If-None-Match": "W/\"abc\""], .notModified),
      (["If-None-Match": "\"x\", W/\"y\" ,,\"abc\""], .notModified),
      (["If-None-Match": "*"], .notModified),
      (["If-None-Match": "\"x\""], .whole), (["If-None-Match": "abc"], .whole),
      (["If-None-Match": "\"abc"], .whole),
      (["If-None-Match": "\"x\"", "If-Modified-Since": date], .whole),
      (["If-Modified-Since": date], .notModified), (["If-Modified-Since": before], .whole),
      (["If-Modified-Since": "yesterday"], .whole),
      (["If-Match": "\"abc\""], .whole), (["If-Match": "*"], .whole),
      (["If-Match": "W/\"abc\""], .preconditionFailed),
      (["If-Match": "\"x\""], .preconditionFailed), (["If-Match": "nonsense"], .preconditionFailed),
      (["If-Match": "\"abc\"", "If-None-Match": "\"abc\""], .notModified),
      (["If-Unmodified-Since": date], .whole),
      (["If-Unmodified-Since": before], .preconditionFailed),
      (["If-Match": "\"abc\"", "If-Unmodified-Since": before], .whole),
      (["Range": "bytes=5-9", "If-Range": "\"abc\""], part),
      (["Range": "bytes=5-9", "If-Range": "\"x\""], .whole),
      (["Range": "bytes=5-9", "If-Range": "W/\"abc\""], .whole),
      (["Range": "bytes=5-9", "If-Range": date], part),
      (["Range": "bytes=5-9", "If-Range": before], .whole),
      (["Range": "bytes=5-9", "If-Range": "x"], .whole),
      (["Range": "bytes=100-", "If-Range": "\"x\""], .whole),
      (["Range": "bytes=5-9", "If-None-Match": "\"abc\""], .notModified),
    ] as [([String: String], DownloadRequest.Plan)])
  func plans(_ fields: [String: String], _ expected: DownloadRequest.Plan) {
    #expect(plan(fields) == expected)
  }

  @Test("HEAD is answered as a GET of the whole file")
  func ignoresRangeOfHead() {
    #expect(plan(["Range": "bytes=5-9"], isHead: true) == .whole)
    #expect(plan(["If-None-Match": "\"abc\""], isHead: true) == .notModified)
  }

  @Test("a list of tags without end matches nothing")
  func limitsTags() {
    let many = (0..<10_000).map { "\"\($0)\"" }.joined(separator: ",") + ",\"abc\""
    #expect(plan(["If-None-Match": many]) == .whole)
    #expect(plan(["If-Match": String(many.prefix(500)) + ",\"abc\""]) == .preconditionFailed)
  }

  @Test(
    "a date of HTTP is read in the form in which it is written",
    arguments: [
      "Thu, 01 Jan 1970 00:00:00 GMT", "Sun, 06 Nov 1994 08:49:37 GMT",
      "Thu, 29 Feb 2024 23:59:59 GMT",
      "Fri, 31 Dec 9999 23:59:59 GMT",
    ])
  func readsDates(_ text: String) {
    #expect(HTTPDate(text)?.description == text)
  }

  @Test(
    "what is no such date is none",
    arguments: [
      "", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994",
      "Mon, 06 Nov 1994 08:49:37 GMT",
      "Sun, 06 Nov 1994 08:49:37 UTC", "Sun, 06 Nov 1994 24:00:00 GMT",
      "Sun, 06 Nov 1994 08:60:37 GMT",
      "Thu, 30 Feb 2024 23:59:59 GMT", "Sun, 06 Nov 1994 08:49:60 GMT",
      "Wed, 31 Dec 1969 23:59:59 GMT",
      "Sun, 00 Nov 1994 08:49:37 GMT", "Sun, 06 nov 1994 08:49:37 GMT",
      "Sun, 06 Nov 1994 08:49:3٧ GM",
    ])
  func refusesDates(_ text: String) {
    #expect(HTTPDate(text) == nil)
  }
}

@Suite struct DownloadFieldsTests {
  private func fields(
    _ bytes: String, name: String = "x.png", life: LinkLife = LinkLife(remaining: .seconds(60)),
    plan: DownloadRequest.Plan = .whole
  ) -> [String: String] {
    let download = DownloadFields(
      content: SniffedContent(prefix: Array(bytes.utf8), isWhole: true), name: FileName(name),
      size: 100,
      tag: EntityTag(strong: "abc"), modified: HTTPDate(secondsSinceEpoch: 0), life: life)
    return Dictionary(download.fields(for: plan).map { ($0.name, $0.value) }) { first, _ in first }
  }

  @Test(
    "U08 U09 U10 what could run is an attachment, whatever its name",
    arguments: [
      "<html><script>alert(1)</script>", "<svg xmlns='http://www.w3.org/2000/svg' onload='x()'/>",
      "hello",
      "<?xml version='1.0'?><?xml-stylesheet href='x.xsl'?><a/>", "\u{0}\u{1}", "{\"a\":1}",
      "MIME-Version: 1.0\r\n",
    ])
  func isAttachment(_ bytes: String) {
    let fields = fields(bytes)
    #expect(fields["Content-Disposition"]?.hasPrefix("attachment;") == true)
    #expect(fields["X-Content-Type-Options"] == "nosniff")
    #expect(fields["Content-Security-Policy"]?.hasPrefix("sandbox; default-src 'none'") == true)
    #expect(fields["Referrer-Policy"] == "no-referrer")
  }

  @Test("A4 a picture is shown, and its type is that of its bytes")
  func isInline() {
    let fields = fields("GIF89a/*<script>*/", name: "x.html")
    #expect(fields["Content-Disposition"] == "inline; filename=\"x.html\"")
    #expect(fields["Content-Type"] == "image/gif")
  }

  @Test("E2 a PDF that is shown is in no sandbox, which would keep viewers from it; a saved one is")
  func showsDocuments() {
    let bytes = Array("%PDF-1.7\n<html><script>".utf8)
    func policy(wantsAttachment: Bool) -> String? {
      let download = DownloadFields(
        content: SniffedContent(prefix: bytes, isWhole: true), name: FileName("x.pdf"), size: 9,
        tag: EntityTag(strong: "abc"), modified: HTTPDate(secondsSinceEpoch: 0),
        life: LinkLife(remaining: nil), wantsAttachment: wantsAttachment)
      return download.fields(for: .whole).first { $0.name == "Content-Security-Policy" }?.value
    }
    let shown = policy(wantsAttachment: false)
    #expect(shown?.hasPrefix("default-src 'none'; object-src 'self';") == true)
    #expect(policy(wantsAttachment: true)?.hasPrefix("sandbox; default-src 'none';") == true)
  }

  @Test("the fields are those of the status")
  func suitsPlans() {
    let part = fields("GIF89a", plan: .part(ByteRange(first: 5, last: 9)))
    #expect(part["Content-Range"] == "bytes 5-9/100" && part["Content-Length"] == "5")
    #expect(part["ETag"] == "\"abc\"" && part["Accept-Ranges"] == "bytes")
    #expect(fields("GIF89a")["Content-Length"] == "100")
    let unmodified = fields("GIF89a", plan: .notModified)
    #expect(unmodified["ETag"] == "\"abc\"" && unmodified["Content-Type"] == nil)
    #expect(unmodified["Cache-Control"] == "private, max-age=60")
    #expect(fields("GIF89a", plan: .unsatisfiable)["Content-Range"] == "bytes */100")
  }

  @Test(
    "A5 a copy lives no longer than its link, and none is left of a link with limited uses",
    arguments: [
      (LinkLife(remaining: .seconds(60)), "private, max-age=60"),
      (LinkLife(remaining: nil), "private, max-age=3600"),
      (LinkLife(remaining: .seconds(86_400)), "private, max-age=3600"),
      (LinkLife(remaining: .milliseconds(999)), "private, no-store"),
      (LinkLife(remaining: .seconds(-1)), "private, no-store"),
      (LinkLife(remaining: .seconds(60), isRevoked: true), "private, no-store"),
      (LinkLife(remaining: .seconds(60), uses: LinkUses(limit: 3)), "private, no-store"),
    ] as [(LinkLife, String)])
  func bounds(_ life: LinkLife, _ value: String) {
    #expect(DownloadFields.cacheControl(life) == value)
  }
}
