// Packets, payloads and requests of clients that speak Engine.IO and Socket.IO, or pretend to.

import RealtimeProtocol

/// Reads the bytes as each thing that a client sends, then tells a session of them, and checks what must hold.
@Sendable
func fuzzRealtime(_ bytes: [UInt8]) {
  checkJSON(bytes)
  checkPayload(bytes)
  checkPacket(bytes)
  let query = String(decoding: bytes, as: UTF8.self)
  _ = try? EngineRequest(method: "GET", query: query, wantsWebSocket: bytes.count % 2 == 0)
  driveSession(bytes)
}

/// What is read is written as JSON that reads as what is written the same. (A number may have been `1.0`, and is `1`.)
private func checkJSON(_ bytes: [UInt8]) {
  guard let value = try? JSONParser.value(bytes[...]) else { return }
  let written = JSONWriter.bytes(value)
  let read = try? JSONParser.value(written[...], limits: JSONLimits(depth: 32, values: .max))
  precondition(read.map(JSONWriter.bytes) == written, "what is written reads as the same")
  precondition(!written.contains { $0 < 0x20 }, "no control character is written")
}

/// A payload has no more packets than separators, and none behind one that is none.
private func checkPayload(_ bytes: [UInt8]) {
  guard let payload = PollingPayload(bytes) else { return }
  var (count, hasFailed) = (0, false)
  for packet in payload {
    precondition(!hasFailed, "nothing is read behind a fault")
    count += 1
    if case .failure = packet { hasFailed = true }
  }
  precondition(
    count >= 1 && count <= bytes.count(where: { $0 == 0x1E }) + 1, "as many as are separated")
}

private func checkPacket(_ bytes: [UInt8]) {
  let settings = RealtimeSettings()
  guard let packet = try? SocketPacket(bytes[...], settings: settings) else { return }
  precondition(packet.attachmentCount <= settings.attachmentLimit, "no more than may be")
  precondition(packet.namespace.utf8.count <= 128, "no longer than may be")
  precondition((packet.id ?? 0) >= 0, "identifiers are not negative")
}

/// The bytes as messages of two sessions, one that polls and one that does not; the first byte of each line says what it is.
private func driveSession(_ bytes: [UInt8]) {
  let settings = RealtimeSettings(maxPayloadBytes: 4_096, namespaces: ["/", "/custom"])
  for transport in [EngineTransport.websocket, .polling] {
    var session = RealtimeSession.open(
      id: "abc", transport: transport, settings: settings, now: Moment(milliseconds: 0)
    ).session
    var (now, ends) = (Int64(0), 0)
    for line in bytes.split(separator: 0x0A, omittingEmptySubsequences: false) {
      now += Int64(line.first ?? 0)
      let moment = Moment(milliseconds: now)
      var actions = tell(&session, line, moment)
      for case .connect(let namespace, _) in actions {
        actions += session.accept(namespace, socketID: "s", now: moment)
      }
      ends += actions.count { if case .transport(.closed) = $0 { true } else { false } }
    }
    precondition(ends <= 1, "a session ends once")
    precondition(session.isOpen == (ends == 0), "and says so")
  }
}

private func tell(_ session: inout RealtimeSession, _ line: ArraySlice<UInt8>, _ now: Moment)
  -> [RealtimeAction]
{
  let rest = Array(line.dropFirst())
  switch line.first.map({ $0 % 10 }) {
  case nil: return session.tick(now: now)
  case 0: return session.pollOpened(now: now)
  case 1: return session.pushOpened(now: now) + session.receive(push: rest, now: now)
  case 2: return session.probeOpened(now: now)
  case 3: return session.receiveProbe(.text(rest), now: now)
  case 4: return session.receive(.binary(rest), now: now)
  case 5: return session.send(.event("e", json: rest), now: now)
  case 6: return session.sendAwaitingAcknowledgement("e", [.binary(rest)], now: now).actions
  default: return session.receive(.text(rest), now: now)
  }
}
