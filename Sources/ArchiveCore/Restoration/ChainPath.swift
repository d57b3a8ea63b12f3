// Which of the runs of entries that were found make up a conversation.

/// A run of one conversation's entries in one object, without its blocks.
struct ChainLink: Hashable, Sendable {
  /// The note that has the rest.
  let note: String
  let key: String
  let firstSeq: Int64
  let lastSeq: Int64
  let headBefore: String
  let headAfter: String
  let level: Int
}

/// The way through the links from the first entry as far as any leads.
///
/// Links overlap: a pack and the segment it was compacted into, a pack that was put twice. Each that continues the
/// chain holds the same entries, because the head before it says so; the fewest are taken. Where two ways contradict each
/// other, which only another writer can have caused, the one that comes by the anchor counts, else the longer.
struct ChainPath: Sendable {
  /// A place in the chain.
  struct Place: Hashable, Sendable {
    let seq: Int64
    let head: String
  }

  private struct Arrival {
    let links: Int
    let last: Int?
    var isBehindAnchor: Bool
  }

  let end: Place
  let links: [ChainLink]
  /// Those that are not part of the way.
  let others: [ChainLink]
  let isBehindAnchor: Bool

  /// - Parameter all: in the order of their first seqs.
  init(_ all: [ChainLink], anchor: Place?) {
    let start = Place(seq: 0, head: Digest256.zero.description)
    var arrivals = [start: Arrival(links: 0, last: nil, isBehindAnchor: start == anchor)]
    for (index, link) in all.enumerated() {
      // Links that end where this one begins begin earlier, so all of them were seen.
      guard let from = arrivals[link.from] else { continue }
      var arrival = Arrival(
        links: from.links + 1, last: index,
        isBehindAnchor: from.isBehindAnchor || link.to == anchor)
      if let known = arrivals[link.to] {
        arrival.isBehindAnchor = arrival.isBehindAnchor || known.isBehindAnchor
        // Of two ways of the same length the first stays, so that the result is always the same.
        if arrival.links >= known.links {
          arrival = Arrival(
            links: known.links, last: known.last, isBehindAnchor: arrival.isBehindAnchor)
        }
      }
      arrivals[link.to] = arrival
    }
    let end = Self.best(of: arrivals) ?? start
    var way: [Int] = []
    var place = end
    while let index = arrivals[place]?.last {
      way.append(index)
      place = all[index].from
    }
    (self.end, isBehindAnchor) = (end, arrivals[end]?.isBehindAnchor ?? false)
    let chosen = Set(way)
    links = way.reversed().map { all[$0] }
    others = all.indices.filter { !chosen.contains($0) }.map { all[$0] }
  }

  private static func best(of arrivals: [Place: Arrival]) -> Place? {
    arrivals.max { left, right in
      let (one, other) = (left.value.isBehindAnchor ? 1 : 0, right.value.isBehindAnchor ? 1 : 0)
      return (one, left.key.seq, left.key.head) < (other, right.key.seq, right.key.head)
    }?.key
  }

  /// The link that holds the entry.
  func link(holding seq: Int64) -> ChainLink? {
    var (low, high) = (0, links.count)
    while low < high {
      let middle = (low + high) / 2
      if links[middle].lastSeq < seq { low = middle + 1 } else { high = middle }
    }
    guard low < links.count, links[low].firstSeq <= seq else { return nil }
    return links[low]
  }
}

extension ChainLink {
  fileprivate var from: ChainPath.Place { ChainPath.Place(seq: firstSeq - 1, head: headBefore) }
  fileprivate var to: ChainPath.Place { ChainPath.Place(seq: lastSeq, head: headAfter) }
}
