// The few requests that prepare a measurement over HTTP.

import ArchiveCore
import Foundation

#if canImport(FoundationNetworking)
  import FoundationNetworking
#endif

/// Somebody who signs up, opens conversations and looks at them.
final class BenchClient {
  let baseURL: String
  private(set) var token = ""
  private(set) var userID = UserID(ULID(high: 1, low: 1))
  private var peerID = ""

  init(baseURL: String) { self.baseURL = baseURL }

  private struct Session: Decodable {
    struct User: Decodable { let id: String }
    let user: User
    let accessToken: String
  }

  private struct Created: Decodable { let id: String }

  private struct Page: Decodable {
    struct Item: Decodable {}
    let items: [Item]
  }

  /// Signs up two people: one who sends, and another, because nobody talks alone.
  func signUp() async throws {
    peerID = try await session(of: "peer@example.org").user.id
    let own = try await session(of: "bench@example.org")
    guard let id = UserID(own.user.id) else { throw BenchError("a user id is none") }
    (token, userID) = (own.accessToken, id)
  }

  private func session(of email: String) async throws -> Session {
    try await send(
      baseURL + "/api/auth/signup",
      #"{"email":"\#(email)","name":"Bench","password":"correct horse"}"#)
  }

  func createConversation() async throws -> ConversationID {
    let created: Created = try await send(
      baseURL + "/api/conversations", #"{"kind":"group","members":["\#(peerID)"]}"#)
    guard let id = ConversationID(created.id) else {
      throw BenchError("a conversation id is none")
    }
    return id
  }

  /// How many messages the page has.
  func countItems(_ url: String) async throws -> Int {
    let page: Page = try await send(url, nil)
    return page.items.count
  }

  /// Where the conversation's messages are.
  func url(of conversation: ConversationID, _ query: String = "") -> String {
    "\(baseURL)/api/conversations/\(conversation)/messages\(query)"
  }

  /// Tries a wrong password; how long the answer took, in milliseconds.
  func failToSignIn(_ email: String) async throws -> Double {
    guard let address = URL(string: baseURL + "/api/auth/login") else {
      throw BenchError("no URL: \(baseURL)")
    }
    var request = URLRequest(url: address)
    request.httpMethod = "POST"
    request.httpBody = Data(#"{"email":"\#(email)","password":"wrong horse"}"#.utf8)
    request.setValue("application/json", forHTTPHeaderField: "Content-Type")
    let start = ContinuousClock().now
    let (_, response) = try await URLSession.shared.data(for: request)
    let took = start.duration(to: ContinuousClock().now)
    guard (response as? HTTPURLResponse)?.statusCode == 401 else {
      throw BenchError("a wrong password was not refused as one")
    }
    return seconds(took) * 1000
  }

  private func send<Answer: Decodable>(_ url: String, _ json: String?) async throws -> Answer {
    guard let address = URL(string: url) else { throw BenchError("no URL: \(url)") }
    var request = URLRequest(url: address)
    if let json {
      request.httpMethod = "POST"
      request.httpBody = Data(json.utf8)
      request.setValue("application/json", forHTTPHeaderField: "Content-Type")
    }
    if !token.isEmpty { request.setValue("Bearer \(token)", forHTTPHeaderField: "Authorization") }
    let (data, response) = try await URLSession.shared.data(for: request)
    guard let response = response as? HTTPURLResponse, (200..<300).contains(response.statusCode)
    else { throw BenchError("\(url): \(String(decoding: data, as: UTF8.self))") }
    return try JSONDecoder().decode(Answer.self, from: data)
  }
}
