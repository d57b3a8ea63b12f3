// Conversations over HTTP.

import ArchiveCore
import Hummingbird

/// Reads requests about conversations, calls the use cases, writes the answers.
struct ConversationHandlers: Sendable {
  let createConversation: CreateConversation
  let listConversations: ListConversations
  let openConversation: OpenConversation
  let changeConversation: ChangeConversation
  let deleteConversation: DeleteConversation
  let putMember: PutMember
  let removeMember: RemoveMember
  let support: SupportWork
  let listSupport: ListSupport
  let settings: ServiceSettings.Conversations
  let bodyLimitBytes: Int

  private struct HandOver: Decodable { let userId: String? }

  func list(_ request: Request, _ caller: Caller) async throws -> Response {
    let query = QueryParameters(request)
    let limit = try query.limit(default: 50, atMost: settings.pageLimit)
    return try JSON.response(
      try await listConversations(caller, limit: limit, cursor: try query.text("cursor")))
  }

  func create(_ request: Request, _ caller: Caller) async throws -> Response {
    let body = try await JSON.read(
      CreateConversation.Input.self, of: request, limitBytes: bodyLimitBytes)
    let (conversation, isNew) = try await createConversation(caller, body)
    return try JSON.response(conversation, isNew ? .created : .ok)
  }

  func open(_ parameters: Parameters, _ caller: Caller) async throws -> Response {
    try JSON.response(try await openConversation(caller, try parameters.conversationID()))
  }

  func change(_ request: Request, _ parameters: Parameters, _ caller: Caller) async throws
    -> Response
  {
    let id = try parameters.conversationID()
    let body = try await JSON.read(
      ChangeConversation.Input.self, of: request, limitBytes: bodyLimitBytes)
    return try JSON.response(try await changeConversation(caller, id, body))
  }

  func delete(_ parameters: Parameters, _ caller: Caller) async throws -> Response {
    try await deleteConversation(caller, try parameters.conversationID())
    return Response(status: .noContent)
  }

  func putMember(_ request: Request, _ parameters: Parameters, _ caller: Caller) async throws
    -> Response
  {
    let id = try parameters.conversationID()
    let user = try parameters.memberID(or: ServiceError(.notFound, "no such user"))
    let body = try await JSON.read(PutMember.Input.self, of: request, limitBytes: bodyLimitBytes)
    return try JSON.response(try await putMember(caller, id, user: user, body))
  }

  func removeMember(_ parameters: Parameters, _ caller: Caller) async throws -> Response {
    let id = try parameters.conversationID()
    let user = try parameters.memberID(or: ServiceError(.notFound, "no such member"))
    try await removeMember(caller, id, user: user)
    return Response(status: .noContent)
  }
}

// MARK: Support

extension ConversationHandlers {
  func listSupport(_ request: Request) async throws -> Response {
    let query = QueryParameters(request)
    let limit = try query.limit(default: 50, atMost: settings.pageLimit)
    return try JSON.response(
      try await listSupport(limit: limit, cursor: try query.text("cursor")))
  }

  func take(_ parameters: Parameters, _ caller: Caller) async throws -> Response {
    try JSON.response(try await support.take(caller, try parameters.conversationID()))
  }

  func handOver(_ request: Request, _ parameters: Parameters, _ caller: Caller) async throws
    -> Response
  {
    let id = try parameters.conversationID()
    let body = try await JSON.read(HandOver.self, of: request, limitBytes: bodyLimitBytes)
    let agent = try body.userId.map { text in
      guard let agent = UserID(text) else { throw ServiceError.field("userId", "is no user id") }
      return agent
    }
    try await support.handOver(caller, id, to: agent)
    return Response(status: .noContent)
  }

  func close(_ parameters: Parameters, _ caller: Caller) async throws -> Response {
    try JSON.response(try await support.close(caller, try parameters.conversationID()))
  }
}

extension Parameters {
  /// The user whom the path names as a member.
  fileprivate func memberID(or error: ServiceError) throws -> UserID {
    guard let id = UserID(self["userId"].map(String.init) ?? "") else { throw error }
    return id
  }
}
