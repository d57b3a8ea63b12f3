// A signed-in socket, as the gateway knows it.

import ArchiveCore

/// One socket of a user. Few and small fields: there are many thousands.
struct LiveSocket: Sendable {
  /// Whose it is, by which session, in which role: as of now.
  var caller: Caller
  /// What limits on addresses count it under.
  let network: IPNetwork?
  /// When its access token is over.
  var tokenExpiry: Timestamp
  /// It was told that its token is over, and has a moment to bring another.
  var isAskedForToken = false
  /// The user said so.
  var isAway = false
  /// When it last sent an event.
  var lastActive: Duration
  var allowance = EventAllowance()
  /// The conversations that it has open.
  var open: Set<ConversationID> = []

  func status(awayAfter: Duration, at uptime: Duration) -> PresenceStatus {
    isAway || uptime - lastActive >= awayAfter ? .away : .online
  }
}

/// What the gateway counts, for `/metrics`.
struct RealtimeCounts: Sendable, Equatable {
  var sockets = 0
  var users = 0
  var rooms = 0
  var openConversations = 0
  /// Entries that were handed out to whoever is here.
  var entriesHandedOut = 0
  /// Events of clients that were answered, and those refused as too many.
  var events = 0
  var eventsRefused = 0
  var catchUps = 0
  /// How often all sockets were sent back to the log because this node may have missed something.
  var interruptions = 0
  var sessionsEnded = 0
}
