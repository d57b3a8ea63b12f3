// Random documents come back as they went, and writing allocates no more than it must.

import ArchiveTesting
import Testing

@testable import MongoDriver

/// Makes random values of the types that we use.
private struct RandomValues {
  var random = SeededGenerator.fromEnvironment("BSON round trip")

  mutating func document(depth: Int) -> [(String, BSONValue)] {
    (0..<random.int(0...6)).map { _ in (text(), value(depth: depth)) }
  }

  mutating func value(depth: Int) -> BSONValue {
    switch random.int(0...(depth > 0 ? 13 : 11)) {
    case 0: .double(Double(bitPattern: random.next()).isNaN ? 0.25 : Double(random.int(-9...9)))
    case 1: .string(text() + "\u{0}" + text())
    case 2: .binary(BSONBinary((0..<random.int(0...9)).map { UInt8($0) }, subtype: 5))
    case 3:
      .objectID(BSONObjectID(high: random.next(), low: UInt32(truncatingIfNeeded: random.next())))
    case 4: .bool(random.oneIn(2))
    case 5: .time(BSONTime(milliseconds: Int64(bitPattern: random.next())))
    case 6: .null
    case 7: .int32(Int32(truncatingIfNeeded: random.next()))
    case 8: .int64(Int64(bitPattern: random.next()))
    case 9:
      .timestamp(BSONTimestamp(seconds: UInt32(truncatingIfNeeded: random.next()), increment: 3))
    case 10: random.oneIn(2) ? .minKey : .maxKey
    case 11: .string(text())
    case 12: .array((0..<random.int(0...13)).map { _ in value(depth: depth - 1) })
    default: .document(Self.written(document(depth: depth - 1)))
    }
  }

  mutating func text() -> String {
    random.pick(["", "a", "name", "é", "e\u{301}", "😀", "a name that is longer than sixteen bytes"])
  }

  static func written(_ elements: [(String, BSONValue)]) -> BSONDocument {
    BSONDocument { writer in
      for (name, value) in elements { writer.append(name, value) }
    }
  }
}

@Suite("BSON there and back")
struct BSONRoundTripTests {
  @Test("random documents are read as they were written")
  func roundTrip() throws {
    var values = RandomValues()
    for _ in 0..<3_000 {
      let elements = values.document(depth: 4)
      let document = RandomValues.written(elements)
      let read = try BSONDocument(checking: document.bytes).elements()
      #expect(read.map { Array($0.name.utf8) } == elements.map { Array($0.0.utf8) })
      #expect(read.map(\.value) == elements.map(\.1))
      #expect(RandomValues.written(read.map { ($0.name, $0.value) }) == document)
    }
  }

  @Test("a message written into reserved space never moves")
  func oneAllocation() {
    var addresses: Set<UInt> = []
    let document = BSONDocument(reservingBytes: 1024) { writer in
      for field in 0..<8 {
        writer.append("field", "some text of a message number \(field)")
        addresses.insert(writer.address)
        writer.document("inner") { inner in
          inner.append("flag", true)
          inner.array("list") { $0.append(Int64(field)) }
        }
        addresses.insert(writer.address)
      }
    }
    #expect(document.bytes.count > 400)
    #expect(addresses.count == 1)
    #expect(addresses.first == document.bytes.withUnsafeBytes { UInt(bitPattern: $0.baseAddress) })
  }

  @Test("a writer that throws passes the error on")
  func failing() {
    struct Failure: Error {}
    #expect(throws: Failure.self) {
      try BSONDocument { (writer) throws(Failure) in
        try writer.array("a") { (array) throws(Failure) in
          array.append("x")
          throw Failure()
        }
      }
    }
  }
}

extension BSONWriter {
  fileprivate var address: UInt { bytes.withUnsafeBytes { UInt(bitPattern: $0.baseAddress) } }
}
