// The real clock, sleep and randomness: the one place of S3Client that touches them.

import Foundation

extension S3Surroundings {
  /// The world as it is.
  public static let live = S3Surroundings(
    now: { S3Instant(milliseconds: Int64((Date().timeIntervalSince1970 * 1000).rounded(.down))) },
    sleep: { try await Task.sleep(for: $0, clock: .continuous) },
    random: {
      var generator = SystemRandomNumberGenerator()
      return generator.next()
    })
}
