// Faults that a mongod brings about on demand.

import MongoDriver
import Testing

/// `failCommand` of a mongod that was started with test commands, only for the clients of one test.
enum FailPoints {
  /// Runs the closure while the server fails so. A server that does not know such commands is no failure: the test ends.
  ///
  /// `data` is what `failCommand` takes, https://github.com/mongodb/mongo/wiki/The-%22failCommand%22-fail-point.
  static func during(
    _ data: [(String, BSONValue)], times: Int, on client: MongoClient,
    _ body: () async throws -> Void
  ) async throws {
    let fault = BSONDocument { writer in
      for (name, value) in data { writer.append(name, value) }
      writer.append("appName", client.applicationName)
    }
    do {
      try await set(["times": .int64(Int64(times))], fault, client)
    } catch {
      // CommandNotFound.
      guard error.code == 59 else { throw error }
      return
    }
    do {
      try await body()
    } catch {
      try await set("off", BSONDocument(), client)
      throw error
    }
    try await set("off", BSONDocument(), client)
  }

  private static func set(_ mode: BSONValue, _ data: BSONDocument, _ client: MongoClient)
    async throws(MongoError)
  {
    let command: BSONDocument = [
      "configureFailPoint": "failCommand", "mode": mode, "data": .document(data),
    ]
    // Ending a fault waits for the commands that it holds up.
    _ = try await client.run(within: .seconds(20)) { (connection) throws(MongoError) in
      try connection.run(command, on: "admin", changes: false)
    }
  }
}
