// Packets of Socket.IO: what is read, and what closes the connection.

import Testing

@testable import RealtimeProtocol

@Suite("packets of Socket.IO")
struct SocketPacketTests {
  private func read(_ text: String, _ settings: RealtimeSettings = .suite)
    throws(SocketPacketError) -> SocketPacket
  {
    try SocketPacket(utf8(text)[...], settings: settings)
  }

  struct Expected: Sendable {
    let kind: SocketPacket.Kind
    var namespace = "/"
    var id: Int64?
    var payload: JSONValue?
    var attachments = 0
  }

  private static let placeholder: JSONValue = ["_placeholder": true, "num": 0]

  /// The examples of the protocol's document, and neighbours of them.
  static let valid: [(String, Expected)] = [
    ("0", Expected(kind: .connect)),
    (#"0{"token":"123"}"#, Expected(kind: .connect, payload: ["token": "123"])),
    ("0/admin,", Expected(kind: .connect, namespace: "/admin")),
    ("0/admin", Expected(kind: .connect, namespace: "/admin")),
    (#"0/admin,{"a":1}"#, Expected(kind: .connect, namespace: "/admin", payload: ["a": 1])),
    ("1", Expected(kind: .disconnect)),
    ("1/admin,", Expected(kind: .disconnect, namespace: "/admin")),
    ("1/admin", Expected(kind: .disconnect, namespace: "/admin")),
    (#"2["foo"]"#, Expected(kind: .event, payload: ["foo"])),
    (#"2/admin,["bar"]"#, Expected(kind: .event, namespace: "/admin", payload: ["bar"])),
    (#"212["foo"]"#, Expected(kind: .event, id: 12, payload: ["foo"])),
    (#"20["foo"]"#, Expected(kind: .event, id: 0, payload: ["foo"])),
    (#"2/admin,13["foo"]"#, Expected(kind: .event, namespace: "/admin", id: 13, payload: ["foo"])),
    (#"2["a","b,c",{"3":[true]}]"#, Expected(kind: .event, payload: ["a", "b,c", ["3": [true]]])),
    ("312[]", Expected(kind: .ack, id: 12, payload: [])),
    (#"3/admin,13["bar"]"#, Expected(kind: .ack, namespace: "/admin", id: 13, payload: ["bar"])),
    (#"29007199254740991["a"]"#, Expected(kind: .event, id: 9_007_199_254_740_991, payload: ["a"])),
    (
      #"51-["baz",{"_placeholder":true,"num":0}]"#,
      Expected(kind: .event, payload: ["baz", placeholder], attachments: 1)
    ),
    (
      #"51-/admin,14["baz",{"_placeholder":true,"num":0}]"#,
      Expected(
        kind: .event, namespace: "/admin", id: 14, payload: ["baz", placeholder], attachments: 1)
    ),
    (
      #"61-15["bar",{"_placeholder":true,"num":0}]"#,
      Expected(kind: .ack, id: 15, payload: ["bar", placeholder], attachments: 1)
    ),
    (#"510-["a"]"#, Expected(kind: .event, payload: ["a"], attachments: 10)),
    (#"4{"message":"x"}"#, Expected(kind: .connectError, payload: ["message": "x"])),
    // Without attachments a placeholder is an object as any other.
    (
      #"2["a",{"_placeholder":true,"num":7}]"#,
      Expected(kind: .event, payload: ["a", ["_placeholder": true, "num": 7]])
    ),
  ]

  @Test("each packet of the protocol's document is read", arguments: valid)
  func examples(text: String, expected: Expected) throws {
    let packet = try read(text)
    #expect(packet.kind == expected.kind)
    #expect(packet.namespace == expected.namespace)
    #expect(packet.id == expected.id)
    #expect(packet.payload == expected.payload)
    #expect(packet.attachmentCount == expected.attachments)
  }

  static let unknown = ["", "abc", "7", "9[\"a\"]", " 2[\"a\"]", "-1", "/", "\u{0}", "٢[\"a\"]"]

  @Test("E07 an unknown type is refused", arguments: unknown)
  func unknownType(text: String) {
    #expect(throws: SocketPacketError.unknownType) { try read(text) }
  }

  static let wrongPayloads = [
    "2", "2{}", "2[]", "2[null]", "2[{}]", "2[1]", "2[[\"a\"]]", "2\"a\"", "2null", "212",
    "2/admin,",
    "2[\"connect\"]", "2[\"connect_error\"]", "2[\"disconnect\"]", "2[\"disconnecting\"]",
    "2[\"newListener\"]", "2[\"removeListener\"]", "0[]", "0null", "0\"a\"", "0true", "1{}",
    "1[]",
    "3[]", "3", "312", "312{}", "312null", "4", "4[]", "51-{}", "61-[]", "51-[]",
    "2[true,\"a\"]",
  ]

  @Test("E07 a payload that does not fit its packet is refused", arguments: wrongPayloads)
  func wrongPayload(text: String) {
    #expect(throws: SocketPacketError.wrongPayload) { try read(text) }
  }

  static let notJSON = [
    "2abc[\"a\",1,\"2\"]", "2[\"a\"", "2[\"a\"]x", "2-1[\"a\"]", "21.5[\"a\"]", "21e3[\"a\"]", "0{",
    "2/admin", "2 12[\"a\"]", "2/admin,abc[\"a\"]", "2+1[\"a\"]", "2\u{FEFF}[\"a\"]",
  ]

  @Test("E07 a payload that is no JSON is refused", arguments: notJSON)
  func noJSON(text: String) {
    // A namespace takes everything up to a comma, so `2/admin` has no payload at all.
    let isMissing = text == "2/admin"
    #expect {
      try read(text)
    } throws: { error in
      guard let error = error as? SocketPacketError else { return false }
      if case .payload = error { return true }
      return isMissing && error == .wrongPayload
    }
  }

  @Test(
    "E13 identifiers beyond what JavaScript counts are refused, without a trap",
    arguments: [
      "29007199254740992[\"a\"]", "218446744073709551616[\"a\"]", "29223372036854775808[\"a\"]",
      "2999999999999999999999999999999[\"a\"]", "318446744073709551616[]",
      "2" + String(repeating: "9", count: 100_000) + "[\"a\"]",
    ])
  func identifiers(text: String) { #expect(throws: SocketPacketError.id) { try read(text) } }

  @Test(
    "E09 a number of attachments beyond the limit, or none, is refused",
    arguments: [
      "511-[\"a\"]", "599999999999-[\"a\"]", "5999999999999999999999999-[\"a\"]", "50-[\"a\"]",
      "5-[\"a\"]",
      "5[\"a\"]", "51[\"a\"]", "5", "51", "5-1-[\"a\"]", "51.5-[\"a\"]", "5 1-[\"a\"]",
      "5a-[\"a\"]", "6[1]",
      "60-1[]",
    ])
  func attachmentCounts(text: String) {
    #expect(throws: SocketPacketError.attachmentCount) { try read(text) }
  }

  @Test(
    "E10 a placeholder for an attachment that is not there is refused, wherever it stands",
    arguments: [
      #"{"_placeholder":true,"num":-1}"#, #"{"_placeholder":true,"num":1}"#,
      #"{"_placeholder":true,"num":1e9}"#, #"{"_placeholder":true,"num":0.5}"#,
      #"{"_placeholder":true,"num":"0"}"#, #"{"_placeholder":true,"num":"__proto__"}"#,
      #"{"_placeholder":true}"#, #"{"_placeholder":true,"num":null}"#,
      #"{"_placeholder":true,"num":9223372036854775807}"#, #"{"_placeholder":true,"num":[0]}"#,
    ])
  func placeholders(placeholder: String) {
    for text in [placeholder, "[\(placeholder)]", #"{"a":{"b":[1,\#(placeholder)]}}"#] {
      #expect(throws: SocketPacketError.placeholder) { try read("51-[\"a\",\(text)]") }
      #expect(throws: SocketPacketError.placeholder) { try read("61-5[\(text)]") }
    }
  }

  @Test("what only resembles a placeholder is left as it is")
  func notPlaceholders() throws {
    let packet = try read(
      #"51-["a",{"_placeholder":1,"num":9},{"_placeholder":"true"},{"_placeholder":false,"num":9}]"#
    )
    #expect(packet.payload?.array?.count == 4)
  }

  @Test("a namespace that is too long, or no UTF-8, is refused")
  func namespaces() throws {
    let longest = "/" + String(repeating: "a", count: 127)
    #expect(try read("0\(longest),").namespace == longest)
    #expect(try read("0\(longest)").namespace == longest)
    #expect(throws: SocketPacketError.namespace) { try read("0\(longest)a,") }
    #expect(throws: SocketPacketError.namespace) {
      try read("0/" + String(repeating: "a", count: 1_000_000))
    }
    #expect(throws: SocketPacketError.namespace) {
      try SocketPacket((utf8("0/") + [0xFF])[...], settings: .suite)
    }
  }

  @Test("E14 the limits of JSON hold for payloads")
  func limits() {
    let settings = RealtimeSettings(json: JSONLimits(depth: 2, values: 5))
    #expect(throws: Never.self) { try read(#"2["a",[1,2]]"#, settings) }
    #expect {
      try read(#"2["a",[[1]]]"#, settings)
    } throws: {
      ($0 as? SocketPacketError) == .payload(JSONError(problem: .tooDeep, offset: 6))
    }
  }
}
