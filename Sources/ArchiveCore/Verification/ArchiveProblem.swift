// What verification finds, told so that a human knows where to look.

/// One thing that is wrong in the archive or its documents.
public struct ArchiveProblem: Codable, Hashable, Sendable {
  public enum Kind: String, Codable, Sendable {
    /// Bytes of an object are not those that were written.
    case alteredObject
    /// An object that a manifest names is not there.
    case missingObject
    /// An object or a line lies where another belongs.
    case misplaced
    /// The archive ends before the anchored head.
    case cutOffTail
    /// Entries do not continue those before them, which are missing or other ones.
    case unconnected
    /// A document contradicts the archive, the anchor, or itself.
    case alteredDocument
  }

  public let kind: Kind
  public let conversation: String?
  /// The object's key.
  public let object: String?
  /// The line of the decompressed object (`zcat`), counted from 1.
  public let line: Int?
  /// The document, as `collection/id`.
  public let document: String?
  public let detail: String

  package init(
    _ kind: Kind, conversation: ConversationID? = nil, object: String? = nil, line: Int? = nil,
    document: String? = nil, _ detail: String
  ) {
    self.kind = kind
    self.conversation = conversation?.description
    (self.object, self.line, self.document, self.detail) = (object, line, document, detail)
  }
}

extension ArchiveProblem: CustomStringConvertible {
  public var description: String {
    var text = kind.rawValue
    if let object { text += " object=`\(object)`" }
    if let line { text += " line=`\(line)`" }
    if let document { text += " document=`\(document)`" }
    if let conversation { text += " conversation=`\(conversation)`" }
    return text + ": " + detail
  }
}

/// What a verification looked at and found.
public struct VerificationReport: Codable, Sendable {
  public internal(set) var conversations = 0
  public internal(set) var archivedEntries = 0
  public internal(set) var bufferedEntries = 0
  public internal(set) var segments = 0
  public internal(set) var objects = 0
  /// Objects with the documents that are not in the log.
  public internal(set) var snapshots = 0
  /// Archive objects that nothing refers to: left by a flush that was killed or replaced by compaction, and swept later. No damage.
  public internal(set) var orphans: [String] = []
  public internal(set) var problems: [ArchiveProblem] = []

  public var isGood: Bool { problems.isEmpty }

  /// Notes what others found in what belongs to them.
  package mutating func add(_ problems: [ArchiveProblem]) { self.problems += problems }
}
