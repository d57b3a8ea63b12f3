// Writes one JSON object field by field.

/// A JSON object under construction, without the values that a `DocumentValue` would need. Fields stand as they are
/// added; an absent value leaves its field out. Names come from the source and need no escape.
package struct JSONObjectWriter {
  private var bytes: [UInt8] = [UInt8(ascii: "{")]

  package init(capacity: Int = 256) { bytes.reserveCapacity(capacity) }

  /// Ends the object.
  package consuming func finish() -> [UInt8] {
    bytes.append(UInt8(ascii: "}"))
    return bytes
  }

  package mutating func add(_ name: StaticString, _ text: String?) {
    guard let text else { return }
    add(name) { CanonicalJSON.append(text, to: &$0) }
  }

  package mutating func add(_ name: StaticString, _ number: Int64?) {
    guard let number else { return }
    add(name) { CanonicalJSON.append(number, to: &$0) }
  }

  package mutating func add(_ name: StaticString, _ flag: Bool) {
    add(name) { $0.append(contentsOf: (flag ? "true" : "false").utf8) }
  }

  /// A list of values that are JSON already.
  package mutating func add(_ name: StaticString, list: [[UInt8]]) {
    add(name) { bytes in
      bytes.append(UInt8(ascii: "["))
      for (index, item) in list.enumerated() {
        if index > 0 { bytes.append(UInt8(ascii: ",")) }
        bytes.append(contentsOf: item)
      }
      bytes.append(UInt8(ascii: "]"))
    }
  }

  /// Whatever the closure writes: one JSON value.
  package mutating func add(_ name: StaticString, _ write: (inout [UInt8]) -> Void) {
    if bytes.count > 1 { bytes.append(UInt8(ascii: ",")) }
    bytes.append(UInt8(ascii: "\""))
    name.withUTF8Buffer { bytes.append(contentsOf: $0) }
    bytes.append(contentsOf: #"":"#.utf8)
    write(&bytes)
  }
}
