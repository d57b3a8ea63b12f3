// The whole server while its database stands still.

import Foundation
import MongoTesting
import Testing

#if canImport(FoundationNetworking)
  import FoundationNetworking
#endif

@Suite("A database that does not answer", .timeLimit(.minutes(3)))
struct PausedDatabaseTests {
  private let scratch: ScratchDirectory

  init() throws { scratch = try ScratchDirectory() }

  @Test(
    "M05 C04 a paused mongod blocks nobody: health is answered, sends fail fast with a hint, nothing is lost",
    .enabled(if: PausableMongod.first != nil, "\(PausableMongod.wanted)"))
  func paused() async throws {
    let mongod = try #require(PausableMongod.first)
    let server = try await RunningServer(
      scratch,
      [
        "ARCHIVE_MONGO_URI": mongod.uri, "ARCHIVE_MONGO_DATABASE": scratch.database,
        "ARCHIVE_MONGO_OPERATIONTIMEOUT": "1s",
      ])
    defer { mongod.wake() }
    let (talk, conversation) = try await HTTPTalk.begin(at: server.url)
    #expect(try await talk.say(3, in: conversation) == [201, 201, 201])
    mongod.pause()
    async let refusals = sends(40, talk, conversation)
    for _ in 0..<20 {
      let health = try await talk.ask("GET", "/healthz")
      #expect(health.status == 200)
      try await Task.sleep(for: .milliseconds(500))
    }
    for (status, retryAfter) in try await refusals {
      #expect(status == 503 && retryAfter != nil)
    }
    #expect(try await talk.ask("GET", "/readyz").status == 503)
    mongod.wake()
    var status = 0
    while status != 201 { status = try await talk.say(1, in: conversation)[0] }
    let seqs = try await talk.seqs(in: conversation)
    #expect(Array(seqs.prefix(3)) == [1, 2, 3])
    #expect(seqs == Array(1...seqs.count))
    #expect(await server.stop() == 0)
  }

  /// Sends so many at once; statuses and `Retry-After`.
  private func sends(_ count: Int, _ talk: HTTPTalk, _ conversation: String) async throws
    -> [(Int, String?)]
  {
    try await withThrowingTaskGroup(of: (Int, String?).self) { group in
      for number in 0..<count {
        group.addTask {
          let address = try #require(
            URL(string: "\(talk.url)/api/conversations/\(conversation)/messages"))
          var request = URLRequest(url: address)
          request.httpMethod = "POST"
          request.httpBody = Data(#"{"text":"while away \#(number)"}"#.utf8)
          request.setValue("application/json", forHTTPHeaderField: "Content-Type")
          request.setValue("Bearer \(talk.token ?? "")", forHTTPHeaderField: "Authorization")
          let (_, response) = try await URLSession.shared.data(for: request)
          let answer = response as? HTTPURLResponse
          return (
            answer?.statusCode ?? 0, answer?.value(forHTTPHeaderField: "Retry-After")
          )
        }
      }
      return try await group.reduce(into: []) { $0.append($1) }
    }
  }
}
