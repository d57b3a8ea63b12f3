// Requests per second over HTTP, beside one bare Hummingbird route that answers a small JSON.

import ArchiveCore
import ArgumentParser
import Foundation

/// `./dev bench http`.
struct HTTPBench: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "http", abstract: "HTTP requests per second against a bare Hummingbird route.")

  @Option(help: "Seconds for each measurement.") var seconds = 3
  @Option(help: "Rounds; medians are reported.") var rounds = 5
  @Option(help: "Connections at once, all driven by one thread of wrk.") var connections = 64
  @Option(help: "Messages in each conversation that is read.") var messages = 1000
  @Option(help: "Where to write; a real disk.") var directory =
    FileManager.default.currentDirectoryPath + "/.build"

  func run() async throws {
    // What is read from the buffer must stay there for the whole run.
    var settings = LogSettings()
    (settings.idle, settings.maxAge) = (.seconds(24 * 3600), .seconds(24 * 3600))
    let archive = try await BenchArchive(in: directory, settings: settings)
    let outcome: Result<Void, any Error>
    do { outcome = .success(try await run(archive)) } catch { outcome = .failure(error) }
    try await archive.remove()
    try outcome.get()
  }

  private func run(_ archive: BenchArchive) async throws {
    try await BenchServers.run(archive) { bare, service in
      let client = BenchClient(baseURL: service)
      try await client.signUp()
      let routes = try await routes(client, archive)
      let load = LoadGenerator(
        seconds: seconds, connections: connections, directory: archive.directory)
      try await measure(load, bare: bare + "/", routes)
    }
  }

  private func measure(_ load: LoadGenerator, bare: String, _ routes: [(String, BenchRequests)])
    async throws
  {
    let limit = "bare Hummingbird, one small JSON"
    var measurement = Measurement(unit: "requests/s")
    for _ in 0..<rounds {
      measurement.add(limit, try await load.rate(of: BenchRequests(urls: [bare])))
      for (name, requests) in routes {
        measurement.add(name, try await load.rate(of: requests))
      }
    }
    measurement.report(limit: limit)
  }

  /// What is measured, after the conversations that it needs were made.
  private func routes(_ client: BenchClient, _ archive: BenchArchive) async throws
    -> [(String, BenchRequests)]
  {
    let buffered = try await filled(client, archive)
    let archived = try await filled(client, archive)
    try await archive.log.flush(archived)
    var written: [ConversationID] = []
    for _ in 0..<16 { written.append(try await client.createConversation()) }
    let before = messages - 25
    let page = { client.url(of: $0, "?before=\(before)&limit=50") }
    for conversation in [buffered, archived] {
      guard try await client.countItems(page(conversation)) == 50 else {
        throw BenchError("a page is short")
      }
    }
    let token = client.token
    let text = "the delivery of order 12345 is late, please check the address again"
    return [
      ("GET /healthz", BenchRequests(urls: [client.baseURL + "/healthz"])),
      ("GET 50 messages, buffer", BenchRequests(urls: [page(buffered)], token: token)),
      ("GET 50 messages, archive", BenchRequests(urls: [page(archived)], token: token)),
      (
        "POST a message, durable",
        BenchRequests(
          urls: written.map { client.url(of: $0) }, token: token, json: #"{"text":"\#(text)"}"#)
      ),
    ]
  }

  /// A conversation with messages, put past HTTP to save time.
  private func filled(_ client: BenchClient, _ archive: BenchArchive) async throws
    -> ConversationID
  {
    let conversation = try await client.createConversation()
    var texts = BenchTexts()
    let drafts = (0..<messages).map { _ in
      EntryDraft(.message, in: conversation, by: client.userID, text: texts.next())
    }
    try await withThrowingTaskGroup(of: Void.self) { group in
      for draft in drafts {
        group.addTask { _ = try await archive.log.append(draft) }
      }
      try await group.waitForAll()
    }
    return conversation
  }
}
