// Both protocols together, as the official suite for servers sees them.

import Testing

@testable import RealtimeProtocol

/// A session that is driven by a test: a WebSocket, or polls, with an application that says yes.
struct Driven {
  var session: RealtimeSession
  var now: Int64 = 0
  /// What left over the WebSocket, as text, or `<bytes>`.
  var written: [String] = []
  var answers: [String] = []
  var others: [RealtimeAction] = []

  init(_ transport: EngineTransport, _ settings: RealtimeSettings = .suite) {
    let opened = RealtimeSession.open(
      id: "abc", transport: transport, settings: settings, now: at(0))
    session = opened.session
    note(opened.actions)
  }

  mutating func note(_ actions: [RealtimeAction]) {
    for action in actions {
      switch action {
      case .transport(.write(.text(let bytes))): written.append(text(bytes))
      case .transport(.write(.binary(let bytes))): written.append("\(bytes)")
      case .transport(.answerPoll(let body)): answers.append(text(body))
      case .connect(let namespace, let auth):
        note(session.accept(namespace, socketID: "s\(namespace)", now: at(now)))
        note(
          session.send(
            .event("auth", [.object(auth)], namespace: namespace), namespace: namespace,
            now: at(now)))
      case .event(let event): answer(event)
      default: others.append(action)
      }
    }
  }

  /// As the suites want an application to behave.
  private mutating func answer(_ event: SocketEvent) {
    switch (event.name, event.id) {
    case ("message", _):
      note(session.send(.event("message-back", event.arguments), now: at(now)))
    case ("message-with-ack", let id?):
      note(session.send(.acknowledgement(id, event.arguments), now: at(now)))
    default: others.append(.event(event))
    }
  }

  mutating func say(_ frames: EngineFrame...) {
    for frame in frames { note(session.receive(frame, now: at(now))) }
  }

  mutating func push(_ body: String) {
    note(session.pushOpened(now: at(now)))
    note(session.receive(push: utf8(body), now: at(now)))
  }

  /// What left since the last call.
  mutating func takeWritten() -> [String] {
    defer { written = [] }
    return written
  }
}

@Suite("sessions, as the official suite sees them")
struct RealtimeSessionTests {
  private func joined() -> Driven {
    var client = Driven(.websocket)
    client.say("40")
    _ = client.takeWritten()
    return client
  }

  private func isClosed(_ client: Driven) -> Bool {
    !client.session.isOpen && client.others.contains(.transport(.closeWebSocket(.parseError)))
  }

  @Test("D1 a client connects to the main namespace, with a payload and without")
  func connects() {
    var client = Driven(.websocket)
    _ = client.takeWritten()
    client.say("40")
    #expect(client.takeWritten() == [#"40{"sid":"s/"}"#, #"42["auth",{}]"#])
    var other = Driven(.websocket)
    _ = other.takeWritten()
    other.say(#"40{"token":"123"}"#)
    #expect(other.takeWritten() == [#"40{"sid":"s/"}"#, #"42["auth",{"token":"123"}]"#])
  }

  @Test("D1 a client connects to a namespace of its own, with a payload and without")
  func connectsElsewhere() {
    var client = Driven(.websocket)
    _ = client.takeWritten()
    client.say(#"40/custom,{"token":"abc"}"#)
    #expect(
      client.takeWritten() == [
        #"40/custom,{"sid":"s/custom"}"#, #"42/custom,["auth",{"token":"abc"}]"#,
      ])
    client.say("40/random")
    #expect(client.takeWritten() == [#"44/random,{"message":"Invalid namespace"}"#])
    #expect(client.session.isOpen)
  }

  @Test("D1 a handshake that is no packet, or none, closes the connection")
  func noHandshake() {
    var client = Driven(.websocket)
    client.say("4abc")
    #expect(isClosed(client))
    var silent = Driven(.websocket)
    silent.note(silent.session.tick(now: at(300)))
    silent.note(silent.session.receive("3", now: at(310)))
    silent.note(silent.session.tick(now: at(610)))
    silent.note(silent.session.receive("3", now: at(620)))
    silent.note(silent.session.tick(now: at(920)))
    silent.note(silent.session.receive("3", now: at(930)))
    #expect(silent.session.deadline == at(1_000))
    silent.note(silent.session.tick(now: at(1_000)))
    #expect(silent.others.contains(.transport(.closed(.connectTimeout))))
  }

  @Test("D1 leaving the main namespace keeps the connection, and its pings")
  func leaves() {
    var client = joined()
    client.say("41")
    #expect(
      client.others == [
        .disconnected(namespace: "/", socketID: "s/", reason: .clientNamespaceDisconnect)
      ])
    client.note(client.session.tick(now: at(300)))
    #expect(client.takeWritten() == ["2"])
  }

  @Test("D1 leaving one namespace leaves the other as it is")
  func leavesOne() {
    var client = joined()
    client.say("40/custom", "41/custom", #"42["message","message to main namespace"]"#)
    #expect(client.written.last == #"42["message-back","message to main namespace"]"#)
  }

  @Test("D1 messages come back, plain and with bytes")
  func messages() {
    var client = joined()
    client.say(#"42["message",1,"2",{"3":[true]}]"#)
    #expect(client.takeWritten() == [#"42["message-back",1,"2",{"3":[true]}]"#])
    client.say(
      #"452-["message",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]"#,
      .binary([1, 2, 3]), .binary([4, 5, 6]))
    #expect(
      client.takeWritten() == [
        #"452-["message-back",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]"#,
        "[1, 2, 3]", "[4, 5, 6]",
      ])
  }

  @Test("D1 messages are acknowledged, plain and with bytes")
  func acknowledgements() {
    var client = joined()
    client.say(#"42456["message-with-ack",1,"2",{"3":[false]}]"#)
    #expect(client.takeWritten() == [#"43456[1,"2",{"3":[false]}]"#])
    client.say(
      #"452-789["message-with-ack",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]"#,
      .binary([1, 2, 3]), .binary([4, 5, 6]))
    #expect(
      client.takeWritten() == [
        #"462-789[{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]"#, "[1, 2, 3]",
        "[4, 5, 6]",
      ])
  }

  static let hostile = [
    "4abc", "42{}", "42abc[\"message-with-ack\",1]", "42[null]", "42[{}]", "42[]", "42", "4", "",
    "45999999999-[\"a\"]", "451-[\"a\",{\"_placeholder\":true,\"num\":-1}]", "40", "40[]",
    "4218446744073709551616[\"a\"]", "42-1[\"a\"]", "44{\"message\":\"x\"}", "42/custom,[\"a\"]",
    "42[\"disconnect\"]", "42[\"a\",1e400]", "42[\"a\",{\"b\":1,\"b\":2}]", "2", "2probe", "b",
    "bAQID",
  ]

  @Test(
    "E07 E09 E10 E13 E14 what breaks the protocol closes the connection, once", arguments: hostile)
  func closes(frame: String) {
    var client = joined()
    client.say(.text(utf8(frame)))
    let left = RealtimeAction.disconnected(namespace: "/", socketID: "s/", reason: .parseError)
    #expect(
      client.others == [
        .transport(.closeWebSocket(.parseError)), .transport(.closed(.parseError)), left,
        .transport(.finished),
      ])
    client.say(#"42["message",1]"#)
    #expect(client.takeWritten().isEmpty)
  }

  @Test("E14 a hundred thousand brackets close the connection")
  func deep() {
    var client = joined()
    client.say(.text(utf8(#"42["a","#) + Array(repeating: UInt8(ascii: "["), count: 100_000)))
    #expect(isClosed(client))
  }

  @Test("D1 everything works over polls as well, bytes as base64")
  func polling() {
    var client = Driven(.polling)
    client.push("40")
    client.note(client.session.pollOpened(now: at(1)))
    client.push(#"451-5["message-with-ack",{"_placeholder":true,"num":0}]"# + "\u{1E}bAQIDBA==")
    client.note(client.session.pollOpened(now: at(2)))
    #expect(
      client.answers.dropFirst() == [
        #"40{"sid":"s/"}"# + "\u{1E}" + #"42["auth",{}]"#,
        #"461-5[{"_placeholder":true,"num":0}]"# + "\u{1E}bAQIDBA==",
      ])
  }

  @Test(
    "E07 a push that breaks the protocol in its middle ends the session, and its rest is not read")
  func brokenPush() {
    var client = Driven(.polling)
    client.push("40")
    client.push("42[\"message\",1]\u{1E}42{}\u{1E}42[\"other\"]")
    #expect(
      client.others == [
        .transport(.acceptPush), .transport(.closed(.parseError)),
        .disconnected(namespace: "/", socketID: "s/", reason: .parseError),
        .transport(.acceptPush),
      ])
  }

  @Test("a packet for a namespace that the client is not in goes nowhere")
  func notJoined() {
    var client = joined()
    client.note(client.session.send(.event("a"), namespace: "/custom", now: at(1)))
    #expect(client.takeWritten().isEmpty)
    #expect(client.session.writesDirectly("/"))
    #expect(!client.session.writesDirectly("/custom"))
    client.note(client.session.disconnect("/", now: at(1)))
    #expect(client.takeWritten() == ["41"])
    #expect(!client.session.writesDirectly("/"))
  }

  @Test("an event that the client is to acknowledge gets an identifier, and its answer")
  func awaited() {
    var client = joined()
    let sent = client.session.sendAwaitingAcknowledgement("hi", [1], now: at(1))
    client.note(sent.actions)
    #expect(sent.id == 0)
    #expect(client.takeWritten() == [#"420["hi",1]"#])
    client.say(#"430["yes"]"#)
    #expect(
      client.others == [.acknowledged(namespace: "/", id: 0, arguments: ["yes"])])
    let elsewhere = client.session.sendAwaitingAcknowledgement(
      "hi", [], namespace: "/custom", now: at(1))
    #expect(elsewhere.id == nil && elsewhere.actions.isEmpty)
  }

  @Test("sessionEnded reaches a client that polls before the end")
  func farewell() {
    var client = Driven(.polling)
    client.push("40")
    client.note(client.session.pollOpened(now: at(1)))
    client.note(client.session.send(.event("sessionEnded"), now: at(2)))
    client.note(client.session.disconnect("/", now: at(2)))
    client.note(client.session.close(.forcedClose, now: at(2)))
    client.note(client.session.pollOpened(now: at(3)))
    #expect(client.answers.last == "42[\"sessionEnded\"]\u{1E}41\u{1E}1")
    #expect(client.others.last == .transport(.finished))
  }
}
