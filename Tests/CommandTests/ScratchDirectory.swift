// A directory that lives as long as a test needs it.

import Foundation
import MongoTesting
import S3Testing

/// Made at once, deleted at the end of its life.
final class ScratchDirectory: Sendable {
  let path: String
  /// What the objects of its archive begin with where the tests keep them in a bucket.
  let prefix = TestS3Server.newPrefix()

  /// Where its documents lie where the tests keep them in MongoDB.
  let database = TestMongoServer.newDatabase()

  /// Variables that let the program use the tests' engines; none where everything lies in the directory.
  var engineVariables: [String: String] {
    let bucket = TestS3Server.engine?.variables(bucket: TestPlace.sharedBucket, prefix: prefix)
    let documents = TestMongoServer.engine?.variables(database: database)
    return (bucket ?? [:]).merging(documents ?? [:]) { $1 }
  }

  init() throws {
    path =
      FileManager.default.temporaryDirectory
      .appending(path: "archive-command-test-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func file(_ name: String, _ text: String) throws -> String {
    let file = path + "/" + name
    try text.write(toFile: file, atomically: true, encoding: .utf8)
    return file
  }

  var names: [String] {
    get throws { try FileManager.default.contentsOfDirectory(atPath: path) }
  }
}
