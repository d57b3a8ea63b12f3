// A client that sends exactly the bytes it is told to, and reads what comes until the end.

import Foundation
import NIOCore
import NIOPosix
import Testing

/// An answer as it came over the wire.
struct Reply: Sendable {
  let status: Int
  /// By lower-case name.
  let headers: [String: String]
  let body: [UInt8]

  /// `nil` where the bytes do not begin with an answer.
  init?(_ bytes: [UInt8]) {
    let text = String(decoding: bytes, as: UTF8.self)
    guard let end = text.range(of: "\r\n\r\n") else { return nil }
    let lines = text[..<end.lowerBound].split(separator: "\r\n")
    guard let first = lines.first, first.hasPrefix("HTTP/1.1 "),
      let status = Int(first.dropFirst(9).prefix(3))
    else { return nil }
    self.status = status
    var headers: [String: String] = [:]
    for line in lines.dropFirst() {
      guard let colon = line.firstIndex(of: ":") else { return nil }
      headers[line[..<colon].lowercased()] = line[line.index(after: colon)...]
        .trimmingCharacters(in: .whitespaces)
    }
    self.headers = headers
    let headBytes = text[..<end.upperBound].utf8.count
    body = Array(bytes.dropFirst(headBytes))
  }

  var json: JSONNode {
    get throws { try JSONDecoder().decode(JSONNode.self, from: Data(body)) }
  }

  /// The body, also of an answer whose length was not known in front (RFC 9112 7.1).
  var wholeBody: [UInt8] {
    get throws {
      guard headers["transfer-encoding"] == "chunked" else { return body }
      var (rest, whole): (ArraySlice<UInt8>, [UInt8]) = (body[...], [])
      while let end = rest.firstIndex(of: 13) {
        let size = try #require(Int(String(decoding: rest[..<end], as: UTF8.self), radix: 16))
        let start = end + 2
        whole += rest[start..<start + size]
        if size == 0 { break }
        rest = rest[(start + size + 2)...]
      }
      return whole
    }
  }
}

/// Any JSON, with steps that end in `nil` where there is nothing.
enum JSONNode: Decodable, Sendable, Equatable {
  case null
  case bool(Bool)
  case number(Double)
  case text(String)
  case list([JSONNode])
  case object([String: JSONNode])

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .null
    } else if let bool = try? container.decode(Bool.self) {
      self = .bool(bool)
    } else if let number = try? container.decode(Double.self) {
      self = .number(number)
    } else if let text = try? container.decode(String.self) {
      self = .text(text)
    } else if let list = try? container.decode([JSONNode].self) {
      self = .list(list)
    } else {
      self = .object(try container.decode([String: JSONNode].self))
    }
  }

  subscript(name: String) -> JSONNode? {
    if case .object(let fields) = self { fields[name] } else { nil }
  }

  subscript(index: Int) -> JSONNode? {
    if case .list(let items) = self, items.indices.contains(index) { items[index] } else { nil }
  }

  var text: String? { if case .text(let text) = self { text } else { nil } }
  var number: Int? { if case .number(let number) = self { Int(exactly: number) } else { nil } }
  var list: [JSONNode] { if case .list(let list) = self { list } else { [] } }
  var names: Set<String> { if case .object(let fields) = self { Set(fields.keys) } else { [] } }
}

extension TestServer {
  /// Sends one request on a connection of its own.
  func send(
    _ method: String, _ path: String, token: String? = nil, json: String? = nil,
    headers: [String] = []
  ) async throws -> Reply {
    var lines = ["\(method) \(path) HTTP/1.1", "Host: localhost", "Connection: close"] + headers
    if let token { lines.append("Authorization: Bearer \(token)") }
    if let json {
      if !headers.contains(where: { $0.lowercased().hasPrefix("content-type") }) {
        lines.append("Content-Type: application/json")
      }
      lines.append("Content-Length: \(json.utf8.count)")
    }
    let head = lines.joined(separator: "\r\n") + "\r\n\r\n"
    let bytes = try await exchange([Array((head + (json ?? "")).utf8)])
    return try #require(Reply(bytes), "no answer to \(method) \(path)")
  }

  /// Sends pieces one after another, the first at once, and returns all that came until the server
  /// closed, or until the deadline, which is an issue. The deadline is far away: tests run in
  /// parallel, and on a busy machine each of them may stand still for seconds.
  func exchange(
    _ pieces: [[UInt8]], pause: Duration = .zero, deadline: Duration = .seconds(120)
  ) async throws -> [UInt8] {
    let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
      .connect(host: "127.0.0.1", port: port) { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(FirstBytes(pieces.first ?? []))
          return try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
        }
      }
    return try await withThrowingTaskGroup(of: [UInt8]?.self) { group in
      group.addTask {
        try await channel.executeThenClose { inbound, outbound in
          async let sent: Void = Self.write(pieces.dropFirst(), to: outbound, pause: pause)
          var received: [UInt8] = []
          do {
            for try await buffer in inbound { received += buffer.readableBytesView }
          } catch is IOError {
            // The server may cut the connection; what came before counts.
          }
          await sent
          return received
        }
      }
      group.addTask {
        try await Task.sleep(for: deadline)
        return nil
      }
      defer { group.cancelAll() }
      let first = try await group.next() ?? nil
      return try #require(first, "the server kept the connection open")
    }
  }

  private static func write(
    _ pieces: ArraySlice<[UInt8]>, to outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>,
    pause: Duration
  ) async {
    for piece in pieces {
      do {
        if pause > .zero { try await Task.sleep(for: pause) }
        try await outbound.write(ByteBuffer(bytes: piece))
      } catch { return }
    }
  }
}

/// A JSON string literal.
func quoted(_ text: String) throws -> String {
  String(decoding: try JSONEncoder().encode(text), as: UTF8.self)
}

/// Somebody who has signed up.
struct Person: Sendable {
  let id: String
  let email: String
  let token: String
  let refreshToken: String

  static let password = "correct horse battery"
}

extension TestServer {
  func signUp(_ name: String) async throws -> Person {
    let email = "\(name.lowercased())@example.org"
    let reply = try await send(
      "POST", "/api/auth/signup",
      json: #"{"email":"\#(email)","name":"\#(name)","password":"\#(Person.password)"}"#)
    try #require(reply.status == 201)
    let json = try reply.json
    return Person(
      id: try #require(json["user"]?["id"]?.text), email: email,
      token: try #require(json["accessToken"]?.text),
      refreshToken: try #require(json["refreshToken"]?.text))
  }

  func signIn(_ email: String, _ password: String = Person.password) async throws -> Reply {
    try await send(
      "POST", "/api/auth/login",
      json: #"{"email":\#(try quoted(email)),"password":\#(try quoted(password))}"#)
  }

  func refresh(_ token: String) async throws -> Reply {
    try await send("POST", "/api/auth/refresh", json: #"{"refreshToken":"\#(token)"}"#)
  }

  /// Opens a conversation and returns its id.
  func converse(_ person: Person, with others: [Person], kind: String = "group") async throws
    -> String
  {
    let members = others.map { "\"\($0.id)\"" }.joined(separator: ",")
    let reply = try await send(
      "POST", "/api/conversations", token: person.token,
      json: #"{"kind":"\#(kind)","members":[\#(members)]}"#)
    try #require([200, 201].contains(reply.status))
    return try #require(try reply.json["id"]?.text)
  }

  @discardableResult
  func post(_ text: String, as person: Person, in conversation: String, more: String = "")
    async throws -> Reply
  {
    try await send(
      "POST", "/api/conversations/\(conversation)/messages", token: person.token,
      json: #"{"text":\#(try quoted(text))\#(more)}"#)
  }
}
