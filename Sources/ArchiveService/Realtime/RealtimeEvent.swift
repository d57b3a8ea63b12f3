// Everything that a client may say over a socket, as data.

/// An event of a client. Each is answered by an acknowledgement where one is asked for.
enum RealtimeEvent: String, CaseIterable, Sendable {
  /// `{conversationId, after?}`: opens a conversation, and answers what was missed behind `after`.
  case joinConversation
  /// `{conversationId}`: closes it; its entries are heard all the same.
  case leaveConversation
  /// `{conversationId, text, replyTo?, clientId?}`
  case sendMessage
  /// `{conversationId, seq, text}`
  case editMessage
  /// `{conversationId, seq}`
  case deleteMessage
  /// `{conversationId}`
  case typing
  /// `{conversationId, seq}`
  case markRead
  /// `{status}`: `online` or `away`, for as long as the socket lives or says otherwise.
  case presence
  /// `{token}`: a fresh access token of the same user.
  case authenticate
}

extension RightsTable {
  /// Every event with what it demands, as `rule(of:)` says it of routes.
  static func rule(of event: RealtimeEvent) -> Rule {
    switch event {
    case .joinConversation, .sendMessage, .editMessage, .deleteMessage, .typing, .markRead:
      .member
    // Whoever is out closes what is closed already.
    case .leaveConversation, .presence, .authenticate: .signedIn
    }
  }
}

extension RealtimeEvent {
  /// The rule that it is counted against besides the limit of all events of a socket: the same as on the route
  /// that does the same.
  var rateRule: RateRule? {
    switch self {
    case .sendMessage, .editMessage, .deleteMessage: .send
    case .joinConversation, .leaveConversation, .typing, .markRead, .presence, .authenticate: nil
    }
  }
}
