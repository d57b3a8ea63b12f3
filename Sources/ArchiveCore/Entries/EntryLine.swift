// An entry as the line that is hashed, buffered, archived and exported: the same bytes everywhere.

/// The canonical JSON of one entry, made once when it is accepted and never made again.
public struct EntryLine: Hashable, Sendable {
  /// UTF-8 without the line feed.
  public let bytes: [UInt8]

  public init(bytes: [UInt8]) { self.bytes = bytes }

  /// Keys in sorted order, absent fields left out, times as RFC 3339.
  public init(_ entry: Entry) {
    var writer = JSONObjectWriter(capacity: 320)
    writer.add("clientId", entry.clientID)
    writer.add("conversationId", entry.conversationID.description)
    writer.add("createdAt", entry.createdAt.description)
    if let data = entry.data { writer.add("data") { CanonicalJSON.append(data, to: &$0) } }
    if !entry.files.isEmpty {
      writer.add("files") { CanonicalJSON.append(.array(entry.files.map(\.value)), to: &$0) }
    }
    writer.add("kind", entry.kind.rawValue)
    writer.add("ordinal", entry.ordinal)
    writer.add("replyTo", entry.replyTo)
    writer.add("senderId", entry.senderID?.description)
    writer.add("seq", entry.seq)
    writer.add("target", entry.target)
    writer.add("text", entry.text)
    bytes = writer.finish()
  }

  /// Reads the line back; `corrupt` where it is no entry.
  public func entry() throws(StoreError) -> Entry {
    try EntryLine.entry(bytes[...])
  }

  static func entry(_ bytes: ArraySlice<UInt8>) throws(StoreError) -> Entry {
    if let entry = CanonicalLineScanner.entry(bytes) { return entry }
    let fields: [String: DocumentValue]
    do { fields = try JSONReader.object(bytes) } catch {
      throw StoreError(.corrupt, "an entry's line is no JSON", cause: error)
    }
    func string(_ name: String) -> String? {
      if case .string(let text)? = fields[name] { text } else { nil }
    }
    func integer(_ name: String) -> Int64? {
      if case .integer(let number)? = fields[name] { number } else { nil }
    }
    guard let conversation = string("conversationId").flatMap({ ConversationID($0) }),
      let seq = integer("seq"), seq >= 1, let ordinal = integer("ordinal"), ordinal >= 0,
      let kind = string("kind"), let time = string("createdAt").flatMap({ Timestamp($0) })
    else { throw StoreError(.corrupt, "an entry's line lacks a field") }
    let sender = try string("senderId").map { (text) throws(StoreError) in
      guard let id = UserID(text) else {
        throw StoreError(.corrupt, "an entry's sender is no id seq=`\(seq)`")
      }
      return id
    }
    let data: [String: DocumentValue]? =
      if case .object(let data)? = fields["data"] { data } else { nil }
    let files = try files(fields["files"], of: seq)
    return Entry(
      conversationID: conversation, seq: seq, ordinal: ordinal, kind: EntryKind(rawValue: kind),
      senderID: sender, createdAt: time, text: string("text"), replyTo: integer("replyTo"),
      target: integer("target"), clientID: string("clientId"), data: data,
      files: files)
  }

  private static func files(_ value: DocumentValue?, of seq: Int64) throws(StoreError)
    -> [AttachedFile]
  {
    guard let value else { return [] }
    guard case .array(let values) = value, case let files = values.compactMap(AttachedFile.init),
      files.count == values.count
    else { throw StoreError(.corrupt, "an entry's files are none seq=`\(seq)`") }
    return files
  }
}
