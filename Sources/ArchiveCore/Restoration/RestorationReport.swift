// What a restoration brought back, up to when, and what it could not.

/// The result of a restoration.
public struct RestorationReport: Codable, Sendable {
  /// Objects of entries that were read.
  public internal(set) var objects = 0
  /// Snapshots that were read.
  public internal(set) var snapshots = 0
  /// Objects of other kinds, such as files, which are not looked into.
  public internal(set) var otherObjects = 0
  public internal(set) var conversations = 0
  public internal(set) var entries = 0
  /// Documents of each collection.
  public internal(set) var documents: [String: Int] = [:]
  /// Objects that hold only what others hold as well; they are swept later.
  public internal(set) var retiredObjects = 0
  /// The recovery point of everything but entries: what was durable then is there, whole.
  public internal(set) var snapshotAt: String?
  /// The recovery point of entries: when the newest that is there was accepted.
  public internal(set) var newestEntryAt: String?
  public internal(set) var problems: [ArchiveProblem] = []
  /// What `ArchiveVerifier` said at the end.
  public internal(set) var verification = VerificationReport()

  public var isGood: Bool { problems.isEmpty && verification.isGood }

  /// Notes what others found in what belongs to them.
  package mutating func add(_ problems: [ArchiveProblem]) { self.problems += problems }
}

/// How far a restoration is.
public enum RestorationProgress: Sendable {
  case readingSnapshots(done: Int, of: Int)
  case readingObjects(done: Int)
  case rebuildingConversations(done: Int)
  case verifyingConversations(done: Int, of: Int)
}
