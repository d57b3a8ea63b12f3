// The byte vectors of the BSON specification's corpus, by hand.

import Testing

@testable import MongoDriver

/// One vector: the bytes of a document, and its one element.
struct Vector: Sendable, CustomTestStringConvertible {
  let name: String
  let bytes: [UInt8]
  let key: String
  let value: BSONValue

  init(_ name: String, _ digits: String, _ key: String, _ value: BSONValue) {
    (self.name, self.bytes, self.key, self.value) = (name, hexadecimal(digits), key, value)
  }

  var testDescription: String { name }

  static let all = [
    Vector("int32", "0C0000001069002A00000000", "i", .int32(42)),
    Vector("int32, least", "0C0000001069000000008000", "i", .int32(.min)),
    Vector("int64", "10000000126100010000000000000000", "a", .int64(1)),
    Vector("int64, greatest", "10000000126100FFFFFFFFFFFFFF7F00", "a", .int64(.max)),
    Vector("double", "10000000016400000000000000F03F00", "d", .double(1)),
    Vector("double, minus zero", "10000000016400000000000000008000", "d", .double(-0.0)),
    Vector("string", "0E00000002610002000000620000", "a", .string("b")),
    Vector("string, empty", "0D000000026100010000000000", "a", .string("")),
    Vector(
      "string, two bytes a letter", "190000000261000D000000C3A9C3A9C3A9C3A9C3A9C3A90000", "a",
      .string("éééééé")),
    Vector(
      "string with zeros inside", "1A0000000261000E000000616200626162006261620062000000", "a",
      .string("ab\u{0}bab\u{0}bab\u{0}b\u{0}")),
    Vector("true", "090000000862000100", "b", true),
    Vector("false", "090000000862000000", "b", false),
    Vector("null", "080000000A610000", "a", .null),
    Vector(
      "time", "10000000096100C5D8D6CC3B01000000", "a",
      .time(BSONTime(milliseconds: 1_356_351_330_501))),
    Vector(
      "time, before 1970", "10000000096100C33CE7B9BDFFFFFF00", "a",
      .time(BSONTime(milliseconds: -284_643_869_501))),
    Vector(
      "object id", "1400000007610056E1FC72E0C917E9C471416100", "a",
      BSONObjectID(bytes: hexadecimal("56E1FC72E0C917E9C4714161")).map(BSONValue.objectID)
        ?? .null),
    Vector(
      "timestamp", "100000001161002A00000015CD5B0700", "a",
      .timestamp(BSONTimestamp(seconds: 123_456_789, increment: 42))),
    Vector("min key", "08000000FF610000", "a", .minKey),
    Vector("max key", "080000007F610000", "a", .maxKey),
    Vector("binary, empty", "0D000000057800000000000000", "x", .binary(BSONBinary([]))),
    Vector(
      "binary", "0F0000000578000200000000FFFF00", "x", .binary(BSONBinary([0xFF, 0xFF]))),
    Vector(
      "binary, subtype 2", "13000000057800060000000202000000FFFF00", "x",
      .binary(BSONBinary([2, 0, 0, 0, 0xFF, 0xFF], subtype: 2))),
    Vector("array, empty", "0D000000046100050000000000", "a", []),
    Vector("array", "140000000461000C0000001030000A0000000000", "a", [10]),
    Vector("document, empty", "0D000000037800050000000000", "x", .document(BSONDocument())),
    Vector("document", "160000000378000E0000000261000200000062000000", "x", ["a": "b"]),
    Vector("empty name", "0C0000000300050000000000", "", [:]),
  ]

  /// Types that we pass through without looking inside.
  static let others = [
    Vector(
      "regular expression", "0F0000000B610061626300696D0000", "a",
      .other(.regularExpression, hexadecimal("61626300696D00"))),
    Vector(
      "code", "0E0000000D610002000000620000", "a",
      .other(.code, hexadecimal("020000006200"))),
    Vector(
      "symbol", "0E0000000E610002000000620000", "a",
      .other(.symbol, hexadecimal("020000006200"))),
    Vector(
      "code with scope", "160000000F61000E0000000100000000050000000000", "a",
      .other(.codeWithScope, hexadecimal("0E00000001000000000500000000"))),
    Vector(
      "pointer", "1A0000000C610002000000620056E1FC72E0C917E9C471416100", "a",
      .other(.pointer, hexadecimal("02000000620056E1FC72E0C917E9C4714161"))),
    Vector(
      "decimal", "180000001364000100000000000000000000000000403000", "d",
      .other(.decimal128, hexadecimal("01000000000000000000000000004030"))),
    Vector("undefined", "0800000006610000", "a", .other(.undefined, [])),
  ]
}

@Suite("BSON vectors")
struct BSONVectorTests {
  @Test("a vector is read as it means and written as it was", arguments: Vector.all + Vector.others)
  func vector(_ vector: Vector) throws {
    let document = try BSONDocument(checking: vector.bytes)
    let elements = try document.elements()
    #expect(elements.map(\.name) == [vector.key])
    #expect(elements.first?.value == vector.value)
    #expect(document[vector.key] == vector.value)
    let written = BSONDocument { $0.append(vector.key, vector.value) }
    #expect(written.bytes == vector.bytes)
  }

  @Test("the empty document is five bytes")
  func empty() throws {
    #expect(BSONDocument().bytes == [5, 0, 0, 0, 0])
    #expect(try BSONDocument(checking: [5, 0, 0, 0, 0]).elements().isEmpty)
    #expect(BSONDocument { _ in }.isEmpty)
  }

  @Test("the typed ways to write make the same bytes")
  func typed() throws {
    let identifier = try #require(BSONObjectID(bytes: hexadecimal("56E1FC72E0C917E9C4714161")))
    let inner: BSONDocument = ["k": .int64(7)]
    let typed = BSONDocument { writer in
      writer.append("s", "text")
      writer.append("l", Int64(-5))
      writer.append("i", Int32(-6))
      writer.append("b", true)
      writer.append("d", 0.5)
      writer.append("t", BSONTime(milliseconds: 12))
      writer.append("o", identifier)
      writer.append("z", BSONTimestamp(seconds: 1, increment: 2))
      writer.append("x", BSONBinary([1, 2, 3], subtype: 4))
      writer.append("e", inner)
      writer.append("es", [inner, inner])
      writer.document("f") { $0.append("k", Int64(7)) }
      writer.array("a") { array in
        for number in 0..<12 { array.append(Int64(number)) }
        array.append("s")
        array.append(Int32(1))
        array.append(true)
        array.append(BSONTime(milliseconds: 3))
        array.append(inner)
        array.document { $0.append("k", Int64(7)) }
        array.array { $0.append("deep") }
      }
      writer.appendNull("n")
      writer.appendMinKey("min")
      writer.appendMaxKey("max")
    }
    let numbers = (0..<12).map { BSONValue.int64($0) }
    let rest: [BSONValue] = [
      "s", .int32(1), true, .time(BSONTime(milliseconds: 3)), .document(inner), .document(inner),
      ["deep"],
    ]
    let expected: BSONDocument = [
      "s": "text", "l": .int64(-5), "i": -6, "b": true, "d": 0.5,
      "t": .time(BSONTime(milliseconds: 12)), "o": .objectID(identifier),
      "z": .timestamp(BSONTimestamp(seconds: 1, increment: 2)),
      "x": .binary(BSONBinary([1, 2, 3], subtype: 4)), "e": .document(inner),
      "es": [.document(inner), .document(inner)], "f": .document(inner),
      "a": .array(numbers + rest), "n": nil, "min": .minKey, "max": .maxKey,
    ]
    #expect(typed.bytes == expected.bytes)
    #expect(try BSONDocument(checking: typed.bytes) == expected)
    #expect(identifier.description == "56e1fc72e0c917e9c4714161")
  }

  @Test("a value asked for as another type is refused, and the reader goes on")
  func otherType() throws {
    let document: BSONDocument = ["a": "text", "b": .int64(5)]
    let (refusals, text, names, number) = try document.read { (reader) throws(BSONError) in
      try reader.walkWrongly()
    }
    #expect(refusals == [BSONError(.otherType, offset: 7), BSONError(.otherType, offset: 7)])
    #expect(text == "text" && names == [true, false, false] && number == 5)
  }

  @Test("neither a document nor a value prints what it holds")
  func silent() {
    let document: BSONDocument = ["password": "secret"]
    #expect("\(document)" == "BSON document of 26 bytes")
    #expect(
      "\(BSONValue.string("secret")) \(BSONValue.document(document))".contains("secret") == false)
  }
}

extension BSONReader {
  fileprivate mutating func walkWrongly() throws(BSONError)
    -> (refusals: [BSONError?], text: String, names: [Bool], number: Int64)
  {
    _ = try next()
    let refusals = [refusalOfInteger, refusalOfDocument]
    let text = try string()
    _ = try next()
    let names = [isNamed("b"), isNamed("a"), isNamed("bb")]
    let number = try int64()
    return (refusals, text, try next() ? [] : names, number)
  }

  fileprivate var refusalOfInteger: BSONError? {
    do throws(BSONError) {
      _ = try int64()
      return nil
    } catch {
      return error
    }
  }

  fileprivate var refusalOfDocument: BSONError? {
    do throws(BSONError) {
      _ = try document()
      return nil
    } catch {
      return error
    }
  }
}
