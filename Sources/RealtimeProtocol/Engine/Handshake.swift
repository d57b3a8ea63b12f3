// The first packet of a session, which tells the client the rules.

extension EngineFrame {
  /// The `open` packet: the session's identifier, what it may upgrade to, and the server's intervals and limits.
  ///
  /// The identifier is one that needs no escapes, as the server makes them.
  static func open(id: String, upgrades: [EngineTransport], settings: RealtimeSettings)
    -> EngineFrame
  {
    let names = upgrades.map { JSONValue.string($0.rawValue) }
    var writer = JSONWriter([UInt8(ascii: "0")])
    writer.append(
      [
        "sid": .string(id),
        "upgrades": .array(names),
        "pingInterval": .integer(settings.pingInterval.wholeMilliseconds),
        "pingTimeout": .integer(settings.pingTimeout.wholeMilliseconds),
        "maxPayload": .integer(Int64(settings.maxPayloadBytes)),
      ] as JSONValue)
    return .text(writer.bytes)
  }
}
