// The pages that the links of letters lead to, over HTTP.

import ArchiveCore
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

/// Shows the pages, and takes their forms.
struct AccountPageHandlers: Sendable {
  let confirmation: ConfirmEmail
  let forgottenPassword: ForgottenPassword

  private static let formLimitBytes = 8 << 10

  private struct ConfirmationForm: Decodable { let token: String }
  private struct ResetForm: Decodable { let token, password: String }

  func show(_ purpose: AccountPages.Purpose, _ request: Request) -> Response {
    let token = request.uri.queryParameters["token"].map(String.init)
    // Whether it is good is only looked at when it is used.
    guard let token, MailedToken.hash(of: token) != nil else {
      return page(purpose, .failed(.invalidLink, token: nil), request)
    }
    return page(purpose, .form(token: token), request)
  }

  func confirm(_ request: Request, _ context: ServiceContext) async throws -> Response {
    let form: ConfirmationForm = try await read(request)
    return try await answer(.confirmEmail, request, token: form.token) {
      try await confirmation(token: form.token, from: context.origin)
    }
  }

  func reset(_ request: Request, _ context: ServiceContext) async throws -> Response {
    let form: ResetForm = try await read(request)
    return try await answer(.resetPassword, request, token: form.token) {
      try await forgottenPassword.reset(
        token: form.token, password: form.password, from: context.origin)
    }
  }

  /// What a person can do something about becomes a page, everything else stays an error.
  private func answer(
    _ purpose: AccountPages.Purpose, _ request: Request, token: String,
    _ act: () async throws -> Void
  ) async throws -> Response {
    do {
      try await act()
      return page(purpose, .done, request)
    } catch let error as ServiceError {
      let isToken = MailedToken.hash(of: token) != nil
      switch error.kind {
      case .invalid where error.fields.contains { $0.field == "password" } && isToken:
        return page(purpose, .failed(.weakPassword, token: token), request)
      case .busy where isToken: return page(purpose, .failed(.busy, token: token), request)
      case .invalid: return page(purpose, .failed(.invalidLink, token: nil), request)
      default: throw error
      }
    }
  }

  private func read<Form: Decodable>(_ request: Request) async throws -> Form {
    let type = request.headers[.contentType]?.prefix { $0 != ";" }.lowercased() ?? ""
    guard type == "application/x-www-form-urlencoded" else {
      throw Problem(.unsupportedMediaType, "the body must be application/x-www-form-urlencoded")
    }
    let body = try await request.body.collect(upTo: Self.formLimitBytes)
    // The decoder would repair bytes that are no text, and a password would be another one than was typed.
    guard let text = String(validating: body.readableBytesView, as: UTF8.self),
      text.removingPercentEncoding != nil
    else { throw Problem(.badRequest, "the body is not a form in UTF-8") }
    do {
      return try URLEncodedFormDecoder().decode(Form.self, from: text)
    } catch is URLEncodedFormError {
      // Its words repeat what was typed.
      throw Problem(.badRequest, "the body is not a valid form")
    }
  }

  private func page(
    _ purpose: AccountPages.Purpose, _ state: AccountPages.State, _ request: Request
  ) -> Response {
    let language = Language(accepted: request.headers[.acceptLanguage]) ?? .en
    let status: HTTPResponse.Status =
      if case .failed(let failure, token: _) = state {
        failure == .busy ? .serviceUnavailable : .badRequest
      } else { .ok }
    let html = ByteBuffer(string: AccountPages.html(purpose, state, in: language))
    return Response(
      status: status,
      headers: [
        .contentType: "text/html; charset=utf-8", .cacheControl: "no-store",
        .contentSecurityPolicy:
          "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
      ], body: ResponseBody(byteBuffer: html))
  }
}
