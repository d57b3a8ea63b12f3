// Where the objects of a scenario lie.

import ArchiveTesting
import Foundation

/// The data directory, or a bucket whose way is made bad and good again.
struct Storage: Sendable {
  let bucket: FaultyBucket?
  /// What every process of the server is told.
  let environment: [String: String]

  /// The default engine: nothing goes wrong with it by itself.
  static let directory = Storage(bucket: nil, environment: [:])

  /// A part of the bucket for one scenario alone, and a database where the documents lie in one.
  static func part(of bucket: FaultyBucket, _ mongo: MongoServer? = nil) -> Storage {
    let prefix = "torture/\(UUID().uuidString.lowercased())/"
    return Storage(
      bucket: bucket,
      environment: bucket.environment(prefix: prefix)
        .merging(mongo?.environment() ?? [:]) { $1 })
  }

  private init(bucket: FaultyBucket?, environment: [String: String]) {
    (self.bucket, self.environment) = (bucket, environment)
  }

  var isFaulty: Bool { bucket != nil }

  /// How long somebody goes on asking a server that refuses, in attempts. A store that fails lets reads fail.
  var patience: Int { bucket == nil ? 1 : 40 }

  func begin(_ weather: Weather, random: inout SeededGenerator) async throws {
    try await bucket?.begin(weather, random: &random)
  }

  func calm() async throws { try await bucket?.calm() }

  /// Bad weather for some of a round; gusts last until somebody calls `calm`.
  func storm(_ weather: Weather, random: SeededGenerator) async throws {
    var random = random
    guard weather != .calm else { return }
    if weather == .gusts { return try await begin(weather, random: &random) }
    // The end of the round is no reason to stay away: the sleeps may end early, the rest may not.
    try? await Task.sleep(for: .milliseconds(random.int(0...700)))
    try await begin(weather, random: &random)
    try? await Task.sleep(for: .milliseconds(random.int(300...1500)))
    try await calm()
  }
}
