// An admin looks at the archive of one conversation, and takes it along.

import ArchiveCore
import Hummingbird
import NIOCore

/// What there is of a conversation, and its bytes. Whoever takes bytes gets to read what was not theirs, so that is in the
/// audit log before the first one goes out.
struct ReadArchive: Sendable {
  private let members: NamedMembers
  private let conversations: Collection<Conversation>
  private let newest: LastMessages
  private let log: ConversationLog
  private let audit: AuditLog
  private let callers: Callers
  private let settings: ServiceSettings.Archives
  private let activity: ActivityRecorder

  init(
    documents: any DocumentStore, log: ConversationLog, activity: ActivityRecorder, audit: AuditLog,
    callers: Callers, settings: ServiceSettings
  ) {
    members = NamedMembers(documents: documents, limit: settings.conversations.memberLimit)
    conversations = Collection(in: documents)
    newest = LastMessages(documents: documents)
    (self.log, self.activity, self.audit) = (log, activity, audit)
    (self.callers, self.settings) = (callers, settings.archives)
  }

  /// One conversation with all its members and the size of its archive.
  func show(_ caller: Caller, _ id: ConversationID) async throws -> ArchivedConversationView {
    try caller.requireAdmin()
    let conversation = try await conversation(id)
    await activity.settleIfPossible(id)
    let head = try await log.head(of: id)
    let archived = try await log.catalog.ends(of: [id])[id]
    let message = try await activity.repair(
      id, head, try await newest(of: [id])[id], knownOrdinal: head.ordinal)
    return ArchivedConversationView(
      conversation, try await members(of: id), head: head, archived: archived,
      lastActivityAt: max(conversation.createdAt, message?.createdAt ?? conversation.createdAt),
      extent: try await log.catalog.extent(of: id))
  }

  /// Its segments in order.
  func segments(_ caller: Caller, of id: ConversationID, limit: Int, cursor: String?) async throws
    -> PageView<SegmentView>
  {
    try caller.requireAdmin()
    _ = try await conversation(id)
    let behind = try cursor.map { text in
      guard let seq = CursorText.content(of: text).flatMap({ Digits.number($0) }) else {
        throw ServiceError.invalidCursor
      }
      return seq
    }
    let found = try await log.catalog.segments(of: id, behind: behind ?? 0, limit: limit + 1)
    let page = FoundPage(found, limit: limit)
    return PageView(
      items: page.items.map(SegmentView.init),
      next: page.next { CursorText.text(String($0.firstSeq)) })
  }

  /// The bytes of one segment as they lie in the object store, with their length.
  func segment(
    _ caller: Caller, of id: ConversationID, firstSeq: Int64?, from origin: RequestOrigin,
    isTaken: Bool
  ) async throws -> (manifest: SegmentManifest, body: ResponseBody) {
    try caller.requireAdmin()
    guard let firstSeq,
      let manifest = try await log.catalog.segment(of: id, firstSeq: firstSeq)
    else { throw Self.noSuchSegment }
    // Opened before the head of the answer goes out, so that one that is gone is a 404.
    let object = try await content(of: manifest)
    if isTaken {
      try await note(
        caller, id, origin, ["segment": "\(manifest.firstSeq)-\(manifest.lastSeq)"])
    }
    let body = ResponseBody(contentLength: Int(clamping: manifest.storedBytes)) { writer in
      var rest = manifest.storedBytes
      while let chunk = try await object.next() {
        rest -= Int64(chunk.count)
        try await writer.write(ByteBuffer(bytes: chunk))
      }
      guard rest == 0 else {
        throw StoreError(
          .corrupt, "an object ends before one of its blocks key=`\(manifest.key)`",
          hint: "run verify")
      }
      try await writer.finish(nil)
    }
    return (manifest, body)
  }

  /// Every entry up to now as a line of its own, exactly as it is stored and hashed, from archive and buffer alike.
  func entries(
    _ caller: Caller, of id: ConversationID, from origin: RequestOrigin, isTaken: Bool
  ) async throws -> ResponseBody {
    try caller.requireAdmin()
    _ = try await conversation(id)
    let limit = settings.downloadPage
    let first = try await log.entries(in: id, after: 0, limit: limit)
    let head = try await log.head(of: id)
    if isTaken { try await note(caller, id, origin, ["segment": "1-\(head.seq)"]) }
    return ResponseBody { writer in
      var page = first
      while let last = page.last {
        var lines = ByteBuffer()
        for entry in page where entry.seq <= head.seq {
          lines.writeBytes(EntryLine(entry).bytes)
          lines.writeInteger(UInt8(ascii: "\n"))
        }
        try await writer.write(lines)
        guard page.count == limit, last.seq < head.seq else { break }
        // A slow client may take hours.
        try await callers.again(caller).requireAdmin()
        page = try await log.entries(in: id, after: last.seq, limit: limit)
      }
      try await writer.finish(nil)
    }
  }

  private static let noSuchSegment = ServiceError(
    .notFound, "no such segment; compaction joins segments, so ask for the list again")

  private func note(
    _ caller: Caller, _ id: ConversationID, _ origin: RequestOrigin, _ detail: [String: String]
  ) async throws {
    try await audit.note(
      AuditEvent(
        .conversationRead, actor: caller.userID, conversation: id, session: caller.sessionID,
        from: origin, detail: detail.merging(["by": "the archive"]) { first, _ in first }))
  }

  private func content(of manifest: SegmentManifest) async throws -> StoredObject {
    do {
      return try await log.catalog.content(of: manifest)
    } catch {
      if error.kind == .notFound { throw Self.noSuchSegment }
      throw error
    }
  }

  private func conversation(_ id: ConversationID) async throws -> Conversation {
    guard let found = try await conversations.find(id: id.description) else {
      throw ServiceError.noSuchConversation
    }
    return found
  }
}
