// Keys and prefixes: what is let in, what is refused, and the order.

import ArchiveCore
import Testing

@Suite("object keys")
struct ObjectKeyTests {
  static let segment = String(repeating: "s", count: 255)

  @Test(
    "keys of allowed bytes are let in",
    arguments: [
      "a", "A-Z_0.9", "a/b/c", "...", "a/.../b", ".hidden", "a/.hidden", "-", "_", "..a", "a..",
      segment, "\(segment)/\(segment)/\(segment)/\(segment)",
    ])
  func allowed(text: String) throws {
    let key = try #require(ObjectKey(text))
    #expect(key.description == text)
  }

  @Test(
    "keys that could leave their place or mean two things are refused",
    arguments: [
      "", "/", "//", "/a", "a/", "a//b", ".", "..", "./a", "../a", "a/.", "a/..", "a/./b",
      "a/../b", "../../etc/passwd", "..\\..\\x", "C:\\x", "C:x", "a b", "a\0b", "\0", "a\nb",
      "a\r\nb", "ä", "a\u{0308}", "é", "\u{202E}a", "%2e%2e", "a?b", "a#b", "a*b", "~", "@temp",
      "@temp/1", "a+b", "a:b", "\u{FEFF}a", "．．", "a／b", segment + "s", "a/\(segment)s",
      "\(segment)/\(segment)/\(segment)/\(segment)/a",
    ])
  func refused(text: String) {
    #expect(ObjectKey(text) == nil)
  }

  @Test("1,024 bytes are a key and 1,025 are not")
  func length() {
    let text = [Self.segment, Self.segment, Self.segment, Self.segment].joined(separator: "/")
    #expect(text.utf8.count == 1023)
    // Three full segments, then two that fill up to exactly 1,024.
    let longest = [
      Self.segment, Self.segment, Self.segment, String(repeating: "x", count: 254), "y",
    ]
    .joined(separator: "/")
    #expect(longest.utf8.count == 1024)
    #expect(ObjectKey(longest) != nil)
    #expect(ObjectKey(longest + "y") == nil)
  }

  @Test("keys are ordered by bytes, so a dash comes before a slash")
  func order() {
    let keys = ["a/b", "a-b", "a.b", "a", "B", "a0", "_"].compactMap { ObjectKey($0) }.sorted()
    #expect(keys.map(\.description) == ["B", "_", "a", "a-b", "a.b", "a/b", "a0"])
  }

  @Test(
    "a beginning of a key may stand before a list",
    arguments: ["", "a", "a/", "a/b", "a/b/", ".hid", "a-"])
  func prefixes(text: String) {
    #expect(ObjectKey.isPrefix(text))
  }

  @Test(
    "what no key begins with may not",
    arguments: ["/", "/a", "a//", "a//b", "../", "a/../", "ä", "a b", "a\0"])
  func noPrefixes(text: String) {
    #expect(!ObjectKey.isPrefix(text))
  }
}
