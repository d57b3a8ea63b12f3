// What an HTTP request to the path of Engine.IO asks for.

/// The two ways that packets travel, as they are named in a query.
package enum EngineTransport: String, Sendable {
  case polling
  case websocket
}

/// What a request wants, by its method and query alone (Engine.IO protocol, "Query parameters").
package enum EngineRequest: Equatable, Sendable {
  /// A new session.
  case handshake(EngineTransport)
  /// A GET that waits for packets of the session.
  case poll(session: String)
  /// A POST with packets for the session.
  case push(session: String)
  /// A WebSocket that wants to take over the session.
  case probe(session: String)

  /// - Parameters:
  ///   - query: as it stands behind the question mark.
  ///   - wantsWebSocket: whether the request asks for an upgrade to a WebSocket.
  package init(method: String, query: String, wantsWebSocket: Bool)
    throws(EngineRefusal)
  {
    let parameters = try EngineQuery(query)
    guard let transport = parameters.transport.flatMap({ EngineTransport(rawValue: $0) }) else {
      throw .unknownTransport
    }
    guard parameters.version == "4" else { throw .unsupportedVersion }
    guard wantsWebSocket == (transport == .websocket) else { throw .badRequest }
    guard let session = parameters.session, !session.isEmpty else {
      guard method == "GET" else { throw .badHandshakeMethod }
      self = .handshake(transport)
      return
    }
    guard session.utf8.count <= Self.sessionLimitBytes else { throw .unknownSession }
    switch (method, transport) {
    case ("GET", .polling): self = .poll(session: session)
    case ("POST", .polling): self = .push(session: session)
    case ("GET", .websocket): self = .probe(session: session)
    default: throw .badRequest
    }
  }

  /// Longer than any identifier of ours.
  private static let sessionLimitBytes = 64
}

/// The parameters of a query that mean something; all others, such as `t` against caches, are passed over.
private struct EngineQuery {
  var version: String?
  var transport: String?
  var session: String?

  /// A parameter that is there twice is refused: nobody who means well sends two, and servers disagree on which counts.
  init(_ query: String) throws(EngineRefusal) {
    for pair in query.utf8.split(separator: UInt8(ascii: "&")) {
      let name = pair.prefix { $0 != UInt8(ascii: "=") }
      let value = String(Substring(pair.dropFirst(name.count + 1)))
      switch String(Substring(name)) {
      case "EIO": try Self.set(&version, value)
      case "transport": try Self.set(&transport, value)
      case "sid": try Self.set(&session, value)
      default: break
      }
    }
  }

  private static func set(_ field: inout String?, _ value: String) throws(EngineRefusal) {
    guard field == nil else { throw .badRequest }
    field = value
  }
}
