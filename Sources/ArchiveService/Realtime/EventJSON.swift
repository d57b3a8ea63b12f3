// The JSON objects that events and acknowledgements carry.

import ArchiveCore

/// What events and answers show of messages and people. By hand, because the same bytes go to thousands, and every
/// message passes here.
enum EventJSON {
  /// A message or a system entry, in the one form that every route and event shows (`MessageView`).
  static func message(_ message: Message) -> [UInt8] {
    let entry = message.entry
    var object = JSONObjectWriter(capacity: 320 + (message.text?.utf8.count ?? 0))
    object.add("clientId", entry.clientID)
    object.add("conversationId", entry.conversationID)
    object.add("createdAt", entry.createdAt)
    object.add("data", entry.data)
    object.add("deletedAt", message.deletedAt)
    object.add("editedAt", message.editedAt)
    object.add("files", list: message.files.map { CanonicalJSON.bytes($0.value) })
    object.add("kind", entry.kind.rawValue)
    object.add("replyTo", entry.replyTo)
    object.add("senderId", entry.senderID)
    object.add("seq", entry.seq)
    object.add("text", message.text)
    return object.finish()
  }

  static func presence(of user: UserID, _ status: PresenceStatus, since: Timestamp?) -> [UInt8] {
    var object = JSONObjectWriter(capacity: 128)
    object.add("lastSeenAt", since)
    object.add("status", status.rawValue)
    object.add("userId", user)
    return object.finish()
  }
}

extension LiveEvent {
  /// What is heard of an entry that is no edit and no deletion.
  static func entry(_ entry: Entry) -> LiveEvent {
    LiveEvent(
      name: entry.kind == .message ? .newMessage : .conversationChanged,
      json: EventJSON.message(Message(entry)))
  }

  /// What is heard of an edit or a deletion: the message as it is now.
  static func amended(_ message: Message, by entry: Entry) -> LiveEvent {
    LiveEvent(
      name: entry.kind == .deletion ? .messageDeleted : .messageEdited,
      json: EventJSON.message(message))
  }

  static func read(_ conversation: ConversationID, by user: UserID, _ seq: Int64) -> LiveEvent {
    var object = JSONObjectWriter()
    object.add("conversationId", conversation)
    object.add("seq", seq)
    object.add("userId", user)
    return LiveEvent(name: .messageRead, json: object.finish())
  }

  /// - Parameter lifetime: for how long it is true.
  static func typing(_ user: UserID, in conversation: ConversationID, for lifetime: Duration)
    -> LiveEvent
  {
    var object = JSONObjectWriter()
    object.add("conversationId", conversation)
    object.add("expiresIn", lifetime.wholeSecondsUp)
    object.add("userId", user)
    return LiveEvent(name: .userTyping, json: object.finish())
  }

  static func presence(of user: UserID, _ status: PresenceStatus, since: Timestamp?) -> LiveEvent {
    LiveEvent(name: .presence, json: EventJSON.presence(of: user, status, since: since))
  }

  /// How many of a large conversation's members are there.
  static func presence(in conversation: ConversationID, online: Int) -> LiveEvent {
    var object = JSONObjectWriter()
    object.add("conversationId", conversation)
    object.add("online", Int64(online))
    return LiveEvent(name: .presence, json: object.finish())
  }

  static func sessionEnded(_ reason: SessionEndReason) -> LiveEvent {
    var object = JSONObjectWriter()
    object.add("reason", reason.rawValue)
    return LiveEvent(name: .sessionEnded, json: object.finish())
  }

  /// - Parameter grace: for how long a fresh token is waited for.
  static func tokenExpired(grace: Duration) -> LiveEvent {
    var object = JSONObjectWriter()
    object.add("expiresIn", grace.wholeSecondsUp)
    return LiveEvent(name: .tokenExpired, json: object.finish())
  }
}

extension JSONObjectWriter {
  mutating func add<Subject>(_ name: StaticString, _ id: Identifier<Subject>?) {
    add(name, id?.description)
  }

  mutating func add(_ name: StaticString, _ time: Timestamp?) { add(name, time?.description) }

  /// Stored fields as routes show them: times as text.
  mutating func add(_ name: StaticString, _ fields: [String: DocumentValue]?) {
    guard let fields else { return }
    add(name) { bytes in
      CanonicalJSON.append(.object(fields), to: &bytes) {
        CanonicalJSON.append($0.description, to: &$1)
      }
    }
  }
}

/// Why a socket's session is over for it.
enum SessionEndReason: String, Sendable {
  /// It was ended, on this device or another, or the account is out of use.
  case ended
  /// No fresh access token came in time.
  case tokenExpired
}
