// The newest message of each conversation, kept beside it so that a list needs no look into every log.

import ArchiveCore

/// What lists show of the newest message or system entry of a conversation.
///
/// Derived from the log and never the truth: `ActivityRecorder` writes it some seconds late, together with the marks of
/// activity; a list that finds it behind the log reads the log. It is in no snapshot, so what was deleted does
/// not live on there.
struct LastMessage: Sendable {
  let seq: Int64
  let senderID: UserID?
  let kind: String
  /// The first characters of the text; none after a deletion.
  let text: String?
  let data: [String: DocumentValue]?
  let createdAt: Timestamp
  let editedAt: Timestamp?
  let deletedAt: Timestamp?
  /// Grows with the message's seq and with that of its newest edit or deletion, as a text that compares so.
  let version: String

  /// Characters (unicode scalars) that lists show of a text.
  static let shownScalars = 200

  /// - Parameter amendedBy: the seq of the newest edit or deletion; 0 where that is not known.
  init(_ message: Message, amendedBy: Int64 = 0) {
    let entry = message.entry
    (seq, senderID, kind) = (entry.seq, entry.senderID, entry.kind.rawValue)
    text = message.text.map { text in
      var shown = String.UnicodeScalarView()
      shown.append(contentsOf: text.unicodeScalars.prefix(Self.shownScalars))
      return String(shown)
    }
    (data, createdAt) = (entry.data, entry.createdAt)
    (editedAt, deletedAt) = (message.editedAt, message.deletedAt)
    version = Self.padded(seq) + Self.padded(amendedBy)
  }

  private static func padded(_ seq: Int64) -> String {
    let digits = String(max(0, seq))
    return String(repeating: "0", count: max(0, 12 - digits.count)) + digits
  }
}

/// What is stored of a conversation's newest message; its identifier is the conversation's.
struct LastMessageDocument: Sendable, StoredDocument {
  let id: ConversationID
  /// The newest entry of any kind that was looked at. A log that is further has something newer.
  let seenSeq: Int64
  let message: LastMessage?

  static let schema = CollectionSchema("lastMessages")

  /// That of a conversation in which nothing was said yet.
  init(id: ConversationID) { (self.id, seenSeq, message) = (id, 0, nil) }

  init(document: Document) throws(StoreError) {
    id = try document.field("id") { $0.asID() }
    seenSeq = try document.optionalField("seenSeq", \.asInteger) ?? 0
    message = document["version"] == nil ? nil : try LastMessage(document: document)
  }

  func document() throws(StoreError) -> Document {
    var document = Document(["id": id.stored, "seenSeq": .integer(seenSeq)])
    document.fields.merge(message?.fields.compactMapValues { $0 } ?? [:]) { first, _ in first }
    return document
  }

  /// The steps that note a newer message, and that everything up to `seenSeq` was looked at. They only raise, so
  /// they may come late, twice, and in any order.
  ///
  /// - Parameter mayBeMissing: makes the document where there is none.
  static func steps(
    _ id: ConversationID, _ message: LastMessage?, seenSeq: Int64, mayBeMissing: Bool
  ) -> [TransactionStep] {
    let seen = DocumentChange.max("seenSeq", .integer(seenSeq))
    var steps: [TransactionStep] = []
    if mayBeMissing {
      let update = Update(
        schema.name, where: .id(id.description), [seen],
        extent: .upsert(insertedOnMiss: Document(["id": id.stored])))
      steps.append(.update(update, mustMatch: true))
    } else if seenSeq > message?.seq ?? 0 {
      steps.append(
        .update(Update(schema.name, where: .id(id.description), [seen]), mustMatch: false))
    }
    guard let message else { return steps }
    let isOlder = Filter.or([
      .less("version", .string(message.version)), .missing("version"),
    ])
    let changes = message.fields.sorted { $0.key < $1.key }.compactMap { name, value in
      FieldPath(name).map { path in value.map { .set(path, $0) } ?? DocumentChange.unset(path) }
    }
    let update = Update(
      schema.name, where: .and([.id(id.description), isOlder]), changes + [seen])
    return steps + [.update(update, mustMatch: false)]
  }
}

extension LastMessage {
  init(document: Document) throws(StoreError) {
    seq = try document.field("seq", \.asInteger)
    senderID = try document.optionalField("senderId") { $0.asID() }
    kind = try document.field("kind", \.asText)
    text = try document.optionalField("text", \.asText)
    data = try document.optionalField("data") { value in
      if case .object(let fields) = value { fields } else { nil }
    }
    createdAt = try document.field("createdAt", \.asTime)
    editedAt = try document.optionalField("editedAt", \.asTime)
    deletedAt = try document.optionalField("deletedAt", \.asTime)
    version = try document.field("version", \.asText)
  }

  /// All fields, also those to take away.
  fileprivate var fields: [String: DocumentValue?] {
    [
      "seq": .integer(seq), "senderId": senderID?.stored, "kind": .string(kind),
      "text": text.map { .string($0) }, "data": data.map { .object($0) },
      "createdAt": .time(createdAt), "editedAt": editedAt.map { .time($0) },
      "deletedAt": deletedAt.map { .time($0) }, "version": .string(version),
    ]
  }
}

/// Finds the newest messages of many conversations in one query.
struct LastMessages: Sendable {
  private let documents: Collection<LastMessageDocument>

  init(documents: any DocumentStore) { self.documents = Collection(in: documents) }

  func callAsFunction(of ids: [ConversationID]) async throws
    -> [ConversationID: LastMessageDocument]
  {
    guard !ids.isEmpty else { return [:] }
    let found = try await documents.find(where: .oneOf("id", ids.map(\.stored)), limit: ids.count)
    return Dictionary(found.map { ($0.id, $0) }) { first, _ in first }
  }
}
