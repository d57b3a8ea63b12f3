// The only place that turns an error into a response.

import ArchiveCore
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import NIOHTTP1
import Uploads

/// Catches everything that a route throws and answers with a problem document.
///
/// What is not known to be fit for clients becomes a plain 500; the log has the rest.
struct ErrorMiddleware: RouterMiddleware {
  func handle(
    _ request: Request, context: ServiceContext,
    next: (Request, ServiceContext) async throws -> Response
  ) async throws -> Response {
    do {
      return try await next(request, context)
    } catch {
      let problem = problem(for: error, request, context)
      if problem.status.code >= 500 {
        // Damage is for the operator at once; everything else may pass by itself.
        let isDamage = (error as? StoreError)?.kind == .corrupt
        context.logger.log(
          level: isDamage ? .critical : .error, "request failed",
          metadata: ["error": "\(Self.words(of: error))"])
      }
      return Self.response(problem, requestID: context.requestID)
    }
  }

  static func response(_ problem: Problem, requestID: String) -> Response {
    let body = ProblemDocument(problem, requestID: requestID).bytes
    var headers = problem.headers
    headers[.contentType] = "application/problem+json"
    headers[.cacheControl] = "no-store"
    return Response(
      status: problem.status, headers: headers, body: ResponseBody(byteBuffer: body))
  }

  /// What the log may tell. An error that we did not make may repeat what somebody typed, so of it only the kind.
  private static func words(of error: any Error) -> String {
    switch error {
    case is Problem, is ServiceError, is StoreError, is CancellationError: "\(error)"
    default: "\(type(of: error))"
    }
  }

  private func problem(for error: any Error, _ request: Request, _ context: ServiceContext)
    -> Problem
  {
    switch error {
    case let problem as Problem: problem
    case let error as ServiceError: Problem(error)
    case let error as StoreError: Problem(error)
    case let error as DecodingError: Problem(error)
    case is NIOTooManyBytesError: .bodyTooLarge
    case let error as FileTooLarge: .closing(.contentTooLarge, error.words)
    case let error as MultipartError: Problem(error)
    case is BodyTooSlow: .closing(.requestTimeout, "the body did not arrive in time")
    case is HTTPParserError: .closing(.badRequest, "the request is not valid HTTP")
    case let error as HTTPError where error.status == .notFound: unrouted(request)
    case is CancellationError: .closing(.serviceUnavailable, "the server is shutting down")
    default: Problem(.internalServerError, "something went wrong")
    }
  }

  /// Nothing answers that method on that path: perhaps another method is answered there.
  private func unrouted(_ request: Request) -> Problem {
    let methods = Endpoint.methods(at: request.uri.path)
    guard !methods.isEmpty else { return Problem(.notFound, "there is nothing here") }
    return Problem(
      .methodNotAllowed, "this address does not take \(request.method.rawValue.prefix(20))",
      headers: [.allow: methods.map(\.rawValue).joined(separator: ", ")])
  }
}

extension Problem {
  init(_ error: ServiceError) {
    let status: HTTPResponse.Status =
      switch error.kind {
      case .invalid: .badRequest
      case .notSignedIn: .unauthorized
      case .forbidden: .forbidden
      case .notFound: .notFound
      case .gone: .gone
      case .conflict: .conflict
      case .tooLarge: .contentTooLarge
      case .busy: .serviceUnavailable
      case .tooMany: .tooManyRequests
      }
    self.init(status, error.detail, errors: error.fields)
    // The rest of what is too large will not be read.
    if status == .contentTooLarge { headers[.connection] = "close" }
    if status == .unauthorized { headers[.wwwAuthenticate] = "Bearer" }
    if let wait = error.retryAfter { headers[.retryAfter] = "\(max(1, wait.components.seconds))" }
  }

  /// A body that is no form, or not one that is taken.
  init(_ error: MultipartError) {
    let status: HTTPResponse.Status =
      switch error.kind {
      case .malformed: .badRequest
      case .tooLarge: .contentTooLarge
      case .unsupported: .unsupportedMediaType
      }
    self = .closing(status, error.message)
  }

  /// A store's own message stays inside: it names keys and collections.
  init(_ error: StoreError) {
    switch error.kind {
    case .unavailable, .refused:
      self.init(
        .serviceUnavailable, "the store is not available, try again", headers: [.retryAfter: "2"])
    case .conflict: self.init(.conflict, "somebody else was first, look again")
    case .notFound: self.init(.notFound, "there is nothing here")
    case .invalid, .corrupt: self.init(.internalServerError, "something went wrong")
    }
  }
}

extension FileTooLarge {
  var words: String { "the file is larger than \(limitBytes) bytes" }
}
