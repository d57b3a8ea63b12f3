// JSON as the reference implementation writes it.

import Testing

@testable import RealtimeProtocol

@Suite("JSON to a client")
struct JSONWriterTests {
  static let written: [(JSONValue, String)] = [
    (.null, "null"), (true, "true"), (-5, "-5"), (.number(5), "5"), (.number(-0.0), "0"),
    (.number(0.1), "0.1"), (.number(.infinity), "null"), (.number(.nan), "null"), ([], "[]"),
    ([:], "{}"), (["a": [1, "2"], "b": [:]], #"{"a":[1,"2"],"b":{}}"#),
    (.integer(.min), "-9223372036854775808"),
  ]

  @Test("values are written as JSON.stringify writes them", arguments: written)
  func values(value: JSONValue, expected: String) {
    #expect(text(JSONWriter.bytes(value)) == expected)
  }

  @Test("only quotes, backslashes and control characters are escaped")
  func escapes() {
    let value = JSONValue.string("\"\\/\u{8}\u{9}\u{A}\u{C}\u{D}\u{0}\u{1E}\u{1F}\u{7F}\u{2028}é😀")
    let expected = #""\"\\/\b\t\n\f\r\u0000\u001e\u001f"# + "\u{7F}\u{2028}é😀\""
    #expect(text(JSONWriter.bytes(value)) == expected)
  }

  @Test("bytes become placeholders in their order")
  func placeholders() {
    var writer = JSONWriter()
    writer.append(["x": .binary([1]), "y": [.binary([]), .binary([3])]] as JSONValue)
    let expected =
      #"{"x":{"_placeholder":true,"num":0},"y":[{"_placeholder":true,"num":1},{"_placeholder":true,"num":2}]}"#
    #expect(text(writer.bytes) == expected)
    #expect(writer.attachments == [[1], [], [3]])
  }
}
