// Packets of Socket.IO as they leave.

import ArchiveTesting
import Testing

@testable import RealtimeProtocol

@Suite("encoded packets")
struct EncodedPacketTests {
  @Test("events and acknowledgements are written as in the protocol's document")
  func examples() {
    #expect(text(EncodedPacket.event("foo").text) == #"42["foo"]"#)
    #expect(text(EncodedPacket.event("bar", namespace: "/admin").text) == #"42/admin,["bar"]"#)
    #expect(text(EncodedPacket.event("foo", id: 12).text) == #"4212["foo"]"#)
    #expect(
      text(EncodedPacket.event("foo", [1, "2", ["3": [true]]], namespace: "/admin", id: 13).text)
        == #"42/admin,13["foo",1,"2",{"3":[true]}]"#)
    #expect(text(EncodedPacket.acknowledgement(12).text) == "4312[]")
    #expect(
      text(EncodedPacket.acknowledgement(13, ["bar"], namespace: "/admin").text)
        == #"43/admin,13["bar"]"#)
    #expect(EncodedPacket.event("foo").attachments.isEmpty)
  }

  @Test("bytes leave as attachments, and the packet says how many")
  func binary() {
    let event = EncodedPacket.event(
      "baz", [.binary([1, 2]), ["a": .binary([3])]], namespace: "/admin", id: 14)
    #expect(
      text(event.text)
        == #"452-/admin,14["baz",{"_placeholder":true,"num":0},{"a":{"_placeholder":true,"num":1}}]"#
    )
    #expect(event.attachments == [[1, 2], [3]])
    #expect(event.byteCount == event.text.count + 3)
    #expect(event.frames == [.text(event.text), .binary([1, 2]), .binary([3])])
    let answer = EncodedPacket.acknowledgement(15, [.binary([])])
    #expect(text(answer.text) == #"461-15[{"_placeholder":true,"num":0}]"#)
    #expect(answer.attachments == [[]])
  }

  @Test("JSON that is there already is taken as it is")
  func json() {
    let json = utf8(#"{"seq":1,"text":"a\u001eb"}"#)
    #expect(
      EncodedPacket.event("newMessage", json: json)
        == EncodedPacket.event("newMessage", [["seq": 1, "text": "a\u{1E}b"]]))
    #expect(
      text(EncodedPacket.event("a\"b", json: json[...5], namespace: "/x").text)
        == #"42/x,["a\"b",{"seq"]"#)
    #expect(
      EncodedPacket.acknowledgement(7, json: json, namespace: "/x")
        == EncodedPacket.acknowledgement(
          7, [["seq": 1, "text": "a\u{1E}b"]], namespace: "/x"))
  }

  @Test("what the server says of namespaces")
  func namespaces() {
    #expect(text(EncodedPacket.connected("/", socketID: "ab").text) == #"40{"sid":"ab"}"#)
    #expect(text(EncodedPacket.connected("/x", socketID: "ab").text) == #"40/x,{"sid":"ab"}"#)
    #expect(
      text(EncodedPacket.refused("/x", message: "no", data: nil).text) == #"44/x,{"message":"no"}"#)
    #expect(
      text(EncodedPacket.refused("/", message: "no", data: ["a": 1]).text)
        == #"44{"message":"no","data":{"a":1}}"#)
    #expect(text(EncodedPacket.disconnect("/").text) == "41")
    #expect(text(EncodedPacket.disconnect("/x").text) == "41/x,")
  }

  @Test("what is encoded is read as the same, with its attachments in place")
  func roundTrip() throws {
    var generator = SeededGenerator.fromEnvironment("encoded packets")
    for round in 0..<500 {
      let bytes: [JSONValue] = (0..<generator.int(0...3)).map { .binary([UInt8($0), 7]) }
      let arguments = [RandomJSON.value(&generator), .array(bytes), ["deep": .array(bytes)]]
      let packet = EncodedPacket.event("name", arguments, namespace: "/custom", id: Int64(round))
      let read = try SocketPacket(packet.text.dropFirst(), settings: .suite)
      #expect(read.attachmentCount == packet.attachments.count)
      let whole = read.payload.map { Attachments.placed(packet.attachments, in: $0) }
      #expect(whole == .array(["name"] + arguments))
      #expect(read.id == Int64(round))
    }
  }
}
