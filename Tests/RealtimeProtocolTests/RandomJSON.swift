// Values that a generator makes up.

import ArchiveTesting

@testable import RealtimeProtocol

/// Random JSON values, with texts that need care.
enum RandomJSON {
  static func value(_ generator: inout SeededGenerator, depth: Int = 0) -> JSONValue {
    switch generator.int(0...(depth > 3 ? 5 : 7)) {
    case 0: .null
    case 1: .bool(generator.oneIn(2))
    case 2: .integer(integer(&generator))
    case 3: .number(number(&generator))
    case 4, 5: .string(string(&generator))
    case 6: .array((0..<generator.int(0...4)).map { _ in value(&generator, depth: depth + 1) })
    default: .object(object(&generator, depth: depth))
    }
  }

  static func string(_ generator: inout SeededGenerator) -> String {
    let pieces = [
      "", "a", "\"", "\\", "\n", "\u{0}", "\u{1E}", "\u{1F}", "\u{7F}", "é", "e\u{301}", "😀",
      "\u{2028}",
      "\u{FEFF}", "\u{10FFFF}", "/", "\u{FFFD}", "_placeholder",
    ]
    return (0..<generator.int(0...6)).map { _ in generator.pick(pieces) }.joined()
  }

  private static func integer(_ generator: inout SeededGenerator) -> Int64 {
    generator.oneIn(3) ? generator.pick([0, .min, .max, -1]) : Int64(generator.int(-1_000...1_000))
  }

  /// Never whole, for whole ones are read as integers.
  private static func number(_ generator: inout SeededGenerator) -> Double {
    generator.pick([0.5, -0.1, 1e-300, 1.7e308, 123.456, .leastNonzeroMagnitude, 1e16 / 3, -2.5e-7])
  }

  private static func object(_ generator: inout SeededGenerator, depth: Int) -> JSONObject {
    var object = JSONObject()
    for index in 0..<generator.int(0...10) {
      let name = "\(index)" + string(&generator)
      object.fields.append(
        JSONObject.Field(name: name, value: value(&generator, depth: depth + 1)))
    }
    return object
  }
}
