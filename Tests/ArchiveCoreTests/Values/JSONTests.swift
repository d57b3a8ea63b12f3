// JSON: one form out, nothing hostile in.

import ArchiveCore
import ArchiveTesting
import Foundation
import Testing

@Suite("Canonical JSON")
struct JSONTests {
  @Test("D01 D03 any text survives, and other readers agree")
  func texts() throws {
    var random = SeededGenerator.fromEnvironment("texts")
    var texts = [
      "", "\"", "\\", "\u{0}", "\u{1F}\u{7F}", "\u{2028}\u{2029}\u{FEFF}", "é", "e\u{301}",
      "日本語 😀 \u{10FFFF}",
      "a\nb\tc\rd\u{8}e\u{C}f", "</script>", String(repeating: "\u{301}", count: 1000),
    ]
    for _ in 0..<500 {
      let scalars = (0..<random.int(0...40)).compactMap { _ in
        Unicode.Scalar(UInt32(random.int(0...0x10FFFF)))
      }
      texts.append(String(String.UnicodeScalarView(scalars)))
    }
    for text in texts {
      let bytes = CanonicalJSON.bytes(.array([.string(text)]))
      guard case .array(let elements) = try JSONReader.value(bytes[...]),
        case .string(let back)? = elements.first
      else {
        Issue.record("not an array of a string")
        return
      }
      #expect(back.utf8.elementsEqual(text.utf8))
      let foundation = try JSONDecoder().decode([String].self, from: Data(bytes))
      #expect(foundation.first?.utf8.elementsEqual(text.utf8) == true)
    }
  }

  @Test("random values read back, and their form is the same again")
  func roundTrip() throws {
    var random = SeededGenerator.fromEnvironment("values")
    for _ in 0..<500 {
      let value = Self.value(&random, depth: 0)
      let bytes = CanonicalJSON.bytes(value)
      let back = try JSONReader.value(bytes[...])
      #expect(back == value)
      #expect(CanonicalJSON.bytes(back) == bytes)
    }
  }

  private static func value(_ random: inout SeededGenerator, depth: Int) -> DocumentValue {
    switch random.int(0...(depth > 3 ? 3 : 5)) {
    case 0: return .bool(random.oneIn(2))
    case 1: return .integer(Int64(bitPattern: random.next()))
    case 2: return .string("text \(random.next() % 100) \"\\\n")
    case 3: return .time(Timestamp(milliseconds: Int64(random.int(-10_000_000...10_000_000))))
    case 4: return .array((0..<random.int(0...4)).map { _ in value(&random, depth: depth + 1) })
    default:
      return .object(
        Dictionary(
          uniqueKeysWithValues: (0..<random.int(0...4)).map {
            ("field\($0)", value(&random, depth: depth + 1))
          }))
    }
  }

  @Test(
    "E14 hostile JSON is an error and never a trap",
    arguments: [
      "", "{", "}", "[", "[1", "[1,]", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{\"a\":1,\"a\":2}",
      "nul", "null", "tru", "1.5", "1e400", "99999999999999999999", "-", "+1", "\"\\x\"",
      "\"\\u12\"", "\"\\ud800\"", "\"\\udc00\"", "\"\\ud800\\u0041\"", "\"\u{1}\"", "[1] 2",
      "\"", "\"\\", "{1:2}", "[true false]",
    ])
  func hostile(text: String) {
    #expect(throws: JSONReadingError.self) { try JSONReader.value(Array(text.utf8)[...]) }
  }

  @Test("E14 nesting 100,000 deep is an error and no stack overflow")
  func deep() {
    for opening in ["[", "{\"a\":"] {
      let bytes = Array(String(repeating: opening, count: 100_000).utf8)
      #expect(throws: JSONReadingError.self) { try JSONReader.value(bytes[...]) }
    }
    let invalid: [UInt8] = [0x22, 0xC3, 0x28, 0x22]
    #expect(throws: JSONReadingError.self) { try JSONReader.value(invalid[...]) }
  }

  @Test("random bytes and cut or altered lines never trap")
  func noise() {
    var random = SeededGenerator.fromEnvironment("noise")
    let good = Array(#"{"a":[1,true,{"b":"\u00e9\n"}],"c":{"$time":5}}"#.utf8)
    for _ in 0..<5000 {
      var bytes = Array(good.prefix(random.int(0...good.count)))
      for _ in 0..<random.int(0...3) where !bytes.isEmpty {
        bytes[random.int(0...bytes.count - 1)] = UInt8(truncatingIfNeeded: random.next())
      }
      _ = try? JSONReader.value(bytes[...])
      _ = try? EntryLine(bytes: bytes).entry()
      _ = try? CheckedBlock(checking: bytes)
    }
  }
}
