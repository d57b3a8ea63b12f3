// Headers in SigV4's normal form.

/// The second and third part of a canonical request: header lines, and the names that are signed.
///
/// Signed is every header that is handed in, as AWS's SDKs do, but for those which intermediaries rewrite or drop.
struct CanonicalHeaders {
  /// `name:value\n` for each, sorted by name.
  let lines: String
  /// `host;x-amz-date`.
  let names: String

  /// The list of the SDKs for Python and Go, the hop-by-hop fields, and Accept-Encoding, which caches replace.
  static let unsigned: Set<String> = [
    "accept-encoding", "authorization", "connection", "expect", "keep-alive", "proxy-authorization",
    "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade", "user-agent",
    "x-amzn-trace-id",
  ]

  init(_ headers: [(name: String, value: String)]) {
    var fields: [(name: String, place: Int, value: String)] = []
    fields.reserveCapacity(headers.count)
    for (place, header) in headers.enumerated() {
      let name = header.name.lowercased()
      if !Self.unsigned.contains(name) { fields.append((name, place, Self.folded(header.value))) }
    }
    // Values under one name are joined in the order of sending, so the place decides between equals.
    fields.sort { ($0.name, $0.place) < ($1.name, $1.place) }
    var (lines, names, last) = ("", "", "")
    for field in fields {
      if field.name == last {
        lines += ","
      } else {
        if !last.isEmpty {
          lines += "\n"
          names += ";"
        }
        lines += field.name
        lines += ":"
        names += field.name
      }
      lines += field.value
      last = field.name
    }
    if !last.isEmpty { lines += "\n" }
    (self.lines, self.names) = (lines, names)
  }

  /// Blanks at the ends are cut off, and every run of them inside becomes one space, in quoted text as well.
  private static func folded(_ value: String) -> String {
    var needsFolding = false
    var previous = UInt8(ascii: " ")
    for byte in value.utf8 {
      if isBlank(byte), isBlank(previous) || byte != UInt8(ascii: " ") { needsFolding = true }
      previous = byte
    }
    // The common case: no leading, trailing, doubled or odd blank, so no copy.
    guard needsFolding || isBlank(previous) else { return value }
    let words = value.utf8.split(whereSeparator: isBlank)
    return String(decoding: Array(words.joined(separator: [UInt8(ascii: " ")])), as: UTF8.self)
  }

  private static func isBlank(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: " ") || (9...13).contains(byte)
  }
}
