// The audit log over HTTP, for admins.

import ArchiveCore
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

/// Lists and exports the audit log.
struct AuditHandlers: Sendable {
  private static let exportPage = 500

  let log: AuditLog
  let callers: Callers
  let settings: ServiceSettings.Audit
  let surroundings: Surroundings

  func list(_ request: Request, _ caller: Caller) async throws -> Response {
    try caller.requireAdmin()
    let query = QueryParameters(request)
    let filter = try Self.filter(query)
    let limit = try query.limit(default: 50, atMost: settings.pageLimit)
    let place = try query.text("cursor").map(Self.place)
    let found = try await log.entries(filter, .newestFirst, behind: place, limit: limit + 1)
    let page = FoundPage(found, limit: limit)
    return try JSON.response(
      PageView(
        items: page.items.map(AuditView.init),
        next: page.next { CursorText.text($0.id.description) }))
  }

  /// All entries up to now, oldest first, one JSON object per line, read page by page as fast as the
  /// client takes them, and broken off where that client is no admin any more. That somebody took them is an entry
  /// itself.
  func export(_ request: Request, _ origin: RequestOrigin, _ caller: Caller) async throws
    -> Response
  {
    try caller.requireAdmin()
    var filter = try Self.filter(QueryParameters(request))
    filter.before = min(filter.before ?? surroundings.now(), surroundings.now())
    if request.method != .head {
      try await log.note(AuditEvent(.auditExported, actor: caller.userID, from: origin))
    }
    // Read before the head of the answer goes out, so that a store that fails is a 503.
    let first = try await log.entries(filter, .oldestFirst, limit: Self.exportPage)
    let body = ResponseBody { [filter] writer in
      try await write(first, filter, for: caller, to: &writer)
      try await writer.finish(nil)
    }
    return Response(
      status: .ok,
      headers: [
        .contentType: "application/jsonl", .cacheControl: "no-store",
        .contentDisposition: "attachment; filename=\"audit.jsonl\"",
      ],
      body: body)
  }

  private func write(
    _ first: [AuditEntry], _ filter: AuditLog.Filter, for caller: Caller,
    to writer: inout any ResponseBodyWriter
  ) async throws {
    var page = first
    while let last = page.last {
      var lines = ByteBuffer()
      for entry in page {
        lines.writeBytes(try JSON.encoder.encode(AuditView(entry)))
        lines.writeInteger(UInt8(ascii: "\n"))
      }
      try await writer.write(lines)
      guard page.count == Self.exportPage else { return }
      // A slow client may take hours.
      try await callers.again(caller).requireAdmin()
      page = try await log.entries(filter, .oldestFirst, behind: last.id, limit: Self.exportPage)
    }
  }

  // MARK: What is asked for

  private static func filter(_ query: QueryParameters) throws -> AuditLog.Filter {
    var filter = AuditLog.Filter()
    filter.kinds = try kinds(try query.text("kind"))
    filter.actor = try id(query, "actor")
    filter.subject = try id(query, "subject")
    filter.conversation = try id(query, "conversation")
    filter.from = try query.time("from")
    filter.before = try query.time("before")
    return filter
  }

  /// One kind, or several with commas between them.
  private static func kinds(_ text: String?) throws -> [AuditKind] {
    guard let text else { return [] }
    let names = text.split(separator: ",", omittingEmptySubsequences: false)
    let kinds = names.prefix(AuditKind.allCases.count + 1).map { AuditKind(rawValue: String($0)) }
    guard names.count <= AuditKind.allCases.count, !kinds.contains(nil) else {
      throw ServiceError.field("kind", "is no kind of entry, nor several with commas")
    }
    return kinds.compactMap { $0 }
  }

  private static func id<Subject>(_ query: QueryParameters, _ name: String) throws
    -> Identifier<Subject>?
  {
    guard let text = try query.text(name) else { return nil }
    guard let id = Identifier<Subject>(text) else { throw ServiceError.field(name, "is not an id") }
    return id
  }

  private static func place(_ text: String) throws -> ULID {
    guard let id = CursorText.content(of: text).flatMap({ ULID($0) }) else {
      throw ServiceError.invalidCursor
    }
    return id
  }
}

/// An entry of the audit log as admins see it.
struct AuditView: Encodable {
  let id: String
  let at: Timestamp
  let kind: String
  let actorId: UserID?
  let subjectId: UserID?
  let conversationId: ConversationID?
  let sessionId: SessionID?
  let address: String?
  let device: String?
  let detail: [String: String]

  init(_ entry: AuditEntry) {
    let event = entry.event
    (id, at, kind) = (entry.id.description, entry.at, event.kind.rawValue)
    (actorId, subjectId) = (event.actor, event.subject)
    (conversationId, sessionId) = (event.conversation, event.session)
    (address, device, detail) = (event.address?.description, event.device, event.detail)
  }
}
