// What the source of a migration holds, in numbers, and how it is known again.

internal import Encodings

/// The documents of a source, counted; those that expire are left out, because they go away by themselves.
struct SourceCensus: Sendable {
  /// The same for a source that nobody changed. Another one differs in its first identifiers or its anchor key; one
  /// that a server ran on since differs in its counts, unless what the server did left no trace in them.
  let fingerprint: String
  private(set) var counts: [CollectionName: Int] = [:]

  init(of collections: [CollectionSchema], in documents: any DocumentStore, anchorKey: AnchorKey)
    async throws(StoreError)
  {
    // Signed, so that it names the key and gives nothing of it away.
    var facts = ["key \(anchorKey.signature(of: "the source of a migration"))"]
    for schema in collections.sorted(by: { $0.name.description < $1.name.description }) {
      let lasting = schema.lasting
      let count = try await documents.count(schema.name, where: lasting)
      let first = Query(schema.name, where: lasting, sort: [.ascending("id")], limit: 1)
      let id = try await documents.find(first).first?.id ?? ""
      facts.append("\(schema.name) \(count) \(id)")
      counts[schema.name] = count
    }
    fingerprint = Digest256(of: Array(facts.joined(separator: "\n").utf8)).description
  }
}

extension CollectionSchema {
  /// The fields whose time is a document's end.
  var expiryPaths: [FieldPath] {
    indexes.filter { $0.kind == .expiring }.map { $0.keys[0].path }
  }

  /// The documents that do not go away by themselves.
  fileprivate var lasting: Filter {
    expiryPaths.isEmpty ? .everything : .and(expiryPaths.map { .missing($0) })
  }

  /// Whether a store may remove the document before that moment.
  func mayRemove(_ document: Document, before moment: Timestamp) -> Bool {
    expiryPaths.contains { path in
      if case .time(let expiry)? = document[path] { expiry < moment } else { false }
    }
  }
}
