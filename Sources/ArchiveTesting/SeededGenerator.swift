// Randomness that a failing test can replay.

import Foundation
import Synchronization

/// SplitMix64 (https://prng.di.unimi.it/splitmix64.c): small, fast, and the same for the same seed everywhere.
public struct SeededGenerator: RandomNumberGenerator, Sendable {
  private var state: UInt64

  public init(seed: UInt64) { state = seed }

  /// The seed from `ARCHIVE_SEED`, or a fresh one; printed, so that a failure can be replayed.
  public static func fromEnvironment(_ test: String) -> SeededGenerator {
    let given = ProcessInfo.processInfo.environment["ARCHIVE_SEED"].flatMap(UInt64.init)
    let seed = given ?? UInt64.random(in: 0...UInt64(UInt32.max))
    FileHandle.standardError.write(Data("\(test): ARCHIVE_SEED=\(seed)\n".utf8))
    return SeededGenerator(seed: seed)
  }

  public mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  /// A number in the range.
  public mutating func int(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &self) }

  /// One of the elements, which must not be none.
  public mutating func pick<Element>(_ elements: [Element]) -> Element {
    elements[int(0...elements.count - 1)]
  }

  /// Whether one in so many happened.
  public mutating func oneIn(_ count: Int) -> Bool { int(1...count) == 1 }
}
