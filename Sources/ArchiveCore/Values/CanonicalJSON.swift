// JSON in one form only: sorted keys, no spaces, so that equal values have equal bytes.

import Encodings

/// Writes document values as canonical JSON, strings as `JSONText` does.
///
/// A time becomes `{"$time":milliseconds}`, which no other value can be, because names hold no `$`.
public enum CanonicalJSON {
  public static func bytes(_ value: DocumentValue) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(256)
    append(value, to: &bytes)
    return bytes
  }

  public static func append(_ value: DocumentValue, to bytes: inout [UInt8]) {
    append(value, to: &bytes, time: appendTagged)
  }

  public static func append(_ fields: [String: DocumentValue], to bytes: inout [UInt8]) {
    append(.object(fields), to: &bytes)
  }

  /// The same with times as the caller writes them.
  package static func append(
    _ value: DocumentValue, to bytes: inout [UInt8], time: (Timestamp, inout [UInt8]) -> Void
  ) {
    switch value {
    case .bool(let flag): bytes.append(contentsOf: (flag ? "true" : "false").utf8)
    case .integer(let number): append(number, to: &bytes)
    case .string(let text): append(text, to: &bytes)
    case .time(let moment): time(moment, &bytes)
    case .array(let elements):
      bytes.append(UInt8(ascii: "["))
      for (index, element) in elements.enumerated() {
        if index > 0 { bytes.append(UInt8(ascii: ",")) }
        append(element, to: &bytes, time: time)
      }
      bytes.append(UInt8(ascii: "]"))
    case .object(let fields):
      bytes.append(UInt8(ascii: "{"))
      for (index, field) in fields.sorted(by: { $0.key < $1.key }).enumerated() {
        if index > 0 { bytes.append(UInt8(ascii: ",")) }
        append(field.key, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
        append(field.value, to: &bytes, time: time)
      }
      bytes.append(UInt8(ascii: "}"))
    }
  }

  private static func appendTagged(_ time: Timestamp, to bytes: inout [UInt8]) {
    bytes.append(contentsOf: #"{"$time":"#.utf8)
    append(time.milliseconds, to: &bytes)
    bytes.append(UInt8(ascii: "}"))
  }

  public static func append(_ number: Int64, to bytes: inout [UInt8]) {
    bytes.append(contentsOf: String(number).utf8)
  }

  public static func append(_ text: String, to bytes: inout [UInt8]) {
    JSONText.append(text, to: &bytes)
  }
}
