// Writes the JSON objects that events and acknowledgements carry.

import ArchiveCore

/// A JSON object under construction; names come from the source and need no escape.
///
/// By hand, because the same bytes go to thousands, and every message passes here.
struct EventObject {
  private var bytes: [UInt8] = [UInt8(ascii: "{")]

  init(capacity: Int = 256) { bytes.reserveCapacity(capacity) }

  /// The finished object.
  var json: [UInt8] { bytes + [UInt8(ascii: "}")] }

  mutating func add(_ name: StaticString, _ text: String?) {
    guard let text else { return }
    begin(name)
    CanonicalJSON.append(text, to: &bytes)
  }

  mutating func add(_ name: StaticString, _ number: Int64?) {
    guard let number else { return }
    begin(name)
    CanonicalJSON.append(number, to: &bytes)
  }

  mutating func add(_ name: StaticString, _ flag: Bool) {
    begin(name)
    bytes.append(contentsOf: (flag ? "true" : "false").utf8)
  }

  mutating func add<Subject>(_ name: StaticString, _ id: Identifier<Subject>?) {
    add(name, id?.description)
  }

  mutating func add(_ name: StaticString, _ time: Timestamp?) { add(name, time?.description) }

  /// JSON that is written already.
  mutating func add(_ name: StaticString, json: [UInt8]) {
    begin(name)
    bytes.append(contentsOf: json)
  }

  mutating func add(_ name: StaticString, list: [[UInt8]]) {
    begin(name)
    bytes.append(UInt8(ascii: "["))
    for (index, item) in list.enumerated() {
      if index > 0 { bytes.append(UInt8(ascii: ",")) }
      bytes.append(contentsOf: item)
    }
    bytes.append(UInt8(ascii: "]"))
  }

  mutating func add(_ name: StaticString, _ fields: [String: DocumentValue]?) {
    guard let fields else { return }
    begin(name)
    Self.append(.object(fields), to: &bytes)
  }

  private mutating func begin(_ name: StaticString) {
    if bytes.count > 1 { bytes.append(UInt8(ascii: ",")) }
    CanonicalJSON.append(name.description, to: &bytes)
    bytes.append(UInt8(ascii: ":"))
  }

  /// A stored value as routes show it: times as text.
  private static func append(_ value: DocumentValue, to bytes: inout [UInt8]) {
    switch value {
    case .bool, .integer, .string: CanonicalJSON.append(value, to: &bytes)
    case .time(let time): CanonicalJSON.append(time.description, to: &bytes)
    case .array(let elements):
      bytes.append(UInt8(ascii: "["))
      for (index, element) in elements.enumerated() {
        if index > 0 { bytes.append(UInt8(ascii: ",")) }
        append(element, to: &bytes)
      }
      bytes.append(UInt8(ascii: "]"))
    case .object(let fields):
      bytes.append(UInt8(ascii: "{"))
      for (index, field) in fields.sorted(by: { $0.key < $1.key }).enumerated() {
        if index > 0 { bytes.append(UInt8(ascii: ",")) }
        CanonicalJSON.append(field.key, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
        append(field.value, to: &bytes)
      }
      bytes.append(UInt8(ascii: "}"))
    }
  }
}

extension EventObject {
  /// A message or a system entry, in the one form that every route and event shows (`MessageView`).
  static func message(_ message: Message) -> [UInt8] {
    let entry = message.entry
    var object = EventObject(capacity: 320 + (message.text?.utf8.count ?? 0))
    object.add("clientId", entry.clientID)
    object.add("conversationId", entry.conversationID)
    object.add("createdAt", entry.createdAt)
    object.add("data", entry.data)
    object.add("deletedAt", message.deletedAt)
    object.add("editedAt", message.editedAt)
    object.add("files", list: [])
    object.add("kind", entry.kind.rawValue)
    object.add("replyTo", entry.replyTo)
    object.add("senderId", entry.senderID)
    object.add("seq", entry.seq)
    object.add("text", message.text)
    return object.json
  }
}

extension LiveEvent {
  /// What is heard of an entry that is no edit and no deletion.
  static func entry(_ entry: Entry) -> LiveEvent {
    LiveEvent(
      name: entry.kind == .message ? .newMessage : .conversationChanged,
      json: EventObject.message(Message(entry, text: entry.text)))
  }

  /// What is heard of an edit or a deletion: the message as it is now.
  static func amended(_ message: Message, by entry: Entry) -> LiveEvent {
    LiveEvent(
      name: entry.kind == .deletion ? .messageDeleted : .messageEdited,
      json: EventObject.message(message))
  }

  static func read(_ conversation: ConversationID, by user: UserID, _ seq: Int64) -> LiveEvent {
    var object = EventObject()
    object.add("conversationId", conversation)
    object.add("seq", seq)
    object.add("userId", user)
    return LiveEvent(name: .messageRead, json: object.json)
  }

  /// - Parameter lifetime: for how long it is true.
  static func typing(_ user: UserID, in conversation: ConversationID, for lifetime: Duration)
    -> LiveEvent
  {
    var object = EventObject()
    object.add("conversationId", conversation)
    object.add("expiresIn", lifetime.wholeSecondsUp)
    object.add("userId", user)
    return LiveEvent(name: .userTyping, json: object.json)
  }

  static func presence(of user: UserID, _ status: PresenceStatus, since: Timestamp?) -> LiveEvent {
    LiveEvent(name: .presence, json: EventObject.presence(of: user, status, since: since))
  }

  /// How many of a large conversation's members are there.
  static func presence(in conversation: ConversationID, online: Int) -> LiveEvent {
    var object = EventObject()
    object.add("conversationId", conversation)
    object.add("online", Int64(online))
    return LiveEvent(name: .presence, json: object.json)
  }

  static func sessionEnded(_ reason: SessionEndReason) -> LiveEvent {
    var object = EventObject()
    object.add("reason", reason.rawValue)
    return LiveEvent(name: .sessionEnded, json: object.json)
  }

  /// - Parameter grace: for how long a fresh token is waited for.
  static func tokenExpired(grace: Duration) -> LiveEvent {
    var object = EventObject()
    object.add("expiresIn", grace.wholeSecondsUp)
    return LiveEvent(name: .tokenExpired, json: object.json)
  }
}

extension EventObject {
  static func presence(of user: UserID, _ status: PresenceStatus, since: Timestamp?) -> [UInt8] {
    var object = EventObject(capacity: 128)
    object.add("lastSeenAt", since)
    object.add("status", status.rawValue)
    object.add("userId", user)
    return object.json
  }
}

/// Why a socket's session is over for it.
enum SessionEndReason: String, Sendable {
  /// It was ended, on this device or another, or the account is out of use.
  case ended
  /// No fresh access token came in time.
  case tokenExpired
}
