// One record of a conversation's append-only log.

/// A message, an edit, a deletion, or a change of the conversation itself.
///
/// An entry never changes once it is accepted: an edit or a deletion is a new entry that names its target.
public struct Entry: Hashable, Sendable {
  public let conversationID: ConversationID
  /// 1, 2, 3 … in its conversation, without gaps, never reused.
  public let seq: Int64
  /// How many messages the conversation has, up to and including this entry. Unread counts are differences of ordinals.
  public let ordinal: Int64
  public let kind: EntryKind
  /// Who caused it; `nil` for what the system did by itself.
  public let senderID: UserID?
  /// The server's clock when it was accepted. The order of entries is `seq`, not this.
  public let createdAt: Timestamp
  public let text: String?
  /// The message this one answers.
  public let replyTo: Int64?
  /// The message that an edit or deletion is about.
  public let target: Int64?
  /// The sender's own name for this send, which makes a retry harmless.
  public let clientID: String?
  /// What a system entry says; names and values are the kind's own.
  public let data: [String: DocumentValue]?
  /// The files of a message; of an edit, those that its target has from then on.
  public internal(set) var files: [AttachedFile] = []
}

/// What an entry is. Open, so that an older server passes on what a newer one wrote.
public struct EntryKind: RawRepresentable, Hashable, Sendable {
  public let rawValue: String

  public init(rawValue: String) { self.rawValue = rawValue }

  public static let message = EntryKind(rawValue: "message")
  /// Replaces text and files of its target.
  public static let edit = EntryKind(rawValue: "edit")
  /// Takes text and files from its target; the place stays.
  public static let deletion = EntryKind(rawValue: "deletion")

  /// Edits and deletions are not shown by themselves but in their target.
  public var isAmendment: Bool { self == .edit || self == .deletion }
}

/// An entry before it is accepted: what its sender decides, without what the log decides.
public struct EntryDraft: Sendable {
  public var conversationID: ConversationID
  public var kind: EntryKind
  public var senderID: UserID?
  public var text: String?
  public var replyTo: Int64?
  public var target: Int64?
  /// At most 128 bytes.
  public var clientID: String?
  public var data: [String: DocumentValue]?
  public var files: [AttachedFile]

  public init(
    _ kind: EntryKind, in conversationID: ConversationID, by senderID: UserID?,
    text: String? = nil, replyTo: Int64? = nil, target: Int64? = nil, clientID: String? = nil,
    data: [String: DocumentValue]? = nil, files: [AttachedFile] = []
  ) {
    (self.kind, self.conversationID, self.senderID) = (kind, conversationID, senderID)
    (self.text, self.replyTo, self.target) = (text, replyTo, target)
    (self.clientID, self.data, self.files) = (clientID, data, files)
  }
}

/// An entry as people see it: a message with its edits and deletion applied, or a system entry.
public struct Message: Hashable, Sendable {
  /// As it was accepted.
  public let entry: Entry
  /// The present text: the newest edit's, or none after a deletion.
  public let text: String?
  /// The present files: those of the newest edit, or none after a deletion.
  public let files: [AttachedFile]
  public let editedAt: Timestamp?
  public let deletedAt: Timestamp?

  /// With its newest edit and its deletion; the deletion outweighs the edit.
  public init(_ entry: Entry, edit: Entry? = nil, deletion: Entry? = nil) {
    self.entry = entry
    let present = deletion == nil ? edit ?? entry : nil
    (text, files) = (present?.text, present?.files ?? [])
    (editedAt, deletedAt) = (deletion == nil ? edit?.createdAt : nil, deletion?.createdAt)
  }
}
