// A request to the path of Engine.IO while it is read.

import HTTPTypes
import RealtimeProtocol

/// One request that the front answers itself: what it asks for, and its body as far as it came.
struct OwnRequest {
  enum Wish {
    case handshake
    case poll(session: String)
    case push(session: String)
    /// A WebSocket; with a session when it wants to take one over.
    case webSocket(WebSocketOffer, session: String?)
    /// Decided by the head alone.
    case answer(EngineAnswer)
  }

  let place: HubPlace
  let wish: Wish
  let cross: HTTPFields
  let claimed: ClaimedOrigin
  /// The answer has a head alone.
  let hidesBody: Bool
  /// No further request can come on the connection: the client wants none, or the parser has stopped, as it does
  /// behind every request that asks for another protocol.
  let isLast: Bool
  var body: [UInt8] = []

  init(_ request: HTTPRequest, peer: String?, at place: HubPlace) {
    self.place = place
    let settings = place.hub.settings
    let fields = request.headerFields
    hidesBody = request.method == .head
    isLast = fields.tokens(.connection).contains("close") || fields.contains(.upgrade)
    claimed = ClaimedOrigin(
      peer: peer, forwardedFor: fields[values: .forwardedFor], userAgent: fields[.userAgent])
    guard settings.origins.admits(fields[values: .origin], host: request.authority) else {
      (wish, cross) = (.answer(.refused(.forbidden("Forbidden"))), [:])
      return
    }
    cross = CrossOrigin.fields(request)
    wish = request.method == .options ? .answer(.preflight) : Self.wish(request, settings)
  }

  private static func wish(_ request: HTTPRequest, _ settings: TransportSettings) -> Wish {
    let query = request.path?.split(separator: "?", maxSplits: 1).dropFirst().first ?? ""
    let offer = WebSocketOffer(
      request, allowsCompression: settings.compressionFloorBytes != nil)
    do throws(EngineRefusal) {
      switch try EngineRequest(
        method: request.method.rawValue, query: String(query),
        wantsWebSocket: WebSocketOffer.isWanted(request.headerFields))
      {
      case .handshake(.polling): return .handshake
      case .handshake(.websocket): return webSocket(offer, session: nil)
      case .poll(let session): return .poll(session: session)
      case .push(let session):
        // Since revision 4 bytes travel as Base64 in a text.
        let type = request.headerFields[.contentType]?.lowercased() ?? ""
        guard !type.hasPrefix("application/octet-stream") else { throw .badRequest }
        return .push(session: session)
      case .probe(let session): return webSocket(offer, session: session)
      }
    } catch {
      return .answer(.refused(error))
    }
  }

  private static func webSocket(_ offer: WebSocketOffer?, session: String?) -> Wish {
    offer.map { Wish.webSocket($0, session: session) } ?? .answer(.refused(.badRequest))
  }

  /// The largest body that a request may have.
  var bodyLimitBytes: Int { place.hub.settings.sessions.maxPayloadBytes }

  /// Takes a piece of the body; `false` where it is more than may come.
  mutating func take(_ bytes: some Collection<UInt8>) -> Bool {
    guard case .push = wish else { return true }
    guard body.count + bytes.count <= bodyLimitBytes else { return false }
    body += bytes
    return true
  }
}

extension HTTPField.Name {
  /// A name that is known to be valid.
  private static func known(_ name: String) -> HTTPField.Name {
    guard let name = HTTPField.Name(name) else { preconditionFailure("no name of a field") }
    return name
  }

  static let forwardedFor = known("X-Forwarded-For")
}
