// Why a session or one of its namespaces ended.

/// The reason for an end: words for logs and for the application, and the close code a WebSocket gets.
///
/// The words are those of the reference implementation where it has them, because dashboards and handlers know them.
package struct CloseReason: Hashable, Sendable, CustomStringConvertible {
  /// Lower case, without data of any client.
  package let text: String
  /// The status code of RFC 6455, section 7.4.
  package let webSocketCode: UInt16

  package init(_ text: String, webSocketCode: UInt16 = 1000) {
    self.text = text
    self.webSocketCode = webSocketCode
  }

  package var description: String { text }

  /// The client ended its transport, orderly or not.
  package static let transportClose = CloseReason("transport close")
  /// A request of a poll broke off, or two came at once.
  package static let transportError = CloseReason("transport error", webSocketCode: 1002)
  package static let pingTimeout = CloseReason("ping timeout")
  /// The client sent what the protocol does not allow.
  package static let parseError = CloseReason("parse error", webSocketCode: 1002)
  package static let payloadTooLarge = CloseReason("payload too large", webSocketCode: 1009)
  /// More waits for the client than it may keep waiting.
  package static let slowReader = CloseReason("slow reader", webSocketCode: 1008)
  /// No namespace was asked for in time.
  package static let connectTimeout = CloseReason("connect timeout", webSocketCode: 1008)
  /// Attachments that a packet announced did not come in time.
  package static let attachmentTimeout = CloseReason("attachment timeout", webSocketCode: 1008)
  package static let clientNamespaceDisconnect = CloseReason("client namespace disconnect")
  package static let serverNamespaceDisconnect = CloseReason("server namespace disconnect")
  package static let forcedClose = CloseReason("forced close")
  package static let serverShuttingDown = CloseReason("server shutting down", webSocketCode: 1001)
}
