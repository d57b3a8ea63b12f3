// A user's program, as small as it can be.

import Foundation

#if canImport(FoundationNetworking)
  import FoundationNetworking
#endif

/// Requests as one user.
struct HTTPTalk: Sendable {
  let url: String
  var token: String?

  /// The answer's status and JSON.
  func ask(
    _ method: String, _ path: String, _ body: String? = nil, type: String = "application/json"
  ) async throws -> (status: Int, json: [String: any Sendable]) {
    guard let address = URL(string: url + path) else { throw URLError(.badURL) }
    var request = URLRequest(url: address)
    request.httpMethod = method
    request.httpBody = body.map { Data($0.utf8) }
    request.setValue(type, forHTTPHeaderField: "Content-Type")
    if let token { request.setValue("Bearer \(token)", forHTTPHeaderField: "Authorization") }
    let (data, response) = try await URLSession.shared.data(for: request)
    let json = try? JSONSerialization.jsonObject(with: data) as? [String: any Sendable]
    return ((response as? HTTPURLResponse)?.statusCode ?? 0, json ?? [:])
  }

  /// Signs somebody up; their id.
  mutating func signUp(_ name: String) async throws -> String {
    let (_, json) = try await ask(
      "POST", "/api/auth/signup",
      #"{"email":"\#(name)@example.org","name":"\#(name)","password":"correct horse"}"#)
    token = json["accessToken"] as? String
    return (json["user"] as? [String: any Sendable])?["id"] as? String ?? ""
  }

  /// Signs in who has signed up before.
  mutating func signIn(_ name: String) async throws {
    let (_, json) = try await ask(
      "POST", "/api/auth/login",
      #"{"email":"\#(name)@example.org","password":"correct horse"}"#)
    token = json["accessToken"] as? String
  }

  /// Two people sign up and one opens a conversation with the other; its id.
  static func begin(at url: String) async throws -> (talk: HTTPTalk, conversation: String) {
    var bert = HTTPTalk(url: url)
    let other = try await bert.signUp("bert")
    var ada = HTTPTalk(url: url)
    _ = try await ada.signUp("ada")
    let (_, json) = try await ada.ask(
      "POST", "/api/conversations", #"{"kind":"direct","members":["\#(other)"]}"#)
    return (ada, json["id"] as? String ?? "")
  }

  /// Sends so many messages, each behind the last.
  func say(_ count: Int, in conversation: String, bytes: Int = 0) async throws -> [Int] {
    var statuses: [Int] = []
    for number in 1...count {
      let text = "message \(number) " + String(repeating: "x", count: bytes)
      statuses.append(
        try await ask(
          "POST", "/api/conversations/\(conversation)/messages", #"{"text":"\#(text)"}"#
        ).status)
    }
    return statuses
  }

  /// Uploads a text in a form; the file's id.
  func upload(_ name: String, _ text: String) async throws -> String {
    let body =
      "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"\(name)\"\r\n\r\n\(text)\r\n--x--\r\n"
    let (_, json) = try await ask(
      "POST", "/api/files", body, type: "multipart/form-data; boundary=x")
    return json["id"] as? String ?? ""
  }

  /// Uploads a text and says it in a message; the file's id.
  func sayFile(_ name: String, _ text: String, in conversation: String) async throws -> String {
    let id = try await upload(name, text)
    let said = try await ask(
      "POST", "/api/conversations/\(conversation)/messages", #"{"files":["\#(id)"]}"#)
    return said.status == 201 ? id : ""
  }

  /// What is in a file, fetched at an address that the server gives for it.
  func text(ofFile id: String) async throws -> String? {
    let (_, json) = try await ask("POST", "/api/files/links", #"{"files":["\#(id)"]}"#)
    let item = (json["items"] as? [[String: any Sendable]])?.first
    guard let path = item?["url"] as? String, let address = URL(string: url + path) else {
      return nil
    }
    let (data, response) = try await URLSession.shared.data(from: address)
    guard (response as? HTTPURLResponse)?.statusCode == 200 else { return nil }
    return String(decoding: data, as: UTF8.self)
  }

  func seqs(in conversation: String) async throws -> [Int] {
    let (_, json) = try await ask("GET", "/api/conversations/\(conversation)/messages?after=0")
    let items = json["items"] as? [[String: any Sendable]] ?? []
    return items.compactMap { ($0["seq"] as? NSNumber)?.intValue }
  }
}
