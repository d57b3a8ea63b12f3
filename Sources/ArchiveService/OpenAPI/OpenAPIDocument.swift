// The description of the HTTP interface: OpenAPI 3.1, made from the table of endpoints.

import Foundation
import HTTPTypes

/// A JSON value, to write the document down in Swift.
indirect enum JSONValue: Encodable, Sendable, ExpressibleByStringLiteral,
  ExpressibleByStringInterpolation, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
  ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  case text(String)
  case number(Int)
  case bool(Bool)
  case list([JSONValue])
  case object([String: JSONValue])

  init(stringLiteral value: String) { self = .text(value) }
  init(integerLiteral value: Int) { self = .number(value) }
  init(booleanLiteral value: Bool) { self = .bool(value) }
  init(arrayLiteral elements: JSONValue...) { self = .list(elements) }
  init(dictionaryLiteral elements: (String, JSONValue)...) {
    self = .object(Dictionary(elements) { first, _ in first })
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .text(let text): try container.encode(text)
    case .number(let number): try container.encode(number)
    case .bool(let bool): try container.encode(bool)
    case .list(let list): try container.encode(list)
    case .object(let object): try container.encode(object)
    }
  }
}

/// Makes the document. It says what exists: every endpoint, and nothing else.
enum OpenAPIDocument {
  static let version = "0.1.0"

  static func text(settings: ServiceSettings) -> String {
    let document: JSONValue = [
      "openapi": "3.1.0",
      "info": [
        "title": "Chat Archive Service", "version": .text(version),
        "description":
          "A chat whose history nobody can lose. Ids are ULIDs, times are RFC 3339 in UTC with milliseconds.",
      ],
      "servers": [["url": .text(settings.http.publicURL ?? "/")]],
      "security": [["accessToken": []]],
      "paths": .object(paths),
      "components": [
        "securitySchemes": [
          "accessToken": ["type": "http", "scheme": "bearer", "bearerFormat": "JWT"]
        ],
        "schemas": .object(OpenAPISchemas.all(settings)),
        "parameters": .object(OpenAPISchemas.parameters(settings)),
      ],
    ]
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    do {
      return String(decoding: try encoder.encode(document), as: UTF8.self) + "\n"
    } catch {
      preconditionFailure("the description of the interface cannot be encoded: \(error)")
    }
  }

  private static var paths: [String: JSONValue] {
    var paths: [String: [String: JSONValue]] = [:]
    for endpoint in Endpoint.allCases {
      let description = endpoint.description
      paths[description.path, default: [:]][description.method.rawValue.lowercased()] =
        operation(endpoint, description)
    }
    return paths.mapValues { .object($0) }
  }

  private static func operation(_ endpoint: Endpoint, _ description: Endpoint.Description)
    -> JSONValue
  {
    var fields: [String: JSONValue] = [
      "operationId": .text(endpoint.rawValue), "summary": .text(description.summary),
      "tags": [.text(description.tag)],
    ]
    if !description.needsSignIn { fields["security"] = [] }
    let parameters = parameterNames(description)
    if !parameters.isEmpty {
      fields["parameters"] = .list(
        parameters.map { ["$ref": .text("#/components/parameters/\($0)")] })
    }
    if let body = description.takes {
      fields["requestBody"] = ["required": .bool(description.needsBody), "content": content(body)]
    }
    fields["responses"] = .object(responses(description))
    return .object(fields)
  }

  private static func parameterNames(_ description: Endpoint.Description) -> [String] {
    let inPath = description.path.split(separator: "/").filter { $0.hasPrefix("{") }
    return inPath.map { name in
      switch name {
      case "{id}": subject(of: description.path)
      case "{userId}": "memberId"
      case "{token}": "linkToken"
      case "{name}": "fileName"
      default: String(name.dropFirst().dropLast())
      }
    } + description.query
  }

  /// What `{id}` stands for in a path.
  private static func subject(of path: String) -> String {
    let subjects = [
      ("/api/conversations", "conversationId"), ("/chats", "conversationId"),
      ("/messages", "conversationId"), ("/api/links", "linkId"),
      ("/api/admin/archives", "archiveId"), ("/api/admin/verifications", "verificationId"),
    ]
    return subjects.first { path.hasPrefix($0.0) }?.1 ?? "userId"
  }

  private static func responses(_ description: Endpoint.Description) -> [String: JSONValue] {
    var responses: [String: JSONValue] = [:]
    for (status, schema, meaning) in description.answers {
      var response: [String: JSONValue] = ["description": .text(meaning)]
      if let schema { response["content"] = status < 400 ? content(schema) : orProblem(schema) }
      responses["\(status)"] = .object(response)
    }
    responses["default"] = [
      "description":
        "A problem: 400 bad input, 401 sign in, 403, 404, 409, 413, 415, 429 and 503 try again after Retry-After.",
      "content": content("Problem"),
    ]
    return responses
  }

  /// What an answer that is no success holds: its own form, or a problem like any other.
  private static func orProblem(_ schema: String) -> JSONValue {
    guard case .object(let own) = content(schema), case .object(let problem) = content("Problem")
    else { return content(schema) }
    return .object(own.merging(problem) { first, _ in first })
  }

  private static func content(_ schema: String) -> JSONValue {
    if schema == "application/json" { return ["application/json": ["schema": ["type": "object"]]] }
    if schema == "multipart/form-data" { return .object([schema: ["schema": OpenAPISchemas.form]]) }
    if schema.contains("/") { return .object([schema: ["schema": ["type": "string"]]]) }
    let type = schema == "Problem" ? "application/problem+json" : "application/json"
    return .object([type: ["schema": ["$ref": .text("#/components/schemas/\(schema)")]]])
  }
}
