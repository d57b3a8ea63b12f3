// Bytes that are damaged, cut off, or made to do harm.

import ArchiveTesting
import Testing

@testable import MongoDriver

@Suite("hostile BSON")
struct BSONHostileTests {
  /// From the corpus of decoding errors.
  static let damaged: [(String, BSONError.Problem)] = [
    ("", .truncated), ("00", .truncated), ("00000000", .truncated), ("0100000000", .wrongLength),
    ("0500000000000000", .wrongLength), ("0500000001", .wrongLength), ("FFFFFFFF00", .wrongLength),
    ("0600000000", .wrongLength), ("050000000001", .wrongLength), ("FFFFFF7F00", .wrongLength),
    ("060000000000", .wrongLength),
    // Strings: length 0, -1, into the end of the document, beyond it, without a zero, with one too many.
    ("0C0000000261000000000000", .wrongLength), ("0C000000026100FFFFFFFF00", .wrongLength),
    ("10000000026100050000006200620000", .truncated),
    ("120000000200FFFFFF00666F6F6261720000", .truncated),
    ("1000000002610004000000616263FF00", .wrongLength),
    ("0E00000002610001000000000000", .wrongLength), ("0E00000002610002000000E90000", .notUTF8),
    ("0E00000002E90002000000620000", .notUTF8), ("0D0000000261000400000000", .wrongLength),
    // Booleans.
    ("090000000862000200", .notBoolean), ("09000000086200FF00", .notBoolean),
    ("0800000008620000", .notBoolean),
    // Documents and arrays: too long, too short, cut off inside.
    ("1800000003666F6F000F0000001062617200FFFFFF7F0000", .truncated),
    ("1500000003666F6F000A0000000862617200010000", .wrongLength),
    ("1C00000003666F6F001200000002626172000500000062617A000000", .truncated),
    ("140000000461000D0000001030000A0000000000", .truncated),
    ("140000000461000B0000001030000A0000000000", .truncated),
    ("0D000000037800FFFFFFFF0000", .wrongLength), ("0D000000037800000000800000", .wrongLength),
    ("0D000000037800040000000000", .wrongLength),
    // Binary: beyond the document, negative, the inner length of subtype 2.
    ("1D000000057800FF0000000573FFD26444B34C6990E8E7D1DFC035D400", .truncated),
    ("0D000000057800FFFFFFFF0000", .wrongLength), ("0D000000057800FFFFFF7F0000", .truncated),
    ("13000000057800060000000203000000FFFF00", .wrongLength),
    ("13000000057800060000000201000000FFFF00", .wrongLength),
    ("130000000578000600000002FFFFFFFFFFFF00", .wrongLength),
    ("0F0000000578000200000002FFFF00", .wrongLength),
    // Numbers cut off.
    ("0B0000001069002A000000", .truncated), ("0F0000001161002A00000015CD5B00", .truncated),
    ("0F00000009610012CED600012E3B00", .truncated), ("0B0000000164000000F03F", .wrongLength),
    ("1300000007610056E1FC72E0C917E9C4714100", .truncated),
    ("1700000013640001000000000000000000000000004000", .truncated),
    // Names and types.
    ("060000000A00", .truncated), ("080000000A616200", .truncated),
    ("080000001A610000", .unknownType),
    ("0800000080610000", .unknownType), ("080000000061 0000", .wrongLength),
    // Code with a scope: length too short, too long, negative; regular expression without its second end.
    ("160000000F61000D0000000100000000050000000000", .wrongLength),
    ("160000000F61000F0000000100000000050000000000", .truncated),
    ("160000000F6100FFFFFFFF0100000000050000000000", .wrongLength),
    ("0E0000000B6100616263696D0000", .truncated), ("0B0000000B610061626300", .truncated),
  ]

  @Test("wrong bytes are refused", arguments: damaged)
  func wrong(digits: String, problem: BSONError.Problem) {
    let bytes = hexadecimal(digits)
    #expect(refusal(bytes) != nil)
    if let framed = try? BSONDocument(framed: bytes) { readAll(framed) }
  }

  @Test("wrong bytes are refused for what is wrong with them")
  func problems() {
    for (digits, problem) in Self.damaged {
      #expect(refusal(hexadecimal(digits)) == problem, "\(digits)")
    }
  }

  /// A document of every type.
  static var everything: BSONDocument {
    BSONDocument { writer in
      for vector in Vector.all + Vector.others { writer.append(vector.key, vector.value) }
    }
  }

  @Test("a document cut off anywhere is refused, also when its length is made to fit")
  func cut() {
    let whole = Self.everything.bytes
    for count in 0..<whole.count {
      var bytes = Array(whole.prefix(count))
      #expect(refusal(bytes) != nil)
      guard count >= 5 else { continue }
      withUnsafeBytes(of: Int32(count).littleEndian) { bytes.replaceSubrange(0..<4, with: $0) }
      if bytes.last == 0, let framed = try? BSONDocument(framed: bytes) { readAll(framed) }
      bytes.append(0)
      withUnsafeBytes(of: Int32(count + 1).littleEndian) { bytes.replaceSubrange(0..<4, with: $0) }
      if let framed = try? BSONDocument(framed: bytes) { readAll(framed) }
    }
  }

  @Test("any one byte changed ends in an error or in another document, never in a trap")
  func changedByte() {
    let whole = Self.everything.bytes
    for index in whole.indices {
      for byte in [0, 1, 2, 5, 0x7F, 0x80, 0xFE, 0xFF, whole[index] ^ 1, whole[index] &+ 1]
        as [UInt8]
      {
        var bytes = whole
        bytes[index] = byte
        if let framed = try? BSONDocument(framed: bytes) { readAll(framed) }
      }
    }
  }

  @Test("random bytes end in an error or in a document, never in a trap")
  func randomBytes() {
    var random = SeededGenerator.fromEnvironment("random BSON bytes")
    for _ in 0..<20_000 {
      let count = random.int(5...80)
      var bytes = (0..<count).map { _ in
        random.oneIn(3) ? UInt8(random.int(0...20)) : UInt8(random.int(0...255))
      }
      withUnsafeBytes(of: Int32(count).littleEndian) { bytes.replaceSubrange(0..<4, with: $0) }
      bytes[count - 1] = 0
      let framed = try? BSONDocument(framed: bytes)
      #expect(framed != nil)
      if let framed { readAll(framed) }
    }
  }

  static func nested(_ depth: Int, isArray: Bool) -> BSONDocument {
    (1..<depth).reduce(BSONDocument()) { inner, _ in
      isArray
        ? BSONDocument { $0.array("a") { $0.append(inner) } }
        : BSONDocument { $0.append("a", inner) }
    }
  }

  @Test("a hundred levels are read, one more is refused")
  func depth() {
    #expect(refusal(Self.nested(100, isArray: false).bytes) == nil)
    #expect(refusal(Self.nested(101, isArray: false).bytes) == .tooDeep)
    #expect(refusal(Self.nested(50, isArray: true).bytes) == nil)
    #expect(refusal(Self.nested(51, isArray: true).bytes) == .tooDeep)
    let hostile = Self.nested(100_000, isArray: false)
    #expect(refusal(hostile.bytes) == .tooDeep)
    readAll(hostile)
  }

  @Test("sixteen megabytes and a little are read, more is refused")
  func size() {
    let limit = BSONDocument.sizeLimitBytes
    let fitting = BSONDocument {
      $0.append("x", BSONBinary([UInt8](repeating: 1, count: limit - 13)))
    }
    #expect(fitting.bytes.count == limit && refusal(fitting.bytes) == nil)
    let larger = BSONDocument {
      $0.append("x", BSONBinary([UInt8](repeating: 1, count: limit - 12)))
    }
    #expect(refusal(larger.bytes) == .tooLarge)
  }

  @Test("an error names a place and nothing of what stands there")
  func silent() {
    #expect(
      BSONError(.truncated, offset: 7).description
        == "bytes are not the BSON they should be problem=`truncated` offset=`7`")
  }
}
