// What both disk scenarios share: a town, a server that cannot write, and the comparison.

import ArchiveTesting
import AsyncHTTPClient
import Foundation

/// One server on one data directory whose disk misbehaves.
struct Siege {
  let directory: String
  let server: String
  let data: String
  let seed: UInt64
  var environment: [String: String] = [:]
  var storage = Storage.directory
  private let ledger = Ledger()

  /// Refusals in a row after which the disk counts as not taking anything.
  private static let refusals = 8
  private static let textBytes = 30_000
  private static let sendLimit = 4000

  init(
    directory: String, server: String, data: String, seed: UInt64,
    environment: [String: String] = [:], storage: Storage = .directory
  ) {
    (self.directory, self.server, self.data) = (directory, server, data)
    (self.seed, self.environment, self.storage) = (seed, environment, storage)
  }

  /// Messages that somebody decided to send.
  var messageCount: Int { ledger.count }

  func start() async throws -> ServerProcess {
    try await ServerProcess(
      server, directory: directory, data: data,
      environment: environment.merging(storage.environment) { $1 })
  }

  /// Opens the town, lets the body torture it, then stops the server and verifies.
  func run(
    _ body: (inout Town, ServerProcess, HTTPClient) async throws -> ServerProcess
  ) async throws {
    let http = ChatClient.makeHTTP()
    let process = try await start()
    do {
      var (town, random) = (Town(), SeededGenerator(seed: seed))
      let client = ChatClient(http: http, url: process.url)
      try await town.signUp(3, with: client)
      try await town.openConversations(2, with: client, ledger: ledger, random: &random)
      let last = try await body(&town, process, http)
      do {
        try await last.stop()
      } catch {
        last.send(SIGKILL)
        throw error
      }
    } catch {
      process.send(SIGKILL)
      try? await http.shutdown()
      throw error
    }
    try await http.shutdown()
    let verified = try await CommandRun.run(
      server, ["verify"], directory: directory,
      environment: ServerProcess.environment(data: data, storage.environment))
    guard verified.status == 0 else {
      throw Loss("verify ended with \(verified.status):\n\(verified.text)")
    }
  }

  /// Sends large texts until the server refuses time and again; returns how many it refused.
  func talkUntilRefused(_ town: inout Town, _ client: ChatClient) async throws -> Int {
    var (refused, inARow) = (0, 0)
    for number in 0..<Self.sendLimit {
      let index = number % town.lanes.count
      let isTaken =
        try await town.lanes[index].pending == nil
        ? town.lanes[index].say(client, bytes: Self.textBytes)
        : town.lanes[index].settle(with: client)
      if isTaken {
        inARow = 0
        continue
      }
      (refused, inARow) = (refused + 1, inARow + 1)
      if inARow >= Self.refusals { return refused }
    }
    throw Loss("\(Self.sendLimit) sends were taken by a disk that should take none")
  }

  func compare(_ town: Town, _ client: ChatClient) async throws {
    var client = client
    client.token = town.people[0].token
    for conversation in town.conversations {
      try await Audit(ledger: ledger, client: client).check(conversation, pageLimit: 100)
    }
  }
}
