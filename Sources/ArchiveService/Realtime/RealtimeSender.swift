// The port through which everything live leaves: what carries events to sockets.

import ArchiveCore
import RealtimeTransport

/// One live connection of a client to this node. Never used again for another.
typealias SocketID = RealtimeTransport.SocketID

/// Sockets that hear the same.
enum LiveGroup: Hashable, Sendable {
  /// All sockets of a user on this node.
  case user(UserID)
  /// Those of a conversation's members.
  case conversation(ConversationID)
  /// Those that have a conversation open, and hear who types and who is there.
  case viewers(ConversationID)
}

/// Why the server ends a socket.
enum SocketFate: Hashable, Sendable {
  /// It has no right to be here any more: clients do not come back by themselves.
  case over
  /// It may have missed something: clients come back by themselves and say what they have.
  case interrupted
}

/// Carries events to sockets, acknowledgements to those who asked, and keeps the groups.
///
/// What must hold:
/// - Calls made one after another take effect on each socket in that order: who joins a group hears what is broadcast
///   after it and nothing from before, who leaves hears nothing that is broadcast after it, and an acknowledgement
///   stands where it was made among the events.
/// - Nothing here waits. A socket that cannot take what is sent is cut off by whoever carries it.
/// - A socket that is gone is in no group, and whatever is sent to it is nobody's.
protocol RealtimeSender: Sendable {
  func send(_ event: LiveEvent, to socket: SocketID)
  /// To everybody in the group but these; `except` is short.
  func broadcast(_ event: LiveEvent, to group: LiveGroup, except: [SocketID])
  /// Answers an event of the socket, once.
  func acknowledge(_ request: Int64, with answer: [UInt8], to socket: SocketID)
  func join(_ socket: SocketID, _ groups: [LiveGroup])
  func leave(_ socket: SocketID, _ group: LiveGroup)
  /// Everybody leaves the group.
  func dissolve(_ group: LiveGroup)
  func close(_ socket: SocketID, _ fate: SocketFate)
}

/// An event of the server, encoded once for all who hear it.
struct LiveEvent: Hashable, Sendable {
  enum Name: String, CaseIterable, Sendable {
    case newMessage, messageEdited, messageDeleted, messageRead, userTyping, presence
    case conversationChanged, sessionEnded, tokenExpired
  }

  let name: Name
  /// Its one argument: a JSON object in UTF-8.
  let json: [UInt8]
}
