// Accounts over HTTP.

import ArchiveCore
import Hummingbird

/// Reads requests about accounts, calls the use cases, writes the answers.
struct AccountHandlers: Sendable {
  let registration: SignUp
  let entrance: SignIn
  let sessions: Sessions
  let users: ShowUser
  let bodyLimitBytes: Int

  private struct SignUpBody: Decodable { let email, name, password: String }
  private struct SignInBody: Decodable {
    let email, password: String
    let device: String?
  }
  private struct RefreshBody: Decodable { let refreshToken: String }

  func signUp(_ request: Request) async throws -> Response {
    let body = try await JSON.read(SignUpBody.self, of: request, limitBytes: bodyLimitBytes)
    return try JSON.response(
      try await registration(email: body.email, name: body.name, password: body.password), .created)
  }

  func signIn(_ request: Request) async throws -> Response {
    let body = try await JSON.read(SignInBody.self, of: request, limitBytes: bodyLimitBytes)
    return try JSON.response(
      try await entrance(email: body.email, password: body.password, device: body.device))
  }

  func refresh(_ request: Request) async throws -> Response {
    let body = try await JSON.read(RefreshBody.self, of: request, limitBytes: bodyLimitBytes)
    return try JSON.response(try await sessions.renew(body.refreshToken))
  }

  func signOut(_ caller: Caller) async throws -> Response {
    try await sessions.end(caller.sessionID)
    return Response(status: .noContent)
  }

  func own(_ caller: Caller) async throws -> Response {
    try JSON.response(try await users.own(caller))
  }

  func show(_ parameters: Parameters) async throws -> Response {
    try JSON.response(try await users(UserID(parameters["id"].map(String.init) ?? "")))
  }
}
