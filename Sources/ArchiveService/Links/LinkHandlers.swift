// Links to files over HTTP.

import ArchiveCore
import Hummingbird

/// Reads requests about links, calls the use cases, writes the answers.
struct LinkHandlers: Sendable {
  let createLink: CreateLink
  let listLinks: ListLinks
  let revokeLinks: RevokeLinks
  let memberLinks: MemberLinks
  let settings: ServiceSettings.Links
  let bodyLimitBytes: Int

  func create(_ request: Request, _ context: ServiceContext, _ caller: Caller) async throws
    -> Response
  {
    let id = try context.parameters.fileID()
    let input = try await JSON.read(
      CreateLink.Input.self, of: request, limitBytes: bodyLimitBytes)
    return try JSON.response(
      try await createLink(caller, id, input, from: context.origin), .created)
  }

  func list(_ request: Request, _ parameters: Parameters, _ caller: Caller) async throws
    -> Response
  {
    let query = QueryParameters(request)
    return try JSON.response(
      try await listLinks(
        caller, try parameters.fileID(),
        limit: try query.limit(default: 50, atMost: settings.pageLimit),
        cursor: try query.text("cursor")))
  }

  func revokeAll(_ context: ServiceContext, _ caller: Caller) async throws -> Response {
    try await revokeLinks.all(caller, of: try context.parameters.fileID(), from: context.origin)
    return Response(status: .noContent)
  }

  func revoke(_ context: ServiceContext, _ caller: Caller) async throws -> Response {
    guard let id = LinkID(context.parameters["id"].map(String.init) ?? "") else {
      throw ServiceError.noSuchLink
    }
    try await revokeLinks(caller, id, from: context.origin)
    return Response(status: .noContent)
  }

  func own(_ request: Request, _ caller: Caller) async throws -> Response {
    let input = try await JSON.read(
      MemberLinks.Input.self, of: request, limitBytes: bodyLimitBytes)
    return try JSON.response(try await memberLinks(caller, input))
  }
}
