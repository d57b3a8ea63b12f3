// Databases that tests use one after another.

import Foundation
import Logging
import MongoDriver

/// Hands out databases of one server, each to one test at a time, empty; their collections and indexes stay.
///
/// Making eighty files for each of hundreds of tests would be most of what mongod does in a run. Whoever gives a database
/// back must have ended everything that writes to it. As many as were in use at once are left behind, empty; with the
/// servers that `./dev test` starts they go.
public actor DatabasePool {
  /// Those of the server of the main job's tests.
  public static let engine = DatabasePool()

  private var free: [String] = []

  public func take() -> String { free.popLast() ?? TestMongoServer.newDatabase() }

  /// Empties the database by a client of its own: one that a test broke would not do.
  public func giveBack(_ database: String, on server: TestMongoServer) async throws {
    let client = try server.client(database: database)
    do {
      try await client.run(within: .seconds(30)) { (connection) throws(MongoError) in
        for collection in try connection.listCollections().compactMap({ $0["name"]?.asString }) {
          _ = try connection.delete(collection, where: [:])
        }
      }
    } catch {
      await client.close()
      throw error
    }
    await client.close()
    free.append(database)
  }
}
