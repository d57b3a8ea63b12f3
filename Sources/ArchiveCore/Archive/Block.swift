// A block: a run of one conversation's lines as a gzip member of its own.

internal import Gzip

/// A run of lines of one conversation under a header line that says which and where in the hash chain.
public struct Block: Sendable {
  public let conversationID: ConversationID
  public let firstSeq: Int64
  public let lastSeq: Int64
  public let headBefore: Digest256
  public let headAfter: Digest256
  public let lines: [EntryLine]

  /// A run of lines that continues a chain; its last seq follows from the number of lines.
  public init(
    conversationID: ConversationID, firstSeq: Int64, headBefore: Digest256, lines: [EntryLine]
  ) {
    var chain = HashChain(head: headBefore)
    for line in lines { chain.append(line: line.bytes) }
    (self.conversationID, self.firstSeq, self.headBefore) = (conversationID, firstSeq, headBefore)
    (self.lastSeq, self.headAfter) = (firstSeq + Int64(lines.count) - 1, chain.head)
    self.lines = lines
  }

  /// `{"block":1,…}`: the first line of the block.
  var headerLine: [UInt8] {
    CanonicalJSON.bytes(
      .object([
        "block": .integer(1), "conversation": .string(conversationID.description),
        "firstSeq": .integer(firstSeq), "lastSeq": .integer(lastSeq),
        "headBefore": .string(headBefore.description), "headAfter": .string(headAfter.description),
      ]))
  }

  /// Bytes of header and lines, each ended by a line feed.
  var plainLength: Int { lines.reduce(headerLine.count + 1) { $0 + $1.bytes.count + 1 } }

  /// The gzip member: header and lines, each ended by a line feed.
  public func encoded() -> [UInt8] {
    var plain = headerLine
    plain.append(UInt8(ascii: "\n"))
    for line in lines {
      plain += line.bytes
      plain.append(UInt8(ascii: "\n"))
    }
    return Gzip.member(of: plain)
  }
}

/// A block that was read back and checked, with its entries.
public struct CheckedBlock: Sendable {
  public let block: Block
  public let entries: [Entry]

  /// What a block's bytes turned out to be when they were no good block.
  public struct Damage: Error, Sendable, CustomStringConvertible {
    public enum Kind: Sendable {
      /// Bytes are not those that were written.
      case altered
      /// What was written lies in another place.
      case misplaced
      /// Something that was written is gone.
      case missing
    }

    public let kind: Kind
    /// The line inside the block, 1 for the header; `nil` where it cannot be told.
    public let line: Int?
    public let description: String

    init(_ kind: Kind, line: Int? = nil, _ description: String) {
      (self.kind, self.line, self.description) = (kind, line, description)
    }
  }

  /// Decompresses and checks one gzip member.
  public init(decoding member: ArraySlice<UInt8>, limitBytes: Int) throws(Damage) {
    let plain: [UInt8]
    do {
      let (bytes, length) = try Gzip.firstMember(of: member, limitBytes: limitBytes)
      guard length == member.count else { throw GzipError.damaged }
      plain = bytes
    } catch {
      throw Damage(.altered, "the block does not decompress: \(error)")
    }
    try self.init(checking: plain)
  }

  /// Reads and checks a decompressed block: header, numbering of every line, and the chain.
  public init(checking plain: [UInt8]) throws(Damage) {
    let rows = plain.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    guard rows.count >= 2, rows[rows.count - 1].isEmpty else {
      throw Damage(.altered, "the block does not end with a line feed")
    }
    let header = try BlockHeader(line: rows[0])
    let lines = rows[1..<(rows.count - 1)]
    var entries: [Entry] = []
    entries.reserveCapacity(lines.count)
    for (index, line) in lines.enumerated() {
      let seq = header.firstSeq + Int64(index)
      entries.append(try Self.entry(line, seq: seq, header, row: index + 2))
    }
    guard entries.last?.seq == header.lastSeq else {
      throw Damage(.missing, line: rows.count, "lines are missing lastSeq=`\(header.lastSeq)`")
    }
    block = Block(
      conversationID: header.conversationID, firstSeq: header.firstSeq,
      headBefore: header.headBefore, lines: lines.map { EntryLine(bytes: Array($0)) })
    self.entries = entries
    guard block.headAfter == header.headAfter else {
      throw Damage(.altered, "a line of the block was altered: the hash chain does not close")
    }
  }

  private static func entry(_ line: ArraySlice<UInt8>, seq: Int64, _ header: BlockHeader, row: Int)
    throws(Damage) -> Entry
  {
    let entry: Entry
    do { entry = try EntryLine.entry(line) } catch {
      throw Damage(.altered, line: row, "the line is no entry")
    }
    guard entry.conversationID == header.conversationID else {
      throw Damage(.misplaced, line: row, "the line belongs to another conversation")
    }
    guard entry.seq == seq else {
      throw Damage(.misplaced, line: row, "the line stands in the wrong place expectedSeq=`\(seq)`")
    }
    return entry
  }
}

/// The header line of a block, read back.
private struct BlockHeader {
  let conversationID: ConversationID
  let firstSeq: Int64
  let lastSeq: Int64
  let headBefore: Digest256
  let headAfter: Digest256

  init(line: ArraySlice<UInt8>) throws(CheckedBlock.Damage) {
    let fields: [String: DocumentValue]
    do { fields = try JSONReader.object(line) } catch {
      throw CheckedBlock.Damage(.altered, line: 1, "the block's header is no JSON")
    }
    guard fields["block"] == .integer(1),
      case .string(let conversation)? = fields["conversation"],
      let conversationID = ConversationID(conversation),
      case .integer(let firstSeq)? = fields["firstSeq"], (1...SeqID.greatestSeq).contains(firstSeq),
      case .integer(let lastSeq)? = fields["lastSeq"],
      (firstSeq...SeqID.greatestSeq).contains(lastSeq),
      case .string(let before)? = fields["headBefore"], let headBefore = Digest256(hex: before),
      case .string(let after)? = fields["headAfter"], let headAfter = Digest256(hex: after)
    else { throw CheckedBlock.Damage(.altered, line: 1, "the block's header lacks a field") }
    (self.conversationID, self.firstSeq, self.lastSeq) = (conversationID, firstSeq, lastSeq)
    (self.headBefore, self.headAfter) = (headBefore, headAfter)
  }
}
