// archive-bench-mongo: our log on MongoDB as one contestant of `./dev bench mongo`, a process of its own.

import CAllocator
import Glibc

/// Called by scripts/bench/mongo.py; the server is told by `ARCHIVE_MONGO_URI` and `ARCHIVE_MONGO_DATABASE`.
///
/// - `prepare`: empties the database, and makes the collections and indexes of the log.
/// - `append CLIENTS SECONDS [FILE]`: appends; then writes what was stored into FILE, as BSON.
/// - `check MESSAGES`: whether so many are stored.
/// - `fill MESSAGES`: fills the one conversation that is read.
/// - `pages newest|older CLIENTS SECONDS MESSAGES`: reads it.
/// - `encode FILE MESSAGES`: encodes and decodes what lies in FILE, over and over.
///
/// Prints what it measured as JSON, one object a line.
@main
struct BenchMongo {
  static func main() async {
    // As the server does.
    _ = allocator_keep_freed_memory(4 << 20)
    do {
      let arguments = Array(CommandLine.arguments.dropFirst())
      guard let act = arguments.first, let work = works[act] else {
        throw BenchError("usage: \(works.keys.sorted().joined(separator: "|")) ARGUMENTS")
      }
      try await work(BenchArguments(arguments))
    } catch {
      let text = Array("archive-bench-mongo: \(error)\n".utf8)
      write(STDERR_FILENO, text, text.count)
      exit(1)
    }
  }

  private static let works: [String: @Sendable (BenchArguments) async throws -> Void] = [
    "prepare": { _ in
      try await BenchLog.run { log in try await log.prepare() }
    },
    "append": { given in
      let load = try AppendLoad(given)
      try await BenchLog.run { log in
        print(try await log.whileFollowing { try await load.run(on: log) })
        if given.count > 3 { try await log.writeStored(to: try given.text(3)) }
      }
    },
    "check": { given in
      let expected = try given.number(1)
      try await BenchLog.run { log in try await log.check(expected) }
    },
    "fill": { given in
      let messages = try given.number(1)
      try await BenchLog.run { log in try await AppendLoad.fill(messages, log) }
    },
    "pages": { given in
      let load = PageLoad(
        isNewest: try given.text(1) == "newest", clients: try given.number(2),
        limit: try given.duration(3), messages: try given.number(4))
      try await BenchLog.run { log in print(try await load.run(on: log)) }
    },
    "encode": { given in
      try CodecLoad(file: try given.text(1), messages: try given.number(2)).run()
    },
  ]
}

/// The words of the command line, the act being number 0.
struct BenchArguments: Sendable {
  private let words: [String]

  init(_ words: [String]) { self.words = words }

  var count: Int { words.count }

  func text(_ index: Int) throws(BenchError) -> String {
    guard words.indices.contains(index) else { throw BenchError("argument \(index) is missing") }
    return words[index]
  }

  func number(_ index: Int) throws(BenchError) -> Int {
    guard let number = Int(try text(index)), number > 0 else {
      throw BenchError("argument \(index) is no positive number")
    }
    return number
  }

  /// Of seconds.
  func duration(_ index: Int) throws(BenchError) -> Duration {
    guard let seconds = Double(try text(index)), seconds > 0 else {
      throw BenchError("argument \(index) is no positive number")
    }
    return .seconds(seconds)
  }
}

/// Why a measurement could not be made.
struct BenchError: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}
