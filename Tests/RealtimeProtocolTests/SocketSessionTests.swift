// Namespaces, attachments and acknowledgements of one session.

import Testing

@testable import RealtimeProtocol

@Suite("namespaces")
struct SocketSessionTests {
  private func joined(_ settings: RealtimeSettings = .suite) -> SocketSession {
    var session = SocketSession(settings: settings, now: at(0))
    _ = session.receive(.text(utf8("0")[...]), now: at(0))
    _ = session.accept("/", socketID: "s1", now: at(0))
    return session
  }

  private func say(_ message: String, to session: inout SocketSession, now: Int64 = 1)
    -> [SocketAction]
  {
    session.receive(.text(utf8(message)[...]), now: at(now))
  }

  private func attach(_ bytes: [UInt8], to session: inout SocketSession, now: Int64 = 1)
    -> [SocketAction]
  {
    session.receive(.binary(bytes), now: at(now))
  }

  private func event(_ name: String, _ arguments: [JSONValue] = [], id: Int64? = nil)
    -> SocketAction
  {
    .event(SocketEvent(namespace: "/", name: name, arguments: arguments, id: id))
  }

  private func left(_ reason: CloseReason, _ namespace: String = "/", _ socketID: String = "s1")
    -> SocketAction
  {
    .disconnected(namespace: namespace, socketID: socketID, reason: reason)
  }

  @Test("a client joins with what it says of itself, and is told its identifier")
  func joins() {
    var session = SocketSession(settings: .suite, now: at(0))
    #expect(
      say(#"0{"token":"123"}"#, to: &session) == [
        .connect(
          namespace: "/", auth: JSONObject([JSONObject.Field(name: "token", value: "123")]))
      ])
    #expect(!session.isConnected("/"))
    #expect(
      session.accept("/", socketID: "s1", now: at(2)) == [
        .send(.connected("/", socketID: "s1"))
      ])
    #expect(session.isConnected("/"))
    #expect(!session.isConnected("/custom"))
  }

  @Test("a client is refused, and may try again")
  func refused() {
    var session = SocketSession(settings: .suite, now: at(0))
    _ = say("0/custom,", to: &session)
    #expect(
      session.refuse("/custom", message: "no", data: ["code": 1]) == [
        .send(.refused("/custom", message: "no", data: ["code": 1]))
      ])
    #expect(
      say("0/custom,", to: &session) == [.connect(namespace: "/custom", auth: JSONObject())])
  }

  @Test("a namespace that there is not is refused without asking")
  func unknownNamespace() {
    var session = SocketSession(settings: .suite, now: at(0))
    #expect(
      say("0/random", to: &session) == [
        .send(.refused("/random", message: "Invalid namespace", data: nil))
      ])
    for index in 0..<10_000 { _ = say("0/random\(index)", to: &session) }
    #expect(session.namespaces.isEmpty)
  }

  @Test("several namespaces live side by side, and end together")
  func several() {
    var session = joined()
    _ = say("0/custom,", to: &session)
    _ = session.accept("/custom", socketID: "s2", now: at(1))
    #expect(say("1/custom", to: &session) == [left(.clientNamespaceDisconnect, "/custom", "s2")])
    #expect(say(#"2["message","x"]"#, to: &session) == [event("message", ["x"])])
    _ = say("0/custom,", to: &session)
    _ = session.accept("/custom", socketID: "s3", now: at(1))
    #expect(
      session.end(.pingTimeout) == [left(.pingTimeout), left(.pingTimeout, "/custom", "s3")])
    #expect(session.end(.pingTimeout) == [])
    #expect(say(#"2["message","x"]"#, to: &session) == [])
    #expect(session.accept("/", socketID: "s4", now: at(2)).count == 1)
  }

  @Test(
    "whoever says anything before joining breaks the protocol",
    arguments: [#"2["a"]"#, "31[]", "1", #"4{"message":"x"}"#, #"2/custom,["a"]"#])
  func beforeJoining(message: String) {
    var session = SocketSession(settings: .suite, now: at(0))
    #expect(say(message, to: &session) == [.fail(.parseError)])
    var asking = SocketSession(settings: .suite, now: at(0))
    _ = say("0", to: &asking)
    if message != "1" { #expect(say(message, to: &asking) == [.fail(.parseError)]) }
  }

  @Test("joining twice breaks the protocol, before the decision and after it")
  func twice() {
    var session = joined()
    #expect(say("0", to: &session) == [.fail(.parseError)])
    var asking = SocketSession(settings: .suite, now: at(0))
    _ = say("0", to: &asking)
    #expect(say("0", to: &asking) == [.fail(.parseError)])
  }

  @Test("a client that leaves before the decision has left when it comes")
  func leavesEarly() {
    var session = SocketSession(settings: .suite, now: at(0))
    _ = say("0", to: &session)
    #expect(say("1", to: &session) == [])
    #expect(say("0", to: &session) == [.fail(.parseError)])
    #expect(
      session.accept("/", socketID: "s1", now: at(2)) == [left(.clientNamespaceDisconnect)])
    #expect(!session.isConnected("/"))

    var refused = SocketSession(settings: .suite, now: at(0))
    _ = say("0", to: &refused)
    _ = say("1", to: &refused)
    #expect(refused.refuse("/", message: "no") == [])
    #expect(say("0", to: &refused) == [.connect(namespace: "/", auth: JSONObject())])
  }

  @Test("a decision for a session that ended is answered with the end")
  func decisionAfterEnd() {
    var session = SocketSession(settings: .suite, now: at(0))
    _ = say("0", to: &session)
    #expect(session.end(.transportClose) == [])
    #expect(
      session.accept("/", socketID: "s1", now: at(2)) == [left(.clientNamespaceDisconnect)])
  }

  @Test("the server puts a client out; what was on its way is passed over, and it may come back")
  func putOut() {
    var session = joined()
    #expect(
      session.disconnect("/", now: at(1)) == [
        .send(.disconnect("/")), left(.serverNamespaceDisconnect),
      ])
    #expect(session.disconnect("/", now: at(1)) == [])
    #expect(session.deadline == at(1_001))
    #expect(say(#"2["a"]"#, to: &session) == [])
    #expect(say("31[]", to: &session) == [])
    #expect(say("1", to: &session) == [])
    #expect(say("0", to: &session) == [.connect(namespace: "/", auth: JSONObject())])
    _ = session.accept("/", socketID: "s2", now: at(1))
    #expect(say(#"2["a"]"#, to: &session) == [event("a")])
  }

  @Test("the server cannot put out a client that it has not let in")
  func putOutEarly() {
    var session = SocketSession(settings: .suite, now: at(0))
    _ = say("0", to: &session)
    #expect(session.disconnect("/", now: at(1)) == [])
    #expect(
      session.accept("/", socketID: "s1", now: at(2)) == [
        .send(.connected("/", socketID: "s1"))
      ])
  }

  @Test("a second decision changes nothing")
  func decidesTwice() {
    var session = joined()
    #expect(
      session.accept("/", socketID: "s2", now: at(1)) == [
        left(.clientNamespaceDisconnect, "/", "s2")
      ])
    #expect(session.refuse("/", message: "no") == [])
    #expect(session.isConnected("/"))
    #expect(say(#"2["a"]"#, to: &session) == [event("a")])
  }

  @Test("a session without a namespace ends in time, also when the last one is left")
  func connectTimeout() {
    var session = SocketSession(settings: .suite, now: at(0))
    #expect(session.deadline == at(1_000))
    #expect(session.tick(now: at(999)) == [])
    #expect(session.tick(now: at(1_000)) == [.fail(.connectTimeout)])
    #expect(session.tick(now: at(1_001)) == [])

    var joined = joined()
    #expect(joined.deadline == .never)
    _ = say("1", to: &joined, now: 500)
    #expect(joined.deadline == at(1_500))
    #expect(joined.tick(now: at(1_500)) == [.fail(.connectTimeout)])
  }

  @Test("attachments are put in their places, in whatever order the placeholders stand")
  func attachments() {
    var session = joined()
    let text =
      #"52-7["a",{"_placeholder":true,"num":1},{"x":[{"num":0,"_placeholder":true}]}]"#
    #expect(say(text, to: &session) == [])
    #expect(attach([1], to: &session) == [])
    #expect(
      attach([2, 3], to: &session) == [
        event(
          "a", [.binary([2, 3]), ["x": [.binary([1])]]], id: 7)
      ])
    #expect(say(#"2["b"]"#, to: &session) == [event("b")])
  }

  @Test("E09 attachments that do not come in time end the session, and leave nothing")
  func lateAttachments() {
    let settings = RealtimeSettings(attachmentTimeout: .seconds(1))
    var session = joined(settings)
    _ = say(#"52-["a",{"_placeholder":true,"num":0}]"#, to: &session, now: 500)
    #expect(session.deadline == at(1_500))
    #expect(attach([1], to: &session, now: 1_400) == [])
    #expect(session.deadline == at(1_500))
    #expect(session.tick(now: at(1_500)) == [.fail(.attachmentTimeout)])
    #expect(session.deadline == .never)
  }

  @Test("E09 attachments are limited together, not each")
  func largeAttachments() {
    var session = joined(RealtimeSettings(maxPayloadBytes: 10))
    _ = say(#"53-["a"]"#, to: &session)
    #expect(attach(Array(repeating: 1, count: 6), to: &session) == [])
    #expect(attach(Array(repeating: 1, count: 5), to: &session) == [.fail(.payloadTooLarge)])
  }

  @Test("text between attachments, or bytes without a packet, break the protocol")
  func strayParts() {
    var between = joined()
    _ = say(#"51-["a"]"#, to: &between)
    #expect(say(#"2["b"]"#, to: &between) == [.fail(.parseError)])
    var stray = joined()
    #expect(attach([1], to: &stray) == [.fail(.parseError)])
  }

  @Test("attachments for a namespace that was left end like any other packet of it")
  func attachmentsForLeft() {
    var session = joined()
    _ = say(#"51-["a",{"_placeholder":true,"num":0}]"#, to: &session)
    _ = session.disconnect("/", now: at(2))
    #expect(attach([1], to: &session) == [])
    var elsewhere = joined()
    _ = say(#"51-/custom,["a"]"#, to: &elsewhere)
    #expect(attach([1], to: &elsewhere) == [.fail(.parseError)])
  }

  @Test("E13 acknowledgements are handed on once, and others passed over")
  func acknowledgements() {
    var session = joined()
    #expect(session.awaitAcknowledgement(in: "/") == 0)
    #expect(session.awaitAcknowledgement(in: "/") == 1)
    #expect(session.awaitAcknowledgement(in: "/custom") == nil)
    #expect(
      say(#"31["b"]"#, to: &session) == [
        .acknowledged(namespace: "/", id: 1, arguments: ["b"])
      ])
    #expect(say(#"31["b"]"#, to: &session) == [])
    #expect(say("399[]", to: &session) == [])
    #expect(say(#"61-0[{"_placeholder":true,"num":0}]"#, to: &session) == [])
    #expect(
      attach([9], to: &session) == [
        .acknowledged(namespace: "/", id: 0, arguments: [.binary([9])])
      ])
  }

  @Test("acknowledgements that never come are bounded")
  func awaited() {
    var session = joined(RealtimeSettings(awaitedAcknowledgementLimit: 2))
    #expect(session.awaitAcknowledgement(in: "/") == 0)
    #expect(session.awaitAcknowledgement(in: "/") == 1)
    #expect(session.awaitAcknowledgement(in: "/") == nil)
    _ = say("30[]", to: &session)
    #expect(session.awaitAcknowledgement(in: "/") == 2)
  }
}
