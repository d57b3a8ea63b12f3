// A set of seqs that mostly follow each other, kept as runs.

/// Which seqs of a conversation were counted. Almost always one run; another begins where entries of other processes are
/// heard of later than own ones that follow them.
struct SeqRuns: Hashable, Sendable {
  /// Rising, with gaps between them.
  private(set) var runs: [ClosedRange<Int64>] = []

  /// More runs than that are not kept: the gap between the two lowest then counts as filled.
  static let limit = 256

  var isEmpty: Bool { runs.isEmpty }
  var count: Int64 { runs.reduce(0) { $0 + ($1.upperBound - $1.lowerBound + 1) } }

  /// Whether the seq was not in the set before.
  mutating func insert(_ seq: Int64) -> Bool {
    // From the end, where nearly all inserts happen.
    let place = (runs.lastIndex { $0.lowerBound <= seq }).map { $0 + 1 } ?? 0
    if place > 0, runs[place - 1].contains(seq) { return false }
    let touchesLower = place > 0 && runs[place - 1].upperBound == seq - 1
    let touchesUpper = place < runs.count && runs[place].lowerBound == seq + 1
    switch (touchesLower, touchesUpper) {
    case (true, true):
      runs[place - 1] = runs[place - 1].lowerBound...runs[place].upperBound
      runs.remove(at: place)
    case (true, false): runs[place - 1] = runs[place - 1].lowerBound...seq
    case (false, true): runs[place] = seq...runs[place].upperBound
    case (false, false): runs.insert(seq...seq, at: place)
    }
    if runs.count > Self.limit {
      runs.replaceSubrange(0...1, with: [runs[0].lowerBound...runs[1].upperBound])
    }
    return true
  }

  mutating func remove(upTo seq: Int64) {
    runs = runs.compactMap { run in
      run.upperBound <= seq ? nil : max(run.lowerBound, seq + 1)...run.upperBound
    }
  }
}
