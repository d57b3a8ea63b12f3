// JSON in and out of requests.

import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

/// Reads bodies and writes answers.
enum JSON {
  static var encoder: JSONEncoder {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return encoder
  }

  static func response(_ value: some Encodable, _ status: HTTPResponse.Status = .ok) throws
    -> Response
  {
    let body = ByteBuffer(bytes: try encoder.encode(value))
    return Response(
      status: status,
      headers: [.contentType: "application/json; charset=utf-8", .cacheControl: "no-store"],
      body: ResponseBody(byteBuffer: body))
  }

  /// The body as a value. Unknown fields are ignored; everything else that does not fit is a problem.
  static func read<Value: Decodable>(_ type: Value.Type, of request: Request, limitBytes: Int)
    async throws -> Value
  {
    try check(request.headers)
    if let text = request.headers[.contentLength], let length = Digits.number(text),
      length > Int64(limitBytes)
    {
      throw Problem.bodyTooLarge
    }
    let body = try await request.body.collect(upTo: limitBytes)
    // JSONDecoder guesses the encoding; it gets nothing but UTF-8 to guess at.
    guard String(validating: body.readableBytesView, as: UTF8.self) != nil else {
      throw Problem(.badRequest, "the body is not UTF-8")
    }
    return try JSONDecoder().decode(type, from: Data(body.readableBytesView))
  }

  private static func check(_ headers: HTTPFields) throws {
    let type = headers[.contentType]?.prefix { $0 != ";" }.lowercased() ?? ""
    guard type.trimmingCharacters(in: .whitespaces) == "application/json" else {
      throw Problem(.unsupportedMediaType, "the body must be application/json")
    }
    guard [nil, "identity"].contains(headers[.contentEncoding]?.lowercased()) else {
      throw Problem(.unsupportedMediaType, "the body must not be compressed")
    }
  }
}

extension Problem {
  /// A body that is no JSON, or not the JSON that is expected.
  init(_ error: DecodingError) {
    switch error {
    case .keyNotFound(let key, let context):
      self.init(field: context.codingPath + [key], "is missing")
    case .valueNotFound(_, let context):
      self.init(field: context.codingPath, "is null")
    case .typeMismatch(_, let context):
      self.init(field: context.codingPath, "has a wrong type")
    case .dataCorrupted(let context) where !context.codingPath.isEmpty:
      self.init(field: context.codingPath, "is not valid")
    default:
      self.init(.badRequest, "the body is not valid JSON")
    }
  }

  private init(field path: [any CodingKey], _ message: String) {
    let name = path.map { $0.intValue.map(String.init) ?? $0.stringValue }.joined(separator: ".")
    self.init(
      .badRequest, path.isEmpty ? "the body is not an object" : "a field is not valid",
      errors: path.isEmpty ? [] : [FieldError(field: name, message: message)])
  }
}
