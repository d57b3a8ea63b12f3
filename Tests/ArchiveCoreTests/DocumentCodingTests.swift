// Codable types as documents and back.

import ArchiveCore
import Testing

private enum Mood: String, Codable { case calm, loud }

private struct Inner: Codable, Equatable {
  var name: String
  var level: UInt8
}

private struct Everything: Codable, Equatable {
  var id: String
  var owner: UserID
  var at: Timestamp
  var times: [Timestamp]
  var mood: Mood
  var flag: Bool
  var small: Int8
  var wide: UInt64
  var inner: Inner
  var inners: [Inner]
  var byName: [String: Int]
  var absent: String?
  var present: Int?
}

private struct Holding<Value: Codable>: Codable {
  var value: Value
}

struct DocumentCodingTests {
  private let sample = Everything(
    id: "a", owner: UserID(ULID(high: 1, low: 2)), at: Timestamp(milliseconds: 7),
    times: [Timestamp(milliseconds: -1)], mood: .loud, flag: true, small: -128,
    wide: UInt64(Int64.max), inner: Inner(name: "ä\u{0}", level: 255), inners: [],
    byName: ["x": 1], absent: nil, present: 3)

  @Test("a Codable type becomes a document with values of its own kinds, nil left out")
  func encodes() throws {
    let document = try DocumentEncoder().encode(sample)
    let expected = Document([
      "id": .string("a"), "owner": .string(sample.owner.description),
      "at": .time(Timestamp(milliseconds: 7)),
      "times": .array([.time(Timestamp(milliseconds: -1))]), "mood": .string("loud"),
      "flag": .bool(true), "small": .integer(-128), "wide": .integer(.max),
      "inner": .object(["name": .string("ä\u{0}"), "level": .integer(255)]),
      "inners": .array([]), "byName": .object(["x": .integer(1)]), "present": .integer(3),
    ])
    #expect(document == expected)
  }

  @Test("a document decodes to the value it was made from")
  func roundTrip() throws {
    let document = try DocumentEncoder().encode(sample)
    #expect(try DocumentDecoder().decode(Everything.self, from: document) == sample)
  }

  @Test("what a document cannot hold is invalid and named")
  func refusesOnEncoding() {
    expectInvalid(Holding(value: UInt64.max))
    expectInvalid(Holding(value: 1.5))
    expectInvalid(Holding(value: Float(1)))
    expectInvalid(Holding(value: [1, nil]))
  }

  private func expectInvalid(_ value: some Encodable) {
    let error = #expect(throws: StoreError.self) { try DocumentEncoder().encode(value) }
    #expect(error?.kind == .invalid)
    #expect(error?.message.contains("field=`value`") == true)
  }

  @Test("an array is no document")
  func refusesArrays() {
    let error = #expect(throws: StoreError.self) { try DocumentEncoder().encode([1, 2]) }
    #expect(error?.kind == .invalid)
  }

  @Test(
    "a missing field or another type is corrupt, names the field and hides the value",
    arguments: [
      nil, .string("secret"), .bool(true), .time(Timestamp(milliseconds: 0)), .array([]),
      .object([:]), .integer(256), .integer(-1),
    ] as [DocumentValue?])
  func refusesOnDecoding(level: DocumentValue?) {
    var inner: [String: DocumentValue] = ["name": .string("n")]
    inner["level"] = level
    let error = #expect(throws: StoreError.self) {
      try DocumentDecoder().decode(
        Holding<Inner>.self, from: Document(["value": .object(inner)]))
    }
    #expect(error?.kind == .corrupt)
    #expect(error?.message.contains("field=`value.level`") == true)
    #expect(error?.description.contains("secret") == false)
  }

  @Test("an identifier that is none is corrupt and is not repeated")
  func badIdentifier() {
    let error = #expect(throws: StoreError.self) {
      try DocumentDecoder().decode(
        Holding<UserID>.self, from: Document(["value": .string("hunter2")]))
    }
    #expect(error?.kind == .corrupt)
    #expect(error?.description.contains("hunter2") == false)
  }

  @Test("a time is no string and a string no time")
  func timesAreTheirOwn() {
    #expect(throws: StoreError.self) {
      try DocumentDecoder().decode(
        Holding<Timestamp>.self, from: Document(["value": .string("2026-11-21T10:52:00.123Z")]))
    }
    #expect(throws: StoreError.self) {
      try DocumentDecoder().decode(
        Holding<String>.self, from: Document(["value": .time(Timestamp(milliseconds: 0))]))
    }
  }
}
