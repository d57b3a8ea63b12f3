// Signing in and all that has to do with it, over HTTP.

import ArchiveCore
import HTTPTypes
import Hummingbird

/// Reads requests about sign-ups, sign-ins, passwords and letters, calls the use cases, writes the answers.
struct AccountHandlers: Sendable {
  let registration: SignUp
  let entrance: SignIn
  let sessions: Sessions
  let keys: SigningKeys
  let confirmation: ConfirmEmail
  let forgottenPassword: ForgottenPassword
  let changePassword: ChangePassword
  let bodyLimitBytes: Int

  private struct SignUpBody: Decodable {
    let email, name, password: String
    let language: Language?
  }
  private struct SignInBody: Decodable {
    let email, password: String
    let device: String?
  }
  private struct RefreshBody: Decodable { let refreshToken: String }
  private struct TokenBody: Decodable { let token: String }
  private struct EmailBody: Decodable { let email: String }
  private struct ResetBody: Decodable { let token, password: String }
  private struct ChangeBody: Decodable { let currentPassword, newPassword: String }

  func signUp(_ request: Request, _ context: ServiceContext) async throws -> Response {
    let body = try await JSON.read(SignUpBody.self, of: request, limitBytes: bodyLimitBytes)
    let input = CreateUser.Input(
      email: body.email, name: body.name, password: body.password,
      language: body.language ?? Language(accepted: request.headers[.acceptLanguage]) ?? .en)
    return try JSON.response(try await registration(input, from: context.origin), .created)
  }

  func signIn(_ request: Request, _ context: ServiceContext) async throws -> Response {
    let body = try await JSON.read(SignInBody.self, of: request, limitBytes: bodyLimitBytes)
    return try JSON.response(
      try await entrance(
        SignIn.Attempt(
          email: body.email, password: body.password, device: body.device, origin: context.origin)))
  }

  func refresh(_ request: Request, _ context: ServiceContext) async throws -> Response {
    let body = try await JSON.read(RefreshBody.self, of: request, limitBytes: bodyLimitBytes)
    return try JSON.response(try await sessions.renew(body.refreshToken, from: context.origin))
  }

  func signOut(_ context: ServiceContext, _ caller: Caller) async throws -> Response {
    try await sessions.signOut(caller, from: context.origin)
    return Response(status: .noContent)
  }

  func signingKeys() throws -> Response {
    var response = try JSON.response(keys.published)
    response.headers[.cacheControl] =
      "public, max-age=\(SigningKeys.publishedFor.components.seconds)"
    return response
  }

  // MARK: Letters and passwords

  func confirmEmail(_ request: Request, _ context: ServiceContext) async throws -> Response {
    let body = try await JSON.read(TokenBody.self, of: request, limitBytes: bodyLimitBytes)
    try await confirmation(token: body.token, from: context.origin)
    return Response(status: .noContent)
  }

  func resendConfirmation(_ caller: Caller) async throws -> Response {
    try await confirmation.resend(caller)
    return Response(status: .accepted)
  }

  func forgotPassword(_ request: Request, _ context: ServiceContext) async throws -> Response {
    let body = try await JSON.read(EmailBody.self, of: request, limitBytes: bodyLimitBytes)
    try await forgottenPassword.ask(email: body.email, context.standings)
    return Response(status: .accepted)
  }

  func resetPassword(_ request: Request, _ context: ServiceContext) async throws -> Response {
    let body = try await JSON.read(ResetBody.self, of: request, limitBytes: bodyLimitBytes)
    try await forgottenPassword.reset(
      token: body.token, password: body.password, from: context.origin)
    return Response(status: .noContent)
  }

  func changePassword(_ request: Request, _ context: ServiceContext, _ caller: Caller)
    async throws -> Response
  {
    let body = try await JSON.read(ChangeBody.self, of: request, limitBytes: bodyLimitBytes)
    try await changePassword(
      caller, old: body.currentPassword, new: body.newPassword, from: context.origin)
    return Response(status: .noContent)
  }
}

extension Language {
  /// The one that a client likes best of those we have (RFC 9110 12.5.4), if it likes any.
  init?(accepted header: String?) {
    guard let header, header.utf8.count <= 1024 else { return nil }
    var best: (language: Language, quality: Double)?
    for range in header.split(separator: ",") {
      let parts = range.split(separator: ";").map { AccountRules.trimmed(String($0)).lowercased() }
      guard let tag = parts.first?.split(separator: "-").first,
        let language = Language(rawValue: String(tag))
      else { continue }
      let weight = parts.dropFirst().first { $0.hasPrefix("q=") }?.dropFirst(2)
      let quality = weight.map { Double($0) ?? 0 } ?? 1
      if quality > best?.quality ?? 0 { best = (language, quality) }
    }
    guard let best else { return nil }
    self = best.language
  }
}
