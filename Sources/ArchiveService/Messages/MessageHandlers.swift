// Messages over HTTP.

import ArchiveCore
import Hummingbird

/// Reads requests about messages, calls the use cases, writes the answers.
struct MessageHandlers: Sendable {
  let postMessage: PostMessage
  let editMessage: EditMessage
  let deleteMessage: DeleteMessage
  let readHistory: ReadHistory
  let markRead: MarkRead
  let settings: ServiceSettings.Messages
  let bodyLimitBytes: Int

  private struct Read: Decodable { let seq: Int64 }

  /// A byte of text can take six in JSON (`\u0000`, or Cyrillic escaped).
  var textBodyLimitBytes: Int { bodyLimitBytes + 6 * settings.textLimitBytes }

  func history(_ request: Request, _ parameters: Parameters, _ caller: Caller) async throws
    -> Response
  {
    let id = try parameters.conversationID()
    let query = QueryParameters(request)
    let limit = try query.limit(default: 50, atMost: settings.pageLimit)
    return try JSON.response(
      try await readHistory(caller, in: id, at: try Self.place(query), limit: limit))
  }

  func post(_ request: Request, _ parameters: Parameters, _ caller: Caller) async throws
    -> Response
  {
    let id = try parameters.conversationID()
    let input = try await JSON.read(
      PostMessage.Input.self, of: request, limitBytes: textBodyLimitBytes)
    return try await post(input, in: id, caller)
  }

  /// The same for an input that was read already.
  func post(_ input: PostMessage.Input, in id: ConversationID, _ caller: Caller) async throws
    -> Response
  {
    let (message, isRepeat) = try await postMessage(caller, in: id, input)
    return try JSON.response(message, isRepeat ? .ok : .created)
  }

  func edit(_ request: Request, _ parameters: Parameters, _ caller: Caller) async throws
    -> Response
  {
    let (id, seq) = (try parameters.conversationID(), try parameters.seq())
    let body = try await JSON.read(
      EditMessage.Input.self, of: request, limitBytes: textBodyLimitBytes)
    return try JSON.response(try await editMessage(caller, seq, in: id, body))
  }

  func delete(_ parameters: Parameters, _ caller: Caller) async throws -> Response {
    try await deleteMessage(caller, try parameters.seq(), in: try parameters.conversationID())
    return Response(status: .noContent)
  }

  func read(_ request: Request, _ parameters: Parameters, _ caller: Caller) async throws
    -> Response
  {
    let id = try parameters.conversationID()
    let body = try await JSON.read(Read.self, of: request, limitBytes: bodyLimitBytes)
    return try JSON.response(try await markRead(caller, in: id, seq: body.seq))
  }

  /// At most one of `before`, `after` and `cursor`.
  private static func place(_ query: QueryParameters) throws -> LogPlace {
    let before = try query.number("before")
    let after = try query.number("after")
    let cursor = try query.text("cursor")
    switch (before, after, cursor) {
    case (nil, nil, nil): return .end
    case (let seq?, nil, nil): return .before(seq)
    case (nil, let seq?, nil): return .after(seq)
    case (nil, nil, let text?): return try HistoryCursor.place(text)
    default: throw ServiceError.field("before", "before, after and cursor exclude one another")
    }
  }
}
