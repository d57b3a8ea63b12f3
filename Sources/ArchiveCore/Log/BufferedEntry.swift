// An entry in the buffer, as a document: its line, its leaf, and what must be unique about it.

/// One buffered entry; after it was archived, for a while, the memory of its `clientID` and, on a shared store, of its seq.
///
/// Fields: `id` (`{conversation}/{seq}`), `line` (the canonical JSON), `leaf` (the line's SHA-256), `bufferedSince`
/// (time and id, growing, so that its index is written at one end), all three only while buffered; `clientKey` (sender, conversation and clientID), `amends` (`{conversation}/{target}/{seq}` of an
/// edit or deletion), `together` (true where documents of others were written with it), `expiresAt` (of the memory). Converted by hand, because every message passes here.
struct BufferedEntry: Sendable {
  let conversationID: ConversationID
  let seq: Int64
  /// `nil` once archived.
  let line: EntryLine?
  let leaf: String?
  let clientKey: String?
  let isAmendment: Bool
  /// Documents of others were changed in the same transaction.
  let isTogether: Bool

  static let schema = CollectionSchema(
    "entries",
    indexes: [
      CollectionIndex("clientKey", on: [.ascending("clientKey")], kind: .unique),
      // Unique on purpose, both: such an index holds only the documents that have the field,
      // so finding what is buffered, or what amends a page, costs nothing for the rest.
      CollectionIndex("buffered", on: [.ascending("bufferedSince")], kind: .unique),
      CollectionIndex("amends", on: [.ascending("amends")], kind: .unique),
      CollectionIndex("forgotten", on: [.ascending("expiresAt")], kind: .expiring),
    ])

  /// What is buffered, as a range of the index on `bufferedSince`, in whose order it is best read.
  static let isBuffered = Filter.greaterOrEqual("bufferedSince", .string("0"))
  static let bufferOrder = SortKey.ascending("bufferedSince")

  static func document(_ entry: Entry, _ line: EntryLine, isTogether: Bool = false) -> Document {
    var fields: [String: DocumentValue] = [
      "id": .string(SeqID.text(entry.conversationID, entry.seq)),
      "line": .string(String(decoding: line.bytes, as: UTF8.self)),
      "leaf": .string(Digest256(of: line.bytes).description),
      "bufferedSince": .string("\(entry.createdAt) \(SeqID.text(entry.conversationID, entry.seq))"),
    ]
    if let clientID = entry.clientID {
      fields["clientKey"] = .string(
        clientKey(entry.conversationID, entry.senderID, clientID))
    }
    if entry.kind.isAmendment, let target = entry.target {
      fields["amends"] = .string(
        "\(SeqID.text(entry.conversationID, target))/\(SeqID.digits(entry.seq))")
    }
    if isTogether { fields["together"] = .bool(true) }
    return Document(fields)
  }

  /// What stays of an archived entry: the memory of its `clientID`, until it expires, and of its seq where that must be
  /// guarded. `nil` where nothing stays.
  func memory(until expiry: Timestamp, guardingSeqUntil guardEnd: Timestamp?) -> Document? {
    let id = DocumentValue.string(SeqID.text(conversationID, seq))
    if let clientKey {
      let end = max(expiry, guardEnd ?? expiry)
      return Document(["id": id, "clientKey": .string(clientKey), "expiresAt": .time(end)])
    }
    return guardEnd.map { Document(["id": id, "expiresAt": .time($0)]) }
  }

  static func clientKey(_ conversation: ConversationID, _ sender: UserID?, _ clientID: String)
    -> String
  {
    // Hashed, because a client may put any bytes of any kind into it.
    "\(conversation)/\(sender?.description ?? "")/\(Digest256(of: clientID.utf8))"
  }

  init(document: Document) throws(StoreError) {
    guard let id = document.id, let (conversation, seq) = SeqID.parts(id) else {
      throw StoreError(.corrupt, "a buffered entry has no proper id")
    }
    (conversationID, self.seq) = (conversation, seq)
    if case .string(let text)? = document["line"] {
      line = EntryLine(bytes: Array(text.utf8))
    } else {
      line = nil
    }
    if case .string(let leaf)? = document["leaf"] { self.leaf = leaf } else { leaf = nil }
    if case .string(let key)? = document["clientKey"] { clientKey = key } else { clientKey = nil }
    isAmendment = document["amends"] != nil
    isTogether = document["together"] != nil
  }

  /// The entry; `corrupt` where the line is gone, is another entry's, or does not hash to the leaf.
  func entry() throws(StoreError) -> Entry {
    guard let line else { throw corrupt("has no line") }
    let entry = try line.entry()
    guard entry.conversationID == conversationID, entry.seq == seq else {
      throw corrupt("holds another entry")
    }
    return entry
  }

  /// The line, once it hashes to the leaf that was stored with it.
  func checkedLine() throws(StoreError) -> EntryLine {
    guard let line, Digest256(of: line.bytes).description == leaf else {
      throw corrupt("was altered")
    }
    return line
  }

  private func corrupt(_ what: String) -> StoreError {
    StoreError(.corrupt, "a buffered entry \(what) id=`\(SeqID.text(conversationID, seq))`")
  }
}
