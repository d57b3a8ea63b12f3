// Conversations over HTTP.

import ArchiveCore
import Hummingbird

/// Reads requests about conversations, calls the use cases, writes the answers.
struct ConversationHandlers: Sendable {
  let createConversation: CreateConversation
  let listConversations: ListConversations
  let openConversation: OpenConversation
  let settings: ServiceSettings.Conversations
  let bodyLimitBytes: Int

  private struct NewConversation: Decodable {
    let kind: String
    let members: [String]
    let title: String?
  }

  func list(_ request: Request, _ caller: Caller) async throws -> Response {
    let query = QueryParameters(request)
    let limit = try query.limit(default: 50, atMost: settings.pageLimit)
    return try JSON.response(
      try await listConversations(caller, limit: limit, cursor: try query.text("cursor")))
  }

  func create(_ request: Request, _ caller: Caller) async throws -> Response {
    let body = try await JSON.read(NewConversation.self, of: request, limitBytes: bodyLimitBytes)
    let (conversation, isNew) = try await createConversation(
      caller, kind: body.kind, members: body.members, title: body.title)
    return try JSON.response(conversation, isNew ? .created : .ok)
  }

  func open(_ parameters: Parameters, _ caller: Caller) async throws -> Response {
    try JSON.response(try await openConversation(caller, try parameters.conversationID()))
  }
}
