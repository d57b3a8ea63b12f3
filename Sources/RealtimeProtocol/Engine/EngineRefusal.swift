// How a request that cannot be served is answered.

/// A refusal with the codes and words of the reference implementation, which its clients show.
package struct EngineRefusal: Error, Hashable, Sendable {
  /// The status of the HTTP answer.
  package let status: Int
  package let code: Int
  package let message: String

  private init(_ code: Int, _ message: String, status: Int = 400) {
    (self.code, self.message, self.status) = (code, message, status)
  }

  package static let unknownTransport = EngineRefusal(0, "Transport unknown")
  package static let unknownSession = EngineRefusal(1, "Session ID unknown")
  package static let badHandshakeMethod = EngineRefusal(2, "Bad handshake method")
  package static let badRequest = EngineRefusal(3, "Bad request")
  package static let unsupportedVersion = EngineRefusal(5, "Unsupported protocol version")

  /// An origin that is not allowed, or a limit for an address: the words are the caller's.
  package static func forbidden(_ message: String) -> EngineRefusal {
    EngineRefusal(4, message, status: 403)
  }

  /// A request of a session that ended, told why.
  package static func ended(_ reason: CloseReason) -> EngineRefusal {
    EngineRefusal(1, "Session ID unknown: \(reason.text)")
  }

  /// The body of the answer, `application/json`.
  package var body: [UInt8] {
    JSONWriter.bytes(["code": .integer(Int64(code)), "message": .string(message)])
  }
}
