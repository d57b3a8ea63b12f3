// Randomness that a failing test can replay.

import Foundation

/// SplitMix64; `ARCHIVE_SEED` gives a printed seed back.
struct TestGenerator: RandomNumberGenerator {
  private var state: UInt64

  /// Prints the seed under the name of the test.
  init(_ test: String = #function) {
    let given = ProcessInfo.processInfo.environment["ARCHIVE_SEED"].flatMap { UInt64($0) }
    let seed = given ?? UInt64.random(in: 0...UInt64(UInt32.max))
    FileHandle.standardError.write(Data("\(test): ARCHIVE_SEED=\(seed)\n".utf8))
    state = seed
  }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  mutating func int(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &self) }

  mutating func pick<Element>(_ elements: [Element]) -> Element {
    elements[int(0...elements.count - 1)]
  }

  mutating func bytes(_ count: Int) -> [UInt8] {
    (0..<count).map { _ in UInt8(truncatingIfNeeded: next()) }
  }
}
