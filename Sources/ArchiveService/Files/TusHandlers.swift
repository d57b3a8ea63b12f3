// Resumable uploads over HTTP: tus 1.0.0.

import ArchiveCore
import HTTPTypes
import Hummingbird
import Logging
import Uploads

/// Asks `TusProtocol` what a request may do, does it, and writes the answer.
struct TusHandlers: Sendable {
  let files: Files
  let slots: UploadSlots
  let receive: ReceivePieces
  let complete: CompleteUpload

  private var uploads: Collection<ResumableUpload> { Collection(in: files.documents) }
  private var rules: TusProtocol { TusProtocol(limitBytes: Int64(files.settings.maxBytes)) }
  private var now: HTTPDate {
    HTTPDate(secondsSinceEpoch: files.surroundings.now().milliseconds / 1000)
  }

  func options(_ context: ServiceContext) -> Response { response(rules.options, context) }

  // MARK: Creation

  func create(_ request: Request, _ context: ServiceContext, _ caller: Caller) async throws
    -> Response
  {
    let fields = request.tusFields
    guard case .go(let creation) = rules.create(fields) else {
      return response(answer(rules.create(fields)), context)
    }
    try await files.requireRoom(for: caller.userID, bytes: max(1, creation.length ?? 1))
    try await requireFewUnfinished(caller)
    let created = files.surroundings.now()
    let upload = ResumableUpload(
      id: StoredFile.newID(files.surroundings), ownerID: caller.userID, length: creation.length,
      metadata: creation.metadata?.text, createdAt: created,
      expiresAt: created.advanced(by: files.settings.unusedLifetime))
    try await uploads.insert(upload)
    let outcome =
      creation.hasPiece
      ? try await firstPiece(creation, of: upload, request, context, caller) : .kept(upload)
    switch outcome {
    case .discarded(let answer):
      try await complete.end(upload)
      return response(answer, context)
    case .kept(let upload):
      try await complete(upload)
      let location = "/api/uploads/\(upload.id)"
      return response(rules.created(upload.tus, location: location), context)
    }
  }

  private func firstPiece(
    _ creation: TusCreation, of upload: ResumableUpload, _ request: Request,
    _ context: ServiceContext, _ caller: Caller
  ) async throws -> ReceivePieces.Outcome {
    do {
      return try await slots.with(caller.userID) {
        try await receive(
          upload, rules.reception(of: creation), isChecked: creation.checksum != nil,
          length: creation.length, announced: request.announcedBytes,
          from: RequestChunks(request, context))
      }
    } catch {
      // Its client never hears of it.
      await abandon(upload)
      throw error
    }
  }

  private func abandon(_ upload: ResumableUpload) async {
    do {
      try await complete.end(upload)
    } catch {
      files.logger.warning(
        "an upload could not be ended; it goes later",
        metadata: ["upload": "\(upload.id)", "error": "\(error)"])
    }
  }

  private func requireFewUnfinished(_ caller: Caller) async throws {
    let begun = Filter.and([
      .equal("ownerId", caller.userID.stored), .missing("isDone"), .missing("isTerminated"),
    ])
    let limit = files.settings.unfinishedLimit
    guard try await files.documents.count(ResumableUpload.schema.name, where: begun) < limit else {
      throw ServiceError(
        .tooMany, "you have begun too many uploads; finish or end some",
        retryAfter: files.settings.careInterval)
    }
  }

  // MARK: One upload

  func head(_ request: Request, _ context: ServiceContext, _ caller: Caller) async throws
    -> Response
  {
    guard let upload = try await find(context.parameters, caller) else {
      return response(TusProtocol.unknown, context)
    }
    // After a crash there may be all bytes and no file.
    try await complete(upload)
    return response(rules.head(request.tusFields, upload.tus, now: now), context)
  }

  func patch(_ request: Request, _ context: ServiceContext, _ caller: Caller) async throws
    -> Response
  {
    guard let upload = try await find(context.parameters, caller) else {
      return response(TusProtocol.unknown, context)
    }
    let decision = rules.patch(request.tusFields, upload.tus, now: now)
    guard case .go(let piece) = decision else { return response(answer(decision), context) }
    // To what is a file already nothing is added.
    guard !upload.isDone else { return response(rules.patched(upload.tus), context) }
    let outcome = try await slots.with(caller.userID) {
      try await receive(
        upload, rules.reception(of: piece), isChecked: piece.checksum != nil, length: piece.length,
        announced: request.announcedBytes, from: RequestChunks(request, context))
    }
    switch outcome {
    case .discarded(let answer): return response(answer, context)
    case .kept(let upload):
      try await complete(upload)
      return response(rules.patched(upload.tus), context)
    }
  }

  func delete(_ request: Request, _ context: ServiceContext, _ caller: Caller) async throws
    -> Response
  {
    guard let upload = try await find(context.parameters, caller) else {
      return response(TusProtocol.unknown, context)
    }
    let decision = rules.delete(request.tusFields, upload.tus, now: now)
    guard case .go(let answer) = decision else { return response(self.answer(decision), context) }
    try await complete.end(upload)
    return response(answer, context)
  }

  /// For clients whose surroundings let only POST through.
  func override(_ request: Request, _ context: ServiceContext, _ caller: Caller) async throws
    -> Response
  {
    switch TusMethod("POST", override: request.headers[.methodOverride]) {
    case .patch: return try await patch(request, context, caller)
    case .delete: return try await delete(request, context, caller)
    case .head: return try await head(request, context, caller)
    case .options: return options(context)
    case .post, nil: throw Problem(.methodNotAllowed, "this address does not take POST")
    }
  }

  /// Somebody else's upload is as unknown as one that never was.
  private func find(_ parameters: Parameters, _ caller: Caller) async throws -> ResumableUpload? {
    guard let id = FileID(parameters["fileId"].map(String.init) ?? ""),
      let upload = try await uploads.find(id: id.description), upload.ownerID == caller.userID
    else { return nil }
    return upload
  }
}

// MARK: - Answers

extension TusHandlers {
  private func answer<Step>(_ decision: TusDecision<Step>) -> TusAnswer {
    if case .answer(let answer) = decision { answer } else { TusProtocol.unknown }
  }

  private func response(_ answer: TusAnswer, _ context: ServiceContext) -> Response {
    let status = HTTPResponse.Status(tus: answer.status)
    var response =
      answer.reason.map {
        ErrorMiddleware.response(Problem(status, $0), requestID: context.requestID)
      } ?? Response(status: status)
    for (name, value) in answer.fields {
      if let name = HTTPField.Name(name) { response.headers[name] = value }
    }
    if answer.closesConnection { response.headers[.connection] = "close" }
    return response
  }
}

extension HTTPResponse.Status {
  /// Of those that refuse, the words are the title of the problem; one is the protocol's own.
  private static let refusals: [HTTPResponse.Status] = [
    .badRequest, .notFound, .methodNotAllowed, .conflict, .gone, .preconditionFailed,
    .contentTooLarge, .unsupportedMediaType, .init(code: 460, reasonPhrase: "Checksum Mismatch"),
  ]

  fileprivate init(tus code: Int) {
    self = Self.refusals.first { $0.code == code } ?? Self(code: code)
  }
}

extension Request {
  fileprivate var tusFields: TusFields {
    TusFields { name in HTTPField.Name(name).map { headers[values: $0] } ?? [] }
  }

  fileprivate var announcedBytes: Int64? {
    headers[.contentLength].flatMap { Digits.number($0) }
  }
}

extension HTTPField.Name {
  fileprivate static let methodOverride = field("X-HTTP-Method-Override")
}
