// Text in headers: one line, and encoded words where it is not plain.

import Encodings

/// Writes unstructured headers and display names (RFC 5322, RFC 2047).
///
/// Whatever goes in, no line of what comes out can be taken for a header of its own: controls become blanks first, and
/// everything but plain ASCII goes into encoded words.
enum HeaderText {
  /// Lines with encoded words have at most 76 characters: this much of them fits behind every name of ours.
  private static let wordBytes = 39
  private static let plainLimit = 60

  /// The text after a header's name, folded where it is long.
  static func unstructured(_ text: String) -> String {
    let line = oneLine(text)
    return isPlain(line) ? line : encodedWords(line)
  }

  /// A name and its address in angle brackets, or the address alone.
  static func mailbox(_ box: MailBox) -> String {
    let name = oneLine(box.name)
    if name.allSatisfy({ $0 == " " }) { return box.address.text }
    guard isPlain(name), !name.contains("\""), !name.contains("\\") else {
      return "\(encodedWords(name))\r\n <\(box.address.text)>"
    }
    return "\"\(name)\" <\(box.address.text)>"
  }

  /// Controls and everything that ends a line become blanks.
  static func oneLine(_ text: String) -> String {
    let scalars = text.unicodeScalars.map { scalar -> Unicode.Scalar in
      switch scalar.properties.generalCategory {
      case .control, .lineSeparator, .paragraphSeparator: " "
      default: scalar
      }
    }
    return String(String.UnicodeScalarView(scalars))
  }

  /// Printable ASCII that nobody takes for an encoded word, and short enough for one line.
  private static func isPlain(_ text: String) -> Bool {
    text.utf8.count <= plainLimit && text.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F }
      && !text.contains("=?") && text.first != " " && text.last != " "
  }

  /// No character is divided between two words (RFC 2047, section 5).
  private static func encodedWords(_ text: String) -> String {
    var words: [String] = []
    var current: [UInt8] = []
    func close() {
      words.append("=?UTF-8?B?\(Base64Text.encode(current))?=")
      current = []
    }
    for scalar in text.unicodeScalars {
      let bytes = Array(String(scalar).utf8)
      if current.count + bytes.count > wordBytes { close() }
      current += bytes
    }
    if !current.isEmpty || words.isEmpty { close() }
    return words.joined(separator: "\r\n ")
  }
}

/// RFC 5322, 3.3: `Sat, 21 Nov 2026 10:52:00 +0000`.
enum HeaderDate {
  private static let days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
  private static let months = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]

  /// - Parameter seconds: since 1970; what has no year of four digits is moved to its nearest end.
  static func text(_ seconds: Int64) -> String {
    let seconds = min(max(seconds, 0), 253_402_300_799)
    let day = seconds / 86_400
    let date = CivilDate(daysSinceEpoch: day)
    let rest = seconds % 86_400
    return "\(days[Int(day % 7)]), \(padded(date.day)) \(months[Int(date.month - 1)]) "
      + "\(date.year) \(padded(rest / 3600)):\(padded(rest / 60 % 60)):\(padded(rest % 60)) +0000"
  }

  private static func padded(_ number: Int64) -> String {
    number < 10 ? "0\(number)" : "\(number)"
  }
}
