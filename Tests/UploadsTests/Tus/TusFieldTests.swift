// Header fields of tus, good and bad.

import Testing

@testable import Uploads

/// Fields from pairs; names in any case, repeated ones as repeated fields.
func tusFields(_ pairs: [(String, String)], version: String? = "1.0.0") -> TusFields {
  let all = (version.map { [("Tus-Resumable", $0)] } ?? []) + pairs
  return TusFields { name in all.filter { $0.0.lowercased() == name.lowercased() }.map(\.1) }
}

@Suite struct TusFieldTests {
  @Test(
    "metadata is pairs of a key and base 64",
    arguments: [
      (
        "filename d29ybGRfZG9taW5hdGlvbl9wbGFuLnBkZg==,is_confidential",
        ["filename": "world_domination_plan.pdf", "is_confidential": ""]
      ),
      (
        "filename 0JrQvtGCLnBuZw==, filetype aW1hZ2UvcG5n",
        ["filename": "Кот.png", "filetype": "image/png"]
      ),
      ("a ", ["a": ""]), ("", [:]),
    ] as [(String, [String: String])])
  func readsMetadata(_ field: String, _ values: [String: String]) throws {
    let metadata = try #require(TusMetadata(field))
    #expect(metadata.values.mapValues { String(decoding: $0, as: UTF8.self) } == values)
    #expect(metadata.text == field)
  }

  @Test(
    "metadata that does not keep to the protocol is refused",
    arguments: [
      "a ä", "a YQ", "a YQ===", "a Y=Q=", "a YR==", "a YQ==,a YQ==", "a YQ== b", ",", "a YQ==,",
      "ä YQ==", "a\tYQ==",
      (0...32).map { "k\($0) YQ==" }.joined(separator: ","),
      "a " + String(repeating: "YWFh", count: 2048),
    ])
  func refusesMetadata(_ field: String) {
    #expect(TusMetadata(field) == nil)
  }

  @Test("the name is under either key, and in whatever charset")
  func readsName() {
    #expect(TusMetadata("name YQ==")?.filename == "a")
    #expect(TusMetadata("name YQ==,filename Yg==")?.filename == "b")
    #expect(TusMetadata("filename 6Q==")?.filename == "é")
    #expect(TusMetadata("filename")?.filename == "")
    #expect(TusMetadata("other YQ==")?.filename == nil)
  }

  @Test(
    "a checksum has a known algorithm and its length",
    arguments: [
      ("sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=", TusChecksum.Algorithm.sha1),
      ("md5 XrY7u+Ae7tCTyyK7j1rNww==", .md5),
      ("sha256 uU0nuZNNPgilLlLX2n2r+sSE7+N6U4DukIj3rOLvzek=", .sha256),
    ] as [(String, TusChecksum.Algorithm)])
  func readsChecksums(_ field: String, _ algorithm: TusChecksum.Algorithm) {
    #expect(TusChecksum(field)?.algorithm == algorithm)
  }

  @Test(
    "anything else is no checksum",
    arguments: [
      "", "sha1", "sha1 ", "sha1 Kq5s", "SHA1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=", "crc32 AAAAAA==",
      "sha1  Kq5sNclPz7QV2+lfQIuc6R7oRu0=", "sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0",
      "sha1 XrY7u+Ae7tCTyyK7j1rNww==",
    ])
  func refusesChecksums(_ field: String) {
    #expect(TusChecksum(field) == nil)
  }

  @Test(
    "U13 lengths are digits, and one that no number holds is very large",
    arguments: [
      ("0", TusFields.Field<Int64>.value(0)), ("007", .value(7)), (" 5 ", .value(5)),
      ("9223372036854775807", .value(.max)), ("99999999999999999999999999", .value(.max)),
      ("", .malformed), ("-1", .malformed), ("+1", .malformed), ("0x5", .malformed),
      ("1 2", .malformed),
      ("1.0", .malformed), ("٣", .malformed),
    ] as [(String, TusFields.Field<Int64>)])
  func readsLengths(_ text: String, _ field: TusFields.Field<Int64>) {
    #expect(tusFields([("upload-length", text)]).length == field)
    #expect(tusFields([("Upload-Offset", text)]).offset == field)
  }

  @Test("a field that stands there twice is malformed")
  func refusesDoubles() {
    let fields = tusFields([
      ("Upload-Length", "1"), ("upload-length", "1"), ("Upload-Defer-Length", "2"),
    ])
    #expect(fields.length == .malformed && fields.defersLength == .malformed)
  }

  @Test("a method may stand in a field, where only POST gets through")
  func readsMethods() {
    #expect(TusMethod("PATCH", override: nil) == .patch)
    #expect(
      TusMethod("POST", override: "PATCH") == .patch && TusMethod("POST", override: "delete") == nil
    )
    #expect(TusMethod("POST", override: "GET") == nil && TusMethod("GET", override: nil) == nil)
    // A read must not become a deletion.
    #expect(TusMethod("HEAD", override: "DELETE") == .head)
  }
}
