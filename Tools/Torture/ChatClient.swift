// Talks to the server as a user's program would.

import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1

/// What came back for a request.
enum Answer: Sendable {
  case status(Int, Data)
  /// No answer: whether the request was carried out is unknown.
  case none

  var isUnknown: Bool {
    // 503 and 507 say of a write that nothing is known of it.
    switch self {
    case .none: true
    case .status(let code, _): code >= 500
    }
  }

  func decoded<Value: Decodable>(_ type: Value.Type) throws -> Value {
    guard case .status(let code, let data) = self else { throw Loss("there was no answer") }
    do { return try JSONDecoder().decode(type, from: data) } catch {
      throw Loss(
        "an answer is not as expected: status \(code), \(String(decoding: data, as: UTF8.self))")
    }
  }
}

/// A server that is well does not answer a question, at least for now.
struct Unavailable: Error, CustomStringConvertible { let description: String }

/// What a request does.
enum Verb: String, Sendable {
  case get = "GET"
  case post = "POST"
  case patch = "PATCH"
  case delete = "DELETE"
}

/// Sends requests to one run of the server, or to one of several nodes.
struct ChatClient: Sendable {
  let http: HTTPClient
  let doors: Doors
  /// At which of them it knocks.
  var door = 0
  var token: String?
  /// How long it waits for a whole answer.
  var patience = TimeAmount.seconds(40)

  init(http: HTTPClient, doors: Doors) { (self.http, self.doors) = (http, doors) }

  init(http: HTTPClient, url: String, token: String? = nil) {
    self.init(http: http, doors: Doors([url]))
    self.token = token
  }

  /// A client for many connections that does not hide a dead server behind retries.
  static func makeHTTP() -> HTTPClient {
    var configuration = HTTPClient.Configuration(
      timeout: .init(connect: .seconds(5), read: .seconds(30)))
    configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 100
    configuration.connectionPool.retryConnectionEstablishment = false
    configuration.httpVersion = .http1Only
    return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
  }

  func ask(_ verb: Verb, _ path: String, _ body: [String: String]? = nil) async -> Answer {
    var data: Data?
    if let body { data = try? JSONEncoder().encode(body) }
    return await ask(verb, path, data: data)
  }

  func ask(_ verb: Verb, _ path: String, data: Data?) async -> Answer {
    var request = HTTPClientRequest(url: doors[door] + path)
    request.method = HTTPMethod(rawValue: verb.rawValue)
    if let token { request.headers.add(name: "Authorization", value: "Bearer \(token)") }
    if let data {
      request.headers.add(name: "Content-Type", value: "application/json")
      request.body = .bytes(ByteBuffer(bytes: data))
    }
    do {
      let response = try await http.execute(request, timeout: patience)
      let body = try await response.body.collect(upTo: 64 << 20)
      return .status(Int(response.status.code), Data(body.readableBytesView))
    } catch {
      return .none
    }
  }
}

/// A message as the server shows it.
struct ShownMessage: Decodable, Equatable, Sendable {
  let seq: Int64
  let kind: String
  let senderId: String?
  let text: String?
  let clientId: String?
  let deletedAt: String?
}

/// A page of messages.
struct ShownPage: Decodable, Sendable {
  let items: [ShownMessage]
  let next: String?
}
