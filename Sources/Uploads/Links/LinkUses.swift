// Counting the uses of a link.

/// How often a link has been used, and who is using it.
///
/// - A use counts when the file's last byte has been sent: see `LinkTransfer`. HEAD, 304, refusals and previews send none.
/// - Before anything is sent a place is taken. Never are more places taken than uses are left, so transfers side by side
///   cannot overdraw; who comes when all places are taken is told to try later.
/// - A place has an end: where the node that held it died, it is free again.
/// - What was sent without the last byte adds up, and each whole length of the file is a use. So nobody fetches a file
///   for nothing by always stopping one byte early, and a download that broke off and was resumed is one use.
///
/// A value: the store's conditional update on a version, or a transaction, makes it one truth for all nodes.
package struct LinkUses: Sendable, Equatable {
  /// A transfer that has a place.
  package struct Place: Sendable, Equatable {
    package let id: String
    package let ends: HTTPDate

    package init(id: String, ends: HTTPDate) { (self.id, self.ends) = (id, ends) }
  }

  /// What somebody hears who wants to use it.
  package enum Admission: Sendable, Equatable {
    case admitted
    /// All that is left is being used: 429, with a time after which a place is free at the latest.
    case busy(until: HTTPDate)
    case usedUp
  }

  /// How many there may be at most; `nil` without a limit, and then nothing is counted before it is over.
  package let limit: Int?
  package private(set) var counted: Int
  /// Bytes that were sent in transfers without the last byte, less those that made a use.
  package private(set) var unfinishedBytes: Int64
  package private(set) var places: [Place]

  package init(
    limit: Int?, counted: Int = 0, unfinishedBytes: Int64 = 0, places: [Place] = []
  ) {
    (self.limit, self.counted) = (limit.map { max(0, $0) }, max(0, counted))
    (self.unfinishedBytes, self.places) = (max(0, unfinishedBytes), places)
  }

  package var isUsedUp: Bool { limit.map { counted >= $0 } ?? false }

  /// How many are left; `nil` without a limit.
  package var left: Int? { limit.map { max(0, $0 - counted) } }

  /// Takes a place, if one is free. Places whose end has come are given up.
  package mutating func begin(_ id: String, ends: HTTPDate, now: HTTPDate) -> Admission {
    guard let left else { return .admitted }
    if left == 0 { return .usedUp }
    places.removeAll { $0.ends <= now || $0.id == id }
    guard places.count < left else {
      return .busy(until: places.map(\.ends).min() ?? now)
    }
    places.append(Place(id: id, ends: ends))
    return .admitted
  }

  /// Gives a place more time, while its transfer goes on; false where it was given up and is somebody else's by now: then
  /// the transfer must end.
  package mutating func keep(_ id: String, until ends: HTTPDate) -> Bool {
    guard limit != nil else { return true }
    guard let index = places.firstIndex(where: { $0.id == id }) else { return false }
    places[index] = Place(id: id, ends: ends)
    return true
  }

  /// Nothing was to be sent after all: the place is free, and nothing is counted.
  package mutating func release(_ id: String) { places.removeAll { $0.id == id } }

  /// A transfer is over, in whatever way: its place is free, and it is counted where it was a use. Returns the number of
  /// uses that it added. Counts as well for a transfer whose place was given up: its bytes are gone.
  package mutating func end(_ transfer: LinkTransfer, id: String) -> Int {
    places.removeAll { $0.id == id }
    let added = uses(of: transfer)
    counted = counted > Int.max - added ? .max : counted + added
    return added
  }

  private mutating func uses(of transfer: LinkTransfer) -> Int {
    let size = max(1, transfer.sizeBytes)
    let (sum, overflow) = unfinishedBytes.addingReportingOverflow(transfer.sentBytes)
    let sent = overflow ? Int64.max : sum
    guard transfer.hasSentLastByte else {
      unfinishedBytes = sent % size
      return Int(clamping: sent / size)
    }
    // The last byte is a use, and takes one whole length off what was sent before it.
    unfinishedBytes = max(0, sent - size) % size
    return max(1, Int(clamping: sent / size))
  }
}

/// What was sent of a file in the body of one answer to GET. HEAD, 304 and refusals have none.
package struct LinkTransfer: Sendable, Equatable {
  package let sizeBytes: Int64
  /// Where the first byte of the answer stands in the file.
  package let start: Int64
  /// Handed to the connection, and taken by it.
  package private(set) var sentBytes: Int64 = 0

  package init(sizeBytes: Int64, start: Int64 = 0) {
    (self.sizeBytes, self.start) = (max(0, sizeBytes), max(0, start))
  }

  package mutating func sent(_ count: Int) {
    let (sum, overflow) = sentBytes.addingReportingOverflow(Int64(max(0, count)))
    sentBytes = overflow ? .max : sum
  }

  /// The whole answer of an empty file has its last byte in it.
  package var hasSentLastByte: Bool {
    sentBytes >= sizeBytes - min(start, sizeBytes) && start <= sizeBytes
  }
}
