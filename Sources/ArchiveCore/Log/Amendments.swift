// Edits and deletions, found by the message they are about.

/// The newest archived edit, and the deletion, of one message. While an amendment is buffered it is found in the buffer.
struct AmendmentDocument: Sendable {
  let target: Int64
  let edit: Entry?
  let deletion: Entry?

  static let schema = CollectionSchema("amendments")
}

extension AmendmentDocument {
  init(document: Document) throws(StoreError) {
    guard let id = document.id, let (_, target) = SeqID.parts(id) else {
      throw StoreError(.corrupt, "an amendment has no proper id")
    }
    self.target = target
    edit = try Self.entry(document["edit"])
    deletion = try Self.entry(document["deletion"])
  }

  private static func entry(_ value: DocumentValue?) throws(StoreError) -> Entry? {
    guard case .string(let line)? = value else { return nil }
    return try EntryLine(bytes: Array(line.utf8)).entry()
  }

  /// The step that records an amendment when it is archived.
  static func step(recording entry: Entry, _ line: EntryLine) -> TransactionStep? {
    guard entry.kind.isAmendment, let target = entry.target else { return nil }
    let id = SeqID.text(entry.conversationID, target)
    let field: FieldPath = entry.kind == .edit ? "edit" : "deletion"
    return .update(
      Update(
        schema.name, where: .id(id),
        [.set(field, .string(String(decoding: line.bytes, as: UTF8.self)))],
        extent: .upsert(insertedOnMiss: Document(["id": .string(id)]))),
      mustMatch: true)
  }
}

/// Applies edits and deletions to entries.
struct Amendments: Sendable {
  private var edits: [Int64: Entry] = [:]
  private var deletions: [Int64: Entry] = [:]

  /// What amends the messages of a range. The buffer is asked first: an amendment that is archived
  /// meanwhile is then seen twice, never missed.
  init(_ conversation: ConversationID, _ range: ClosedRange<Int64>, buffer: LogBuffer)
    async throws(StoreError)
  {
    let documents = buffer.documents
    let buffered = LogBuffer.amendmentQuery(conversation, range)
    let archived = Query(
      AmendmentDocument.schema.name, where: SeqID.filter(conversation, range),
      sort: [.ascending("id")], limit: 1000)
    var first = try await documents.find([buffered, archived])
    for document in try await Self.rest(of: buffered, first[0], in: documents) {
      note(try BufferedEntry(document: document).entry())
    }
    // With more pages of the buffer, the archive was asked too early.
    if first[0].count == buffered.limit { first[1] = try await documents.find(archived) }
    for document in try await Self.rest(of: archived, first[1], in: documents) {
      let amendment = try AmendmentDocument(document: document)
      if let edit = amendment.edit { note(edit) }
      if let deletion = amendment.deletion { note(deletion) }
    }
  }

  /// A first page and the pages behind it.
  private static func rest(
    of query: Query, _ first: [Document], in documents: any DocumentStore
  ) async throws(StoreError) -> [Document] {
    var (all, page, query) = (first, first, query)
    while page.count == query.limit, let last = page.last {
      query.after = query.cursor(behind: last)
      page = try await documents.find(query)
      all += page
    }
    return all
  }

  private mutating func note(_ entry: Entry) {
    guard let target = entry.target else { return }
    if entry.kind == .deletion {
      deletions[target] = entry
    } else if entry.seq > edits[target]?.seq ?? 0 {
      edits[target] = entry
    }
  }

  /// The entry as people see it; a deletion outweighs every edit.
  func message(_ entry: Entry) -> Message {
    Message(entry, edit: edits[entry.seq], deletion: deletions[entry.seq])
  }
}
