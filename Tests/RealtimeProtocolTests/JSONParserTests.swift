// What is JSON, what is not, and what is too much of it.

import ArchiveTesting
import Foundation
import Testing

@testable import RealtimeProtocol

@Suite("JSON from a client")
struct JSONParserTests {
  private func parse(_ text: String, _ limits: JSONLimits = JSONLimits()) throws(JSONError)
    -> JSONValue
  {
    try JSONParser.value(utf8(text)[...], limits: limits)
  }

  private func problem(_ bytes: [UInt8], _ limits: JSONLimits = JSONLimits()) -> JSONError.Problem?
  {
    do {
      _ = try JSONParser.value(bytes[...], limits: limits)
      return nil
    } catch { return error.problem }
  }

  @Test("every kind of value is read")
  func kinds() throws {
    let read = try parse(
      #" { "a" : [ 1 , -2.5 , 1e3 , true , false , null , "x" ] , "b" : { } , "" : [ ] } "#)
    let expected: JSONValue = [
      "a": [1, .number(-2.5), .number(1_000), true, false, .null, "x"], "b": [:], "": [],
    ]
    #expect(read == expected)
    #expect(read["a"]?.array?[2].integer == 1_000)
    #expect(read["c"] == nil)
  }

  @Test("an object keeps the order of its fields")
  func order() throws {
    let text = #"{"z":1,"a":{"10":true,"9":false},"m":[]}"#
    #expect(RealtimeProtocolTests.text(JSONWriter.bytes(try parse(text))) == text)
  }

  /// Of the kinds `n_` of JSONTestSuite (https://github.com/nst/JSONTestSuite), and neighbours of them.
  static let wrong = [
    "", " ", "[", "]", "{", "}", "[1", "[1,", "[1,]", "[,1]", "[1 2]", "[1,,2]", "[\"a\"", "{\"a\"",
    "{\"a\":", "{\"a\":1", "{\"a\":1,", "{\"a\":1,}", "{a:1}", "{'a':1}", "{\"a\" 1}", "{\"a\"::1}",
    "{1:1}", "{\"a\":1 \"b\":2}", "[a", "[\"", "\"", "\"\\", "\"\\\"", "\"\\u", "\"\\u12",
    "\"\\u12G4\"",
    "\"\\x00\"", "\"\\ \"", "\"\\a\"", "\"\n\"", "\"\t\"", "\"\u{0}\"", "\"\u{1F}\"", "'a'", "nul",
    "tru", "truE", "True", "fals", "nan", "NaN", "Infinity", "-Infinity", "+1", "-", "--1", "01",
    "-01",
    "00", "1.", ".5", "-.5", "1.e3", "1e", "1e+", "1e-", "0e", "1.5e", "0x1", "1_000", "1a", "1 1",
    "[1]x", "[1]]", "{}{}", "[1}", "{\"a\":1]", "\u{FEFF}[]", "[\u{2060}]", "[\u{A0}1]", "[\u{0C}]",
    "/**/1", "1//", "[1]#", "undefined", "*", "[*]", "\\u0031", "{\"a\":\"b\"}#", "[\"a\\\u{0}\"]",
  ]

  @Test("what is no JSON is refused", arguments: wrong)
  func refused(text: String) { #expect(problem(utf8(text)) == .notJSON) }

  @Test("bytes that are not UTF-8 are refused, in names, strings and outside of them")
  func notUTF8() {
    let sequences: [[UInt8]] = [
      [0xFF], [0x80], [0xC3], [0xC0, 0x80], [0xE0, 0x80, 0x80], [0xED, 0xA0, 0x80],
      [0xF0, 0x9F, 0x98],
      [0xF4, 0x90, 0x80, 0x80], [0xF8, 0x88, 0x80, 0x80, 0x80],
    ]
    for bytes in sequences {
      #expect(problem(utf8("\"") + bytes + utf8("\"")) == .notJSON, "\(bytes)")
      #expect(problem(utf8("{\"") + bytes + utf8("\":1}")) == .notJSON, "\(bytes)")
      #expect(problem(utf8("[\"\\n") + bytes + utf8("\"]")) == .notJSON, "\(bytes)")
      #expect(problem(bytes) == .notJSON, "\(bytes)")
    }
  }

  @Test("a text cut off anywhere is refused")
  func cut() throws {
    let whole = utf8(#"{"a":[1.5e3,"\u00e9\ud83d\ude00",true,null,{"b":-0}]}"#)
    for end in whole.indices { #expect(problem(Array(whole[..<end])) == .notJSON, "\(end)") }
    #expect(problem(whole) == nil)
  }

  @Test(
    "E14 whole numbers keep 64 bits, larger ones become floating",
    arguments: [
      ("0", JSONValue.integer(0)), ("-0", .integer(0)), ("9223372036854775807", .integer(.max)),
      ("-9223372036854775808", .integer(.min)),
      ("9223372036854775808", .number(9.223372036854775808e18)),
      ("-9223372036854775809", .number(-9.223372036854775808e18)),
      ("99999999999999999999", .number(1e20)), ("0.0", .number(0)), ("-0.0", .number(-0.0)),
      ("1e-400", .number(0)), ("1E+2", .number(100)), ("123.456e-2", .number(1.23456)),
    ])
  func numbers(text: String, expected: JSONValue) throws { #expect(try parse(text) == expected) }

  @Test(
    "E14 numbers without a value are refused", arguments: ["1e400", "-1e999999999999", "9e308999"])
  func infinite(text: String) { #expect(problem(utf8(text)) == .numberOutOfRange) }

  @Test("a number of a million digits is refused")
  func longNumber() {
    #expect(problem(Array(repeating: UInt8(ascii: "9"), count: 1_000_000)) == .numberOutOfRange)
    let zeros = utf8("0.") + Array(repeating: UInt8(ascii: "0"), count: 1_000_000)
    #expect(problem(zeros) == .numberOutOfRange)
  }

  @Test("a number that is not whole is not taken for an integer")
  func integers() throws {
    #expect(try parse("1.5").integer == nil)
    #expect(try parse("1e300").integer == nil)
    #expect(try parse("-9223372036854775809").integer == Int64.min)
    #expect(try parse("9223372036854775808").integer == nil)
    #expect(try parse("\"1\"").integer == nil)
  }

  @Test(
    "escapes are what they stand for, and a lone surrogate becomes U+FFFD",
    arguments: [
      (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{C}\n\r\t"), (#""\u0041\u00e9\u00E9""#, "Aéé"),
      (#""\ud83d\ude00""#, "😀"), (#""\uDBFF\uDFFF""#, "\u{10FFFF}"), (#""\u0000""#, "\0"),
      (#""\ud83d""#, "\u{FFFD}"), (#""\ude00x""#, "\u{FFFD}x"),
      (#""\ud83dx\ude00""#, "\u{FFFD}x\u{FFFD}"),
      (#""\ud83d\ud83d\ude00""#, "\u{FFFD}😀"), (#""\ud83d\n""#, "\u{FFFD}\n"),
      (#""\ud83d\u0041""#, "\u{FFFD}A"), (#""\u2028""#, "\u{2028}"),
    ])
  func escapes(text: String, expected: String) throws {
    #expect(try parse(text).string?.utf8.elementsEqual(expected.utf8) == true)
  }

  @Test("E14 nesting beyond the limit is refused without a deep stack")
  func depth() throws {
    let limits = JSONLimits(depth: 3, values: 1_000)
    #expect(throws: Never.self) { try parse("[[[1]]]", limits) }
    #expect(problem(utf8("[[[[1]]]]"), limits) == .tooDeep)
    #expect(problem(utf8(#"{"a":{"a":{"a":{}}}}"#), limits) == .tooDeep)
    #expect(problem(Array(repeating: UInt8(ascii: "["), count: 100_000)) == .tooDeep)
    let objects = Array(repeatElement(utf8(#"{"a":"#), count: 100_000).joined())
    #expect(problem(objects) == .tooDeep)
  }

  @Test("more values than the limit are refused")
  func values() throws {
    let limits = JSONLimits(depth: 3, values: 4)
    #expect(throws: Never.self) { try parse("[1,2,3]", limits) }
    #expect(problem(utf8("[1,2,3,4]"), limits) == .tooManyValues)
    #expect(problem(utf8(#"{"a":[],"b":[],"c":[],"d":[]}"#), limits) == .tooManyValues)
  }

  @Test("E14 an object that has a name twice is refused, however many fields it has")
  func duplicates() {
    #expect(problem(utf8(#"{"a":1,"a":2}"#)) == .duplicateName)
    #expect(problem(utf8(#"{"a":1,"b":2,"\u0061":3}"#)) == .duplicateName)
    let many = (0..<1_000).map { #""f\#($0)":1"# }.joined(separator: ",")
    #expect(problem(utf8("{\(many)}")) == nil)
    #expect(problem(utf8("{\(many),\"f500\":1}")) == .duplicateName)
  }

  @Test("what is written is read as the same, and Foundation reads it as well")
  func roundTrip() throws {
    var generator = SeededGenerator.fromEnvironment("JSON round trip")
    for _ in 0..<2_000 {
      let value = RandomJSON.value(&generator)
      let bytes = JSONWriter.bytes(value)
      #expect(try JSONParser.value(bytes[...]) == value)
      #expect(!bytes.contains { $0 < 0x20 })
      _ = try JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed)
    }
  }

  @Test(
    "what Foundation takes or refuses after random damage, the parser judges alike or more strictly"
  )
  func damage() throws {
    var generator = SeededGenerator.fromEnvironment("JSON damage")
    for _ in 0..<5_000 {
      var bytes = JSONWriter.bytes(.array([RandomJSON.value(&generator)]))
      for _ in 0..<generator.int(1...3) where !bytes.isEmpty {
        bytes[generator.int(0...bytes.count - 1)] = generator.pick(
          Array(#"[]{}",:\u0e-.tfn1 x"#.utf8))
      }
      guard let value = try? JSONParser.value(bytes[...]) else { continue }
      let foundation = try? JSONSerialization.jsonObject(
        with: Data(bytes), options: .fragmentsAllowed)
      // Foundation refuses lone surrogates, which here become U+FFFD.
      #expect(foundation != nil || text(bytes).contains("\\u"), "\(text(bytes)) \(value)")
    }
  }
}
