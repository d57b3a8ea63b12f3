// Archives over HTTP, for admins.

import ArchiveCore
import HTTPTypes
import Hummingbird

/// Reads requests about archives, calls the use cases, writes the answers.
struct ArchiveHandlers: Sendable {
  let listArchives: ListArchives
  let readArchive: ReadArchive
  let verifyArchives: VerifyArchives
  let audit: AuditLog
  let settings: ServiceSettings.Archives
  let bodyLimitBytes: Int

  func list(_ request: Request, _ context: ServiceContext, _ caller: Caller) async throws
    -> Response
  {
    try caller.requireAdmin()
    let query = QueryParameters(request)
    let wanted = try Self.wanted(query)
    let limit = try query.limit(default: 50, atMost: settings.pageLimit)
    let page = try await listArchives(
      caller, wanted, limit: limit, cursor: try query.text("cursor"))
    if request.method != .head {
      try await audit.note(
        AuditEvent(
          .archivesListed, actor: caller.userID, subject: wanted.person,
          session: caller.sessionID, from: context.origin, detail: wanted.words))
    }
    return try JSON.response(page)
  }

  func show(_ parameters: Parameters, _ caller: Caller) async throws -> Response {
    try JSON.response(try await readArchive.show(caller, try parameters.conversationID()))
  }

  func segments(_ request: Request, _ parameters: Parameters, _ caller: Caller) async throws
    -> Response
  {
    let query = QueryParameters(request)
    let limit = try query.limit(default: 50, atMost: settings.segmentPageLimit)
    return try JSON.response(
      try await readArchive.segments(
        caller, of: try parameters.conversationID(), limit: limit,
        cursor: try query.text("cursor")))
  }

  func segment(_ request: Request, _ context: ServiceContext, _ caller: Caller) async throws
    -> Response
  {
    let id = try context.parameters.conversationID()
    let (manifest, body) = try await readArchive.segment(
      caller, of: id, firstSeq: Digits.number(context.parameters["firstSeq"] ?? ""),
      from: context.origin, isTaken: request.method != .head)
    let name = "\(id)-\(manifest.firstSeq)-\(manifest.lastSeq).jsonl.gz"
    return Self.file(body, "application/gzip", named: name)
  }

  func entries(_ request: Request, _ context: ServiceContext, _ caller: Caller) async throws
    -> Response
  {
    let id = try context.parameters.conversationID()
    let body = try await readArchive.entries(
      caller, of: id, from: context.origin, isTaken: request.method != .head)
    return Self.file(body, "application/jsonl", named: "\(id).jsonl")
  }

  // MARK: Verifications

  func beginVerification(_ request: Request, _ context: ServiceContext, _ caller: Caller)
    async throws -> Response
  {
    try caller.requireAdmin()
    let body = try await JSON.read(
      VerifyArchives.Input.self, of: request, limitBytes: bodyLimitBytes)
    return try JSON.response(
      try await verifyArchives.begin(caller, body, from: context.origin), .accepted)
  }

  func listVerifications(_ request: Request, _ caller: Caller) async throws -> Response {
    let query = QueryParameters(request)
    return try JSON.response(
      try await verifyArchives.list(
        caller, limit: try query.limit(default: 50, atMost: settings.pageLimit),
        cursor: try query.text("cursor")))
  }

  func showVerification(_ parameters: Parameters, _ caller: Caller) async throws -> Response {
    try JSON.response(try await verifyArchives.show(caller, parameters.verificationID))
  }

  func cancelVerification(_ parameters: Parameters, _ caller: Caller) async throws -> Response {
    try await verifyArchives.cancel(caller, parameters.verificationID)
    return Response(status: .noContent)
  }

  // MARK: What is asked for

  /// Only ever saved, whatever is in it.
  private static func file(_ body: ResponseBody, _ type: String, named name: String) -> Response {
    Response(
      status: .ok,
      headers: [
        .contentType: type, .cacheControl: "no-store",
        .contentDisposition: "attachment; filename=\"\(name)\"",
      ],
      body: body)
  }

  private static func wanted(_ query: QueryParameters) throws -> ListArchives.Wanted {
    var wanted = ListArchives.Wanted()
    if let text = try query.text("person") {
      guard let person = UserID(text) else { throw ServiceError.field("person", "is not an id") }
      wanted.person = person
    }
    if let text = try query.text("kind") {
      guard let kind = ConversationKind(rawValue: text) else {
        throw ServiceError.field("kind", "is no kind of conversation")
      }
      wanted.kind = kind
    }
    wanted.from = try query.time("from")
    wanted.before = try query.time("before")
    return wanted
  }
}

extension ListArchives.Wanted {
  /// For the audit log.
  fileprivate var words: [String: String] {
    var words: [String: String] = [:]
    if let kind { words["conversationKind"] = kind.rawValue }
    if let from { words["from"] = "\(from)" }
    if let before { words["before"] = "\(before)" }
    return words
  }
}

extension Parameters {
  /// The verification that the path names; what is no id is none.
  fileprivate var verificationID: VerificationID? {
    VerificationID(self["id"].map(String.init) ?? "")
  }
}
