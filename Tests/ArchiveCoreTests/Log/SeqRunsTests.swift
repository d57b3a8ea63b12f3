// Sets of seqs, against a plain set.

import ArchiveTesting
import Testing

@testable import ArchiveCore

@Suite("Runs of seqs")
struct SeqRunsTests {
  @Test("runs hold what a set holds, and nothing touches its neighbour")
  func likeASet() {
    var random = SeededGenerator.fromEnvironment("likeASet")
    for _ in 0..<200 {
      var runs = SeqRuns()
      var set: Set<Int64> = []
      for _ in 0..<random.int(1...120) {
        if random.oneIn(20) {
          let seq = Int64(random.int(0...60))
          runs.remove(upTo: seq)
          set = set.filter { $0 > seq }
        } else {
          let seq = Int64(random.int(1...60))
          let isNew = runs.insert(seq)
          #expect(isNew == set.insert(seq).inserted)
        }
        #expect(runs.runs.flatMap { Array($0) } == set.sorted())
        #expect(runs.count == Int64(set.count) && runs.isEmpty == set.isEmpty)
        #expect(
          zip(runs.runs, runs.runs.dropFirst()).allSatisfy { $0.upperBound + 1 < $1.lowerBound })
      }
    }
  }

  @Test("more gaps than the limit cost no more memory")
  func limit() {
    var runs = SeqRuns()
    for seq in 1...10_000 as ClosedRange<Int64> { _ = runs.insert(2 * seq) }
    #expect(runs.runs.count == SeqRuns.limit)
    let isNew = runs.insert(20_000)
    #expect(!isNew)
  }
}
