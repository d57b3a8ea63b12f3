// Durable appends per second, at 1, 8 and 64 clients, beside bare SQLite with one commit for each insert.

import ArchiveCore
import ArgumentParser
import Foundation

/// `./dev bench append`.
struct AppendBench: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "append", abstract: "Durable appends per second against bare SQLite.")

  @Option(help: "Seconds for each measurement.") var seconds = 2
  @Option(help: "Rounds; medians are reported.") var rounds = 5
  @Option(parsing: .upToNextOption, help: "Clients at once.") var clients = [1, 8, 64]
  @Option(help: "Where to write; a real disk.") var directory =
    FileManager.default
    .currentDirectoryPath + "/.build"

  func run() async throws {
    var measurement = Measurement(unit: "appends/s")
    let limit = "bare SQLite, 1 insert = 1 commit"
    for _ in 0..<rounds {
      measurement.add(limit, try bare())
      for clients in clients {
        measurement.add("log, \(clients) clients", try await log(clients: clients))
      }
    }
    measurement.report(limit: limit)
  }

  /// A buffered entry's document as the log stores it.
  private var document: String {
    let text = "the delivery of order 12345 is late, please check the address again"
    return
      #"{"id":"01JD0000000000000000000000/000000000001","leaf":"\#(String(repeating: "a", count: 64))","line":"{\"conversationId\":\"01JD0000000000000000000000\",\"createdAt\":\"2026-11-21T10:52:00.123Z\",\"kind\":\"message\",\"ordinal\":1,\"senderId\":\"01JD0000000000000000000000\",\"seq\":1,\"text\":\"\#(text)\"}"}"#
  }

  private func bare() throws -> Double {
    let database = try BareSQLite(in: directory)
    defer { database.close() }
    let document = document
    let clock = ContinuousClock()
    let start = clock.now
    var count = 0
    while start.duration(to: clock.now) < .seconds(seconds) {
      try database.append(document)
      count += 1
    }
    return rate(count, in: start.duration(to: clock.now))
  }

  private func log(clients: Int) async throws -> Double {
    let archive = try await BenchArchive(in: directory)
    let clock = ContinuousClock()
    let start = clock.now
    let end = start.advanced(by: .seconds(seconds))
    let count = try await withThrowingTaskGroup(of: Int.self) { group in
      for client in 0..<clients {
        group.addTask {
          var count = 0
          while clock.now < end {
            try await archive.send(
              "the delivery of order 12345 is late, please check the address again", to: client)
            count += 1
          }
          return count
        }
      }
      return try await group.reduce(0, +)
    }
    let duration = start.duration(to: clock.now)
    try await archive.remove()
    return rate(count, in: duration)
  }
}
