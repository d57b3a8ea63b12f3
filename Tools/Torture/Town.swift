// The people and conversations of a run.

import ArchiveTesting
import Foundation

/// Users who are signed up once, and the conversations that they are all in.
struct Town: Sendable {
  /// Somebody with an account.
  struct Person: Sendable {
    let id: String
    let token: String
  }

  private(set) var people: [Person] = []
  private(set) var conversations: [String] = []
  var lanes: [Lane] = []

  private struct SignedUp: Decodable {
    struct User: Decodable { let id: String }
    let user: User
    let accessToken: String
  }
  private struct Created: Decodable { let id: String }
  private struct NewConversation: Encodable {
    let kind = "group"
    let title: String
    let members: [String]
  }

  mutating func signUp(_ count: Int, with client: ChatClient) async throws {
    for number in 1...count {
      let answer = await client.ask(
        .post, "/api/auth/signup",
        [
          "email": "person\(number)@example.org", "name": "Person \(number)",
          "password": "correct horse battery",
        ])
      let signedUp = try answer.decoded(SignedUp.self)
      people.append(Person(id: signedUp.user.id, token: signedUp.accessToken))
    }
  }

  /// Opens groups of everybody; the first is talkative.
  mutating func openConversations(
    _ count: Int, with client: ChatClient, ledger: Ledger, random: inout SeededGenerator
  ) async throws {
    lanes = []
    var client = client
    client.token = people[0].token
    for number in 0..<count {
      let body = NewConversation(
        title: "Group \(conversations.count + 1)", members: people.dropFirst().map(\.id))
      let answer = await client.ask(
        .post, "/api/conversations", data: try JSONEncoder().encode(body))
      let id = try answer.decoded(Created.self).id
      for person in people where number == 0 || random.oneIn(2) || person.id == people[0].id {
        lanes.append(
          Lane(
            id: conversations.count * 100 + lanes.count, conversation: id, senderID: person.id,
            token: person.token, manner: number == 0 ? .busy : .slow, ledger: ledger,
            random: SeededGenerator(seed: random.next())))
      }
      conversations.append(id)
    }
  }

  /// Everybody talks until the server is gone or the task is cancelled.
  mutating func talk(to client: ChatClient, patience: Int = 1) async throws {
    lanes = try await withThrowingTaskGroup(of: Lane.self) { group in
      for lane in lanes {
        group.addTask {
          var lane = lane
          try await lane.talk(to: client, patience: patience)
          return lane
        }
      }
      var after: [Lane] = []
      for try await lane in group { after.append(lane) }
      return after.sorted { $0.id < $1.id }
    }
  }

  /// Everybody retries what is open, until the server took it all.
  mutating func settle(with client: ChatClient, within seconds: Int = 30) async throws {
    for index in lanes.indices {
      var attempts = 0
      while try await !lanes[index].settle(with: client) {
        attempts += 1
        guard attempts < seconds * 5 else {
          throw Loss("a send is still refused after \(seconds) s")
        }
        try await Task.sleep(for: .milliseconds(200))
      }
    }
  }
}
