// How one line of the log looks.

import ArchiveCore
import Logging

/// The two forms of `log.format`.
enum LogFormat: String, CaseIterable, Sendable {
  /// For people: `2026-11-21T10:52:00.123Z info request method=GET status=200`.
  case text
  /// For machines: one JSON object per line.
  case json

  /// The line without its end. Whatever comes in, it stays one line.
  func line(
    time: Timestamp, label: String, level: Logger.Level, message: String, metadata: Logger.Metadata
  ) -> [UInt8] {
    switch self {
    case .text: Self.text(time, level, message, metadata)
    case .json: Self.json(time, label, level, message, metadata)
    }
  }

  private static func json(
    _ time: Timestamp, _ label: String, _ level: Logger.Level, _ message: String,
    _ metadata: Logger.Metadata
  ) -> [UInt8] {
    var fields = metadata.mapValues(value)
    fields["time"] = .string(time.description)
    fields["level"] = .string(level.rawValue)
    fields["message"] = .string(message)
    fields["logger"] = .string(label)
    return CanonicalJSON.bytes(.object(fields))
  }

  private static func value(_ value: Logger.MetadataValue) -> DocumentValue {
    switch value {
    case .string(let text): .string(text)
    case .stringConvertible(let thing): .string(thing.description)
    case .array(let values): .array(values.map(Self.value))
    case .dictionary(let values): .object(values.mapValues(Self.value))
    }
  }

  private static func text(
    _ time: Timestamp, _ level: Logger.Level, _ message: String, _ metadata: Logger.Metadata
  ) -> [UInt8] {
    var line = "\(time) \(level.rawValue) \(escaped(message))"
    for (key, value) in metadata.sorted(by: { $0.key < $1.key }) {
      let text = value.description
      let isPlain = !text.isEmpty && !text.utf8.contains { $0 <= 0x20 || $0 == UInt8(ascii: "\"") }
      line += " \(escaped(key))=" + (isPlain ? escaped(text) : "\"\(escaped(text, quoted: true))\"")
    }
    return Array(line.utf8)
  }

  /// Control characters as `\u{…}`: a name from outside can neither begin a line nor steer a terminal.
  private static func escaped(_ text: String, quoted: Bool = false) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"" where quoted: result += "\\\""
      case "\n": result += "\\n"
      case _ where scalar.properties.generalCategory == .control,
        "\u{2028}", "\u{2029}":
        result += "\\u{\(String(scalar.value, radix: 16))}"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
