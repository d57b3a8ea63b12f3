// Why a WebSocket has to be closed because of what was received.

/// A breach of RFC 6455 or of a limit: the code for the close frame, and a few words.
package struct WebSocketFailure: Error, Equatable {
  package let code: UInt16
  package let text: String

  static func protocolError(_ text: String) -> WebSocketFailure {
    WebSocketFailure(code: 1002, text: text)
  }
  static let notUTF8 = WebSocketFailure(code: 1007, text: "text is not UTF-8")
  static let tooLarge = WebSocketFailure(code: 1009, text: "the message is too large")
  static let notDeflate = WebSocketFailure(code: 1007, text: "the message is not deflated")
}
