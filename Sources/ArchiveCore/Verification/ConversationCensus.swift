// Which conversations have anything in log or archive, and which objects belong to none.

/// Finds conversations by every document that can name one, so that deleting a document hides nothing.
struct ConversationCensus: Sendable {
  let documents: any DocumentStore

  private static let page = 1000

  /// All conversations, in order.
  func all() async throws(StoreError) -> [ConversationID] {
    var found: Set<ConversationID> = []
    for collection in [ArchiveState.schema.name, Anchor.schema.name] {
      try await walk(Query(collection, sort: [.ascending("id")], limit: Self.page)) { document in
        if let id = document.id.flatMap({ ConversationID($0) }) { found.insert(id) }
      }
    }
    let buffered = Query(
      BufferedEntry.schema.name, where: BufferedEntry.isBuffered, sort: [BufferedEntry.bufferOrder],
      limit: Self.page)
    try await walk(buffered) { document in
      if let id = document.id, let (conversation, _) = SeqID.parts(id) {
        found.insert(conversation)
      }
    }
    found.formUnion(try await conversationsOfManifests())
    return found.sorted()
  }

  /// One manifest of each conversation, skipping the others.
  private func conversationsOfManifests() async throws(StoreError) -> Set<ConversationID> {
    var found: Set<ConversationID> = []
    var behind = ""
    while true {
      let next = try await documents.find(
        Query(
          SegmentManifest.schema.name, where: .greater("id", .string(behind)),
          sort: [.ascending("id")], limit: 1))
      guard let id = next.first?.id else { return found }
      if let (conversation, _) = SeqID.parts(id) {
        found.insert(conversation)
        behind = SeqID.text(conversation, SeqID.greatestSeq)
      } else {
        behind = id
      }
    }
  }

  /// Keys of archive objects that no manifest names.
  func orphans(in objects: any ObjectStore) async throws(StoreError) -> [String] {
    var orphans: [String] = []
    for prefix in ["conversations/", "packs/"] {
      var after: ObjectKey?
      while true {
        let page = try await objects.list(prefix: prefix, after: after, limit: 1000)
        for object in page {
          let filter = Filter.equal("key", .string(object.key.description))
          if try await documents.count(SegmentManifest.schema.name, where: filter) == 0 {
            orphans.append(object.key.description)
          }
        }
        guard page.count == 1000, let last = page.last else { break }
        after = last.key
      }
    }
    return orphans
  }

  private func walk(_ query: Query, _ visit: (Document) -> Void) async throws(StoreError) {
    try await documents.forEachPage(of: query) { (page) async throws(StoreError) in
      page.forEach(visit)
    }
  }
}
