// What an error looks like to a client: RFC 9457.

import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

/// An error in terms of HTTP. Thrown by what stands between HTTP and the use cases, made from
/// every other error by `ErrorMiddleware`.
struct Problem: Error, Sendable {
  let status: HTTPResponse.Status
  let detail: String
  var errors: [FieldError] = []
  var headers: HTTPFields = [:]

  init(
    _ status: HTTPResponse.Status, _ detail: String, errors: [FieldError] = [],
    headers: HTTPFields = [:]
  ) {
    (self.status, self.detail, self.errors, self.headers) = (status, detail, errors, headers)
  }

  /// The rest of the request will not be read; the connection ends after the answer.
  static func closing(_ status: HTTPResponse.Status, _ detail: String) -> Problem {
    Problem(status, detail, headers: [.connection: "close"])
  }

  static let bodyTooLarge = closing(.contentTooLarge, "the body is larger than this route takes")
}

/// The body of a problem response.
struct ProblemDocument: Encodable {
  let type: String
  let title: String
  let status: Int
  let detail: String
  let requestId: String
  let errors: [FieldError]?

  init(_ problem: Problem, requestID: String) {
    title = problem.status.reasonPhrase
    type = "urn:chat-archive:problem:" + title.lowercased().replacing(" ", with: "-")
    status = problem.status.code
    detail = problem.detail
    requestId = requestID
    errors = problem.errors.isEmpty ? nil : problem.errors
  }

  /// The document as bytes. Encoding strings and numbers cannot fail; if it did, the body is empty.
  var bytes: ByteBuffer {
    do {
      return ByteBuffer(bytes: try JSON.encoder.encode(self))
    } catch {
      return ByteBuffer()
    }
  }
}

extension HTTPFields {
  /// What every answer carries, whatever it is: nothing here is a page, and nothing may be guessed.
  static let security: HTTPFields = [
    .xContentTypeOptions: "nosniff",
    .referrerPolicy: "no-referrer",
    .contentSecurityPolicy: "default-src 'none'; frame-ancestors 'none'",
  ]
}

extension HTTPField.Name {
  static let requestID = field("X-Request-Id")
  static let referrerPolicy = field("Referrer-Policy")

  /// A name written in the source; a wrong one is a bug.
  static func field(_ name: String) -> HTTPField.Name {
    guard let field = HTTPField.Name(name) else { preconditionFailure("no field name: \(name)") }
    return field
  }
}
