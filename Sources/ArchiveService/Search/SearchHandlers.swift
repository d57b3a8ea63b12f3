// Search over HTTP.

import ArchiveCore
import Hummingbird

/// Reads queries, calls the use cases, writes the answers.
struct SearchHandlers: Sendable {
  let users: SearchUsers
  let conversations: SearchConversations
  let settings: ServiceSettings.Conversations

  /// What can be searched.
  private enum Place: String { case users, conversations }

  func searchUsers(_ request: Request, _ caller: Caller) async throws -> Response {
    try await search(.users, QueryParameters(request), caller)
  }

  func search(_ request: Request, _ caller: Caller) async throws -> Response {
    let parameters = QueryParameters(request)
    guard let place = Place(rawValue: try parameters.text("in") ?? "") else {
      throw ServiceError.field("in", "is not one of users, conversations")
    }
    return try await search(place, parameters, caller)
  }

  private func search(_ place: Place, _ parameters: QueryParameters, _ caller: Caller)
    async throws -> Response
  {
    let query = try SearchQuery(try parameters.text("query"))
    let limit = try parameters.limit(default: 50, atMost: settings.pageLimit)
    let cursor = try parameters.text("cursor")
    switch place {
    case .users:
      return try JSON.response(
        try await users(caller, query, limit: limit, cursor: cursor))
    case .conversations:
      return try JSON.response(
        try await conversations(caller, query, limit: limit, cursor: cursor))
    }
  }
}
