// An object store that is away, or refuses everything, while people go on talking.

import ArchiveTesting
import AsyncHTTPClient
import Foundation

/// Lets the bucket fail in one way after the other, and looks whether the backlog arrives in order.
struct OutageScenario {
  let directory: String
  let server: String
  let seed: UInt64
  let bucket: FaultyBucket
  let storage: Storage

  private static let outages: [Weather] = [.killed, .forbidden, .noBucket, .lostReplies, .silence]
  private static let bufferLimit = 4 << 20
  /// A send is checked against the limit before it is counted; so many may be on their way at once.
  private static let bufferSlack = 1 << 20
  private static let talkingSeconds = 3
  /// The archivist waits ever longer between two attempts; after these short outages at most 16 s.
  private static let drainSeconds = 60
  /// Attempts come after 1, 2, 4 … s, and each may be five requests, for each of a few steps.
  private static let requestLimit = 300

  private let clock = ContinuousClock()

  init(
    directory: String, server: String, seed: UInt64, bucket: FaultyBucket, storage: Storage
  ) {
    (self.directory, self.server, self.seed) = (directory, server, seed)
    (self.bucket, self.storage) = (bucket, storage)
  }

  func run() async throws {
    let siege = Siege(
      directory: directory, server: server, data: directory + "/data", seed: seed,
      environment: ["ARCHIVE_ARCHIVE_BUFFERLIMIT": "\(Self.bufferLimit)"],
      storage: storage)
    try await siege.run { town, process, http in
      let client = ChatClient(http: http, url: process.url)
      var random = SeededGenerator(seed: seed)
      for outage in Self.outages {
        do {
          try await suffer(outage, siege, &town, client, &random)
        } catch {
          try? await bucket.calm()
          throw Loss("\(outage.rawValue): \(error)")
        }
      }
      return process
    }
  }

  private func suffer(
    _ outage: Weather, _ siege: Siege, _ town: inout Town, _ client: ChatClient,
    _ random: inout SeededGenerator
  ) async throws {
    let logged = try log().utf8.count
    let before = siege.messageCount
    try await bucket.begin(outage, random: &random)
    bucket.proxy.forgetRequests()
    try await talk(&town, client)
    // What can be told from the buffer, and every send, needs no object store.
    try await town.settle(with: client, within: 5)
    try await requireAlarm(since: logged)
    let (requests, messages) = (bucket.proxy.requests.count, siege.messageCount - before)
    guard requests <= Self.requestLimit else {
      throw Loss("\(requests) requests went to a store that was away for \(Self.talkingSeconds) s")
    }
    var refused = 0
    if outage == .killed || outage == .silence { refused = try await fill(siege, &town, client) }
    let backlog = try await buffered(client)
    try await bucket.calm()
    let start = clock.now
    try await waitUntilDrained(client)
    let took = clock.now - start
    try await requireEmptyBuffer(siege)
    try await town.settle(with: client)
    try await siege.compare(town, client)
    Report.line(
      "outage: \(outage.rawValue): \(messages) messages taken, \(backlog >> 10) KiB waited, "
        + "\(requests) requests, "
        + (refused > 0 ? "\(refused) sends refused above the limit, " : "")
        + "drained in \(took.formatted(.units(allowed: [.seconds, .milliseconds])))")
  }

  private func talk(_ town: inout Town, _ client: ChatClient) async throws {
    let talking = Task { [town] in
      var town = town
      try await town.talk(to: client, patience: 5)
      return town
    }
    try await Task.sleep(for: .seconds(Self.talkingSeconds))
    talking.cancel()
    town = try await talking.value
  }

  /// Sends until the buffer is full; it must stay within its limit.
  private func fill(_ siege: Siege, _ town: inout Town, _ client: ChatClient) async throws -> Int {
    let refused = try await siege.talkUntilRefused(&town, client)
    let bytes = try await buffered(client)
    guard bytes <= Self.bufferLimit + Self.bufferSlack else {
      throw Loss("\(bytes) bytes wait, and the limit is \(Self.bufferLimit)")
    }
    return refused
  }

  /// Says within seconds, in the log, that archiving fails.
  private func requireAlarm(since logged: Int) async throws {
    for _ in 0..<100 {
      let news = String(decoding: try log().utf8.dropFirst(logged), as: UTF8.self)
      if news.contains("archiving failed; nothing is lost") { return }
      try await Task.sleep(for: .milliseconds(100))
    }
    throw Loss("no alarm in the log within 10 s")
  }

  private func log() throws -> String {
    try String(contentsOfFile: directory + "/server.log", encoding: .utf8)
  }

  private func waitUntilDrained(_ client: ChatClient) async throws {
    for _ in 0..<(Self.drainSeconds * 10) {
      if try await buffered(client) == 0 { return }
      try await Task.sleep(for: .milliseconds(100))
    }
    throw Loss("the backlog is not archived \(Self.drainSeconds) s after the end")
  }

  /// What the server says of its backlog must be so: then not one entry waits.
  private func requireEmptyBuffer(_ siege: Siege) async throws {
    let run = try await CommandRun.run(
      server, ["verify", "--json"], directory: directory,
      environment: ServerProcess.environment(data: siege.data, siege.storage.environment))
    let found = try JSONDecoder().decode(Verified.self, from: Data(run.text.utf8))
    guard found.bufferedEntries == 0 else {
      throw Loss("\(found.bufferedEntries) entries wait, and the metrics say none")
    }
  }

  private struct Verified: Decodable { let bufferedEntries: Int }

  /// The bytes that wait to be archived, as the server says.
  private func buffered(_ client: ChatClient) async throws -> Int {
    guard case .status(200, let data) = await client.ask(.get, "/metrics") else {
      throw Loss("no metrics")
    }
    let name = "archive_buffered_bytes "
    let line = String(decoding: data, as: UTF8.self).split(separator: "\n").first {
      $0.hasPrefix(name)
    }
    guard let value = line.flatMap({ Double($0.dropFirst(name.count)) }) else {
      throw Loss("the metrics lack \(name)")
    }
    return Int(value)
  }
}
