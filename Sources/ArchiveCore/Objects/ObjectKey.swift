// Keys that cannot be wrong: no engine ever sees a path that leaves its place.

/// The name of an object: segments of `A-Z a-z 0-9 . _ -` joined by `/`.
///
/// Invariants: 1 to 1,024 bytes in all; each segment 1 to 255 bytes and neither `.` nor `..`;
/// so no leading, trailing or double slash, and the same key is valid in S3, in a directory
/// and in every server of the quirks table.
public struct ObjectKey: Hashable, Comparable, Sendable, CustomStringConvertible {
  public let description: String

  /// `nil` where the text breaks an invariant.
  public init?(_ text: String) {
    guard (1...1024).contains(text.utf8.count), Self.hasOnlyAllowedBytes(text) else { return nil }
    let segments = text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    for segment in segments {
      guard (1...255).contains(segment.count) else { return nil }
      guard segment.contains(where: { $0 != UInt8(ascii: ".") }) || segment.count > 2 else {
        return nil
      }
    }
    description = text
  }

  /// For keys put together by the program from parts that cannot be wrong; a wrong one is a bug.
  public init(trusted text: String) {
    guard let key = ObjectKey(text) else { preconditionFailure("not an object key: \(text)") }
    self = key
  }

  /// By bytes, which is the order in which stores list.
  public static func < (left: ObjectKey, right: ObjectKey) -> Bool {
    left.description.utf8.lexicographicallyPrecedes(right.description.utf8)
  }

  /// Whether a text may stand before keys in a list: empty, or allowed bytes without `.` or `..` segments.
  public static func isPrefix(_ text: String) -> Bool {
    text.isEmpty || ObjectKey(text) != nil
      || (text.hasSuffix("/") && ObjectKey(String(text.dropLast())) != nil)
  }

  /// What every engine refuses of a list before it looks: `invalid` for a prefix that no key can begin with, and for a
  /// page of less than 1 or more than 1,000 objects.
  package static func checkPage(prefix: String, limit: Int) throws(StoreError) {
    guard isPrefix(prefix) else {
      throw StoreError(.invalid, "no key can begin with this prefix=`\(prefix)`")
    }
    guard (1...1000).contains(limit) else {
      throw StoreError(.invalid, "a page has 1 to 1000 objects limit=`\(limit)`")
    }
  }

  private static func hasOnlyAllowedBytes(_ text: String) -> Bool {
    text.utf8.allSatisfy {
      switch $0 {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"),
        UInt8(ascii: "-"), UInt8(ascii: "/"):
        true
      default: false
      }
    }
  }
}
