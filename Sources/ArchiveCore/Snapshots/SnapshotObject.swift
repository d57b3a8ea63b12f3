// A snapshot as an object: a header line, a line for each document, and a last line that shows that nothing was cut off.

internal import Gzip

/// What a snapshot says about itself.
struct SnapshotHeader: Hashable, Sendable {
  /// Every object has another; a greater one holds newer documents.
  let number: Int64
  /// The number of the first object of the full snapshot that this one belongs to, or continues.
  let series: Int64
  /// The newest object that was complete when this one was written; 0 for the first.
  let previous: Int64
  /// 1, 2, 3 … in a full snapshot; `nil` where it holds what changed since `previous`.
  let part: Int64?
  /// Objects that follow belong to the same moment.
  let hasMore: Bool
  /// What was durable at this moment is in this object, or in one before it, once `hasMore` is false.
  let at: Timestamp

  var isFull: Bool { part != nil }

  var key: ObjectKey { Self.key(number, isFull: isFull) }

  static let prefix = "snapshots/"

  static func key(_ number: Int64, isFull: Bool) -> ObjectKey {
    ObjectKey(
      trusted: "\(prefix)\(SeqID.digits(number))-\(isFull ? "full" : "changes").jsonl.gz")
  }

  /// Behind every object up to this number.
  static func place(behind number: Int64) -> ObjectKey {
    ObjectKey(trusted: "\(prefix)\(SeqID.digits(number))-z")
  }

  /// The number and kind in a key; `nil` where it is no snapshot's.
  static func parts(of key: ObjectKey) -> (number: Int64, isFull: Bool)? {
    let text = key.description
    guard text.hasPrefix(prefix), let number = Int64(text.dropFirst(prefix.count).prefix(12)),
      number >= 0
    else { return nil }
    for isFull in [true, false] where Self.key(number, isFull: isFull) == key {
      return (number, isFull)
    }
    return nil
  }

  fileprivate var line: [UInt8] {
    var fields: [String: DocumentValue] = [
      "snapshot": .integer(1), "number": .integer(number), "series": .integer(series),
      "previous": .integer(previous), "hasMore": .bool(hasMore), "at": .string(at.description),
    ]
    if let part { fields["part"] = .integer(part) }
    return CanonicalJSON.bytes(.object(fields))
  }

  init(
    number: Int64, series: Int64, previous: Int64, part: Int64?, hasMore: Bool, at: Timestamp
  ) {
    (self.number, self.series, self.previous) = (number, series, previous)
    (self.part, self.hasMore, self.at) = (part, hasMore, at)
  }

  fileprivate init?(line: ArraySlice<UInt8>) {
    guard let fields = try? JSONReader.object(line), fields["snapshot"] == .integer(1),
      case .integer(let number)? = fields["number"], number >= 1,
      case .integer(let series)? = fields["series"],
      case .integer(let previous)? = fields["previous"],
      case .bool(let hasMore)? = fields["hasMore"],
      case .string(let time)? = fields["at"], let at = Timestamp(time)
    else { return nil }
    var part: Int64?
    if case .integer(let stored)? = fields["part"] { part = stored }
    self.init(
      number: number, series: series, previous: previous, part: part, hasMore: hasMore, at: at)
  }
}

/// One document in a snapshot, or that it is gone.
enum SnapshotLine: Hashable, Sendable {
  case document(CollectionName, Document)
  case deletion(CollectionName, id: String)

  var bytes: [UInt8] {
    switch self {
    case .document(let collection, let document):
      CanonicalJSON.bytes(
        .object([
          "collection": .string(collection.description), "document": .object(document.fields),
        ]))
    case .deletion(let collection, let id):
      CanonicalJSON.bytes(
        .object(["collection": .string(collection.description), "deleted": .string(id)]))
    }
  }

  fileprivate init?(line: ArraySlice<UInt8>) {
    // One level more than a document may have.
    guard let fields = try? JSONReader.object(line, depthLimit: Document.depthLimit + 2),
      case .string(let name)? = fields["collection"], FieldPath.isName(name)
    else { return nil }
    let collection = CollectionName(stringLiteral: name)
    switch (fields["document"], fields["deleted"]) {
    case (.object(let fields)?, nil) where Document(fields).id != nil:
      self = .document(collection, Document(fields))
    case (nil, .string(let id)?): self = .deletion(collection, id: id)
    default: return nil
    }
  }
}

/// A header and its lines, to and from the bytes of an object.
struct SnapshotObject: Sendable {
  let header: SnapshotHeader
  let lines: [SnapshotLine]

  /// Plain bytes in one gzip member, as far as lines allow.
  private static let memberBytes = 256 << 10

  /// Gzip members of whole lines. The last line counts the others and has the SHA-256 of all of them.
  static func encoded(_ header: SnapshotHeader, _ lines: [[UInt8]]) async -> [UInt8] {
    var digest = LineDigest()
    var (object, plain): ([UInt8], [UInt8]) = ([], [])
    for line in [header.line] + lines {
      digest.append(line)
      plain += line + [UInt8(ascii: "\n")]
      guard plain.count >= memberBytes else { continue }
      object += Gzip.member(of: plain)
      plain = []
      await Task.yield()
    }
    plain += end(lines.count, digest) + [UInt8(ascii: "\n")]
    return object + Gzip.member(of: plain)
  }

  private static func end(_ count: Int, _ digest: LineDigest) -> [UInt8] {
    CanonicalJSON.bytes(
      .object(["lines": .integer(Int64(count)), "sha256": .string(digest.hex)]))
  }

  /// Why bytes are no whole snapshot.
  struct Damage: Error, Sendable { let description: String }

  /// Reads an object whole; anything that is not exactly what `encoded` made is damage.
  init(reading object: StoredObject, limitBytes: Int) async throws(StoreError) {
    do {
      try await self.init(members: object, limitBytes: limitBytes)
    } catch let damage as Damage {
      throw StoreError(.corrupt, "\(damage.description) key=`\(object.info.key)`")
    } catch let error as StoreError {
      throw error
    } catch {
      throw StoreError(.unavailable, "reading broke off key=`\(object.info.key)`", cause: error)
    }
  }

  private init(members object: StoredObject, limitBytes: Int) async throws {
    var reader = GzipMemberReader(object, limitBytes: limitBytes)
    var digest = LineDigest()
    var header: SnapshotHeader?
    var lines: [SnapshotLine] = []
    var isEnded = false
    while let member = try await reader.next() {
      guard case .plain(let plain, _) = member, plain.last == UInt8(ascii: "\n") else {
        throw Damage(description: "a part of the snapshot does not decompress")
      }
      for row in plain.dropLast().split(
        separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
      {
        guard !isEnded else { throw Damage(description: "something follows the snapshot's end") }
        if header == nil {
          header = SnapshotHeader(line: row)
          guard header != nil else { throw Damage(description: "the snapshot has no header") }
          digest.append(row)
        } else if let line = SnapshotLine(line: row) {
          lines.append(line)
          digest.append(row)
        } else {
          guard Array(row) == Self.end(lines.count, digest) else {
            throw Damage(description: "a line of the snapshot was altered or is missing")
          }
          isEnded = true
        }
      }
    }
    guard let header, isEnded else { throw Damage(description: "the snapshot was cut off") }
    guard header.key == object.info.key else {
      throw Damage(description: "the snapshot lies under another's key")
    }
    (self.header, self.lines) = (header, lines)
  }
}
