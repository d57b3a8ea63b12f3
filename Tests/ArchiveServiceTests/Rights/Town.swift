// People of every role, for tests about who may do what.

import ArchiveCore
import ArchiveService
import Testing

extension TestServer {
  /// Somebody with a role, made as the command line does it, and signed in.
  func person(_ name: String, _ role: Role) async throws -> Person {
    let email = "\(name.lowercased())@example.org"
    let marking = ArchiveService.marking(documents, surroundings: clock.surroundings)
    let create = CreateUser(
      documents: marking, settings: settings, surroundings: clock.surroundings)
    let user = try await create(email: email, name: name, password: Person.password, role: role)
    return try await signedIn(user.id.description, email)
  }

  /// Another session of somebody.
  func signedIn(_ id: String, _ email: String) async throws -> Person {
    let reply = try await signIn(email)
    try #require(reply.status == 200)
    let json = try reply.json
    return Person(
      id: id, email: email, token: try #require(json["accessToken"]?.text),
      refreshToken: try #require(json["refreshToken"]?.text))
  }

  /// Sends JSON and requires a status.
  @discardableResult
  func ask(
    _ method: String, _ path: String, as person: Person, _ json: String? = nil,
    expecting status: Int = 200, sourceLocation: SourceLocation = #_sourceLocation
  ) async throws -> JSONNode {
    let reply = try await send(method, path, token: person.token, json: json)
    let text = String(decoding: reply.body, as: UTF8.self)
    try #require(
      reply.status == status, "\(method) \(path): \(text)", sourceLocation: sourceLocation)
    return status == 204 ? .null : try reply.json
  }

  /// The conversation's entries that are shown, as its member sees them.
  func history(of conversation: String, as person: Person) async throws -> [JSONNode] {
    try await ask("GET", "/api/conversations/\(conversation)/messages?limit=200", as: person)[
      "items"]?
      .list ?? []
  }

  /// The members of a conversation with their roles.
  func roles(in conversation: String, as person: Person) async throws -> [String: String] {
    let members = try await ask("GET", "/api/conversations/\(conversation)", as: person)["members"]
    return Dictionary(
      uniqueKeysWithValues: (members?.list ?? []).compactMap { member in
        member["id"]?.text.flatMap { id in member["role"]?.text.map { (id, $0) } }
      })
  }

  /// Puts a member into a group, or changes the role.
  func put(
    _ member: Person, in group: String, as person: Person, _ json: String = "{}",
    expecting status: Int = 200, sourceLocation: SourceLocation = #_sourceLocation
  ) async throws {
    try await ask(
      "PUT", "/api/conversations/\(group)/members/\(member.id)", as: person, json,
      expecting: status, sourceLocation: sourceLocation)
  }
}
