// Profiles, sessions and their administration over HTTP.

import ArchiveCore
import Hummingbird

/// Reads requests about accounts that exist, calls the use cases, writes the answers.
struct ProfileHandlers: Sendable {
  let users: ShowUser
  let editProfile: EditProfile
  let deactivation: DeactivateUser
  let sessions: Sessions
  let listSessions: ListSessions
  let administration: AdministerUsers
  let pageLimit: Int
  let bodyLimitBytes: Int

  private struct PasswordBody: Decodable { let password: String }

  func own(_ caller: Caller) async throws -> Response {
    try JSON.response(try await users.own(caller))
  }

  func show(_ parameters: Parameters) async throws -> Response {
    try JSON.response(try await users(parameters.userID))
  }

  func edit(_ request: Request, _ caller: Caller) async throws -> Response {
    let body = try await JSON.read(ProfileChange.self, of: request, limitBytes: bodyLimitBytes)
    return try JSON.response(try await editProfile(caller, body))
  }

  func deactivate(_ request: Request, _ context: ServiceContext, _ caller: Caller) async throws
    -> Response
  {
    let body = try await JSON.read(PasswordBody.self, of: request, limitBytes: bodyLimitBytes)
    try await deactivation.own(caller, password: body.password, from: context.origin)
    return Response(status: .noContent)
  }

  // MARK: Sessions

  func sessions(_ request: Request, _ caller: Caller) async throws -> Response {
    let query = QueryParameters(request)
    return try JSON.response(
      try await listSessions(
        caller, limit: try query.limit(default: 50, atMost: pageLimit),
        cursor: try query.text("cursor")))
  }

  func endSession(_ context: ServiceContext, _ caller: Caller) async throws -> Response {
    guard let id = SessionID(context.parameters["sessionId"].map(String.init) ?? "") else {
      throw ServiceError(.notFound, "no such session")
    }
    try await sessions.revoke(id, of: caller.userID, by: caller, from: context.origin)
    return Response(status: .noContent)
  }

  func endOtherSessions(_ context: ServiceContext, _ caller: Caller) async throws -> Response {
    try await sessions.revokeAll(
      of: caller.userID, except: caller.sessionID, by: caller, from: context.origin)
    return Response(status: .noContent)
  }

  // MARK: Administration

  func list(_ request: Request, _ caller: Caller) async throws -> Response {
    let query = QueryParameters(request)
    var wanted = AdministerUsers.Wanted(query: try query.text("query"))
    if let role = try query.text("role") {
      guard let role = Role(rawValue: role) else {
        throw ServiceError.field("role", "is no role")
      }
      wanted.role = role
    }
    if let text = try query.text("deactivated") {
      guard let isDeactivated = Bool(text) else {
        throw ServiceError.field("deactivated", "is not true or false")
      }
      wanted.isDeactivated = isDeactivated
    }
    return try JSON.response(
      try await administration.list(
        caller, wanted, limit: try query.limit(default: 50, atMost: pageLimit),
        cursor: try query.text("cursor")))
  }

  func showToAdmin(_ parameters: Parameters, _ caller: Caller) async throws -> Response {
    try JSON.response(try await administration.show(caller, parameters.userID))
  }

  func editUser(_ request: Request, _ context: ServiceContext, _ caller: Caller) async throws
    -> Response
  {
    let body = try await JSON.read(
      AdministerUsers.Change.self, of: request, limitBytes: bodyLimitBytes)
    return try JSON.response(
      try await administration.edit(
        caller, context.parameters.userID, body, from: context.origin))
  }

  func endUserSessions(_ context: ServiceContext, _ caller: Caller) async throws -> Response {
    try await administration.endSessions(
      caller, of: context.parameters.userID, from: context.origin)
    return Response(status: .noContent)
  }
}

extension Parameters {
  /// The user that the path names; what is no id is nobody's.
  var userID: UserID? { UserID(self["id"].map(String.init) ?? "") }
}
