// The document that describes a segment: where its blocks lie and what they must contain.

/// A run of one conversation's entries in one object: a segment of its own, or its part of a pack.
public struct SegmentManifest: Codable, Hashable, Sendable {
  /// One block inside the object.
  public struct BlockPlace: Codable, Hashable, Sendable {
    /// Bytes from the beginning of the object.
    public let offset: Int64
    /// Bytes of the gzip member.
    public let length: Int64
    /// Bytes of the block when decompressed.
    public let plainLength: Int64
    public let firstSeq: Int64
    public let lastSeq: Int64
    public let headAfter: String
  }

  /// `{conversation}/{firstSeq, 12 digits}`.
  public let id: String
  public let conversationId: ConversationID
  public let firstSeq: Int64
  public let lastSeq: Int64
  public let headBefore: String
  public let headAfter: String
  /// The object's key, size and SHA-256; a pack's are the same in all its manifests.
  public let key: String
  public let objectBytes: Int64
  public let objectSHA256: String
  /// 0: part of a pack. 1: a segment that may be joined with its neighbours. 2: a full segment.
  public let level: Int
  public let blocks: [BlockPlace]
  public let createdAt: Timestamp

  /// Bytes of the segment's blocks when decompressed.
  public var plainBytes: Int64 { blocks.reduce(0) { $0 + $1.plainLength } }

  public static func id(_ conversation: ConversationID, firstSeq: Int64) -> String {
    SeqID.text(conversation, firstSeq)
  }
}

extension SegmentManifest: StoredDocument {
  public static let schema = CollectionSchema(
    "segments", indexes: [CollectionIndex("segmentsByKey", on: [.ascending("key")])])
}

/// `{conversation}/{seq, 12 digits}`: identifiers that sort by conversation and seq.
enum SeqID {
  static func text(_ conversation: ConversationID, _ seq: Int64) -> String {
    "\(conversation)/\(digits(seq))"
  }

  /// At least 12 digits; a negative seq counts as 0.
  static func digits(_ seq: Int64) -> String {
    let text = String(max(0, seq))
    return String(repeating: "0", count: max(0, 12 - text.utf8.count)) + text
  }

  /// The parts of such an identifier, or `nil` where it is none.
  static func parts(_ id: String) -> (ConversationID, Int64)? {
    let utf8 = Array(id.utf8)
    guard utf8.count >= 39, utf8[26] == UInt8(ascii: "/"), let ulid = ULID(utf8: utf8[..<26]),
      let seq = Int64(String(decoding: utf8[27...], as: UTF8.self))
    else { return nil }
    return (ConversationID(ulid), seq)
  }

  /// Identifiers of the conversation with a seq in the range.
  static func filter(_ conversation: ConversationID, _ range: ClosedRange<Int64>) -> Filter {
    .and([
      .greaterOrEqual("id", .string(text(conversation, range.lowerBound))),
      .lessOrEqual("id", .string(text(conversation, range.upperBound))),
    ])
  }

  /// The greatest seq that has 12 digits. An append beyond it is refused.
  static let greatestSeq: Int64 = 999_999_999_999
}
