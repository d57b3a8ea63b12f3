// Random documents and operations out of small pools, so that they meet often.

public import ArchiveCore

/// Makes operations on the collection `random`.
///
/// `n`, `s`, `t`, `b`, `owner`, `seq` hold one type each, because they are sorted by or unique;
/// `a` and `o.a` hold anything.
public struct RandomDocuments: Sendable {
  /// - Parameter isExpiring: with an index that lets documents expire, for engines in which nobody removes them.
  public static func schema(isExpiring: Bool) -> CollectionSchema {
    let indexes = [
      CollectionIndex("unique", on: [.ascending("owner"), .ascending("seq")], kind: .unique),
      CollectionIndex("byNumber", on: [.ascending("n"), .descending("s")]),
      CollectionIndex("byTime", on: [.descending("t"), .ascending("id")]),
      CollectionIndex("byAnything", on: [.ascending("a")]),
    ]
    let expiring = CollectionIndex("expiring", on: [.ascending("t")], kind: .expiring)
    return CollectionSchema("random", indexes: isExpiring ? indexes + [expiring] : indexes)
  }

  // Made once, because reading a path takes longer than a whole operation should.
  private static let sortPaths: [FieldPath] = ["n", "s", "t", "b", "id", "o.n", "owner", "seq"]
  private static let unsetPaths: [FieldPath] = ["n", "s", "t", "a", "o", "o.n", "o.p.q", "seq"]
  private static let filterPaths: [FieldPath] = [
    "id", "a", "n", "s", "t", "b", "list", "o", "o.n", "o.a", "owner", "seq", "none",
  ]
  private static let texts = [
    "", "a", "b", "ab", "abc", "A", "1", "true", "[1]", "{}", "\u{0}", "a\u{0}", "\u{1}",
    "\u{1}\u{1}", "a\u{0}b", "\n\"\\/", "\u{7F}", "\u{2028}", "é", "e\u{301}", "\u{FFFF}", "😀",
  ]

  private var generator: SeededGenerator
  private var known: [Document] = []

  public init(_ generator: SeededGenerator) { self.generator = generator }

  /// Found documents serve as places for cursors.
  public mutating func learn(from answer: RandomOperation.Answer) {
    if !answer.documents.isEmpty { known = answer.documents }
  }

  public mutating func operation() -> RandomOperation {
    switch generator.int(0...99) {
    case 0..<25: return .insert((0..<generator.int(1...4)).map { _ in document() })
    case 25..<55: return .find(query())
    case 55..<63: return .count(filter(depth: 3))
    case 63..<84: return .update(update())
    case 84..<90: return .delete(filter(depth: 2))
    default: return .transact((0..<generator.int(1...4)).map { _ in step() })
    }
  }

  private mutating func step() -> TransactionStep {
    switch generator.int(0...5) {
    case 0, 1: .insert(document(), into: "random")
    case 2, 3: .update(update(), mustMatch: generator.oneIn(2))
    case 4: .delete("random", where: .id(id()))
    default: .expect("random", where: filter(depth: 1))
    }
  }

  private mutating func query() -> Query {
    var query = Query("random", where: filter(depth: 3), limit: generator.int(0...20))
    for _ in 0..<generator.int(0...2) {
      let path = generator.pick(Self.sortPaths)
      if query.sort.contains(where: { $0.path == path }) { continue }
      query.sort.append(generator.oneIn(2) ? .ascending(path) : .descending(path))
    }
    if generator.oneIn(3), !known.isEmpty {
      query.after = query.cursor(behind: generator.pick(known))
    }
    return query
  }

  private mutating func update() -> Update {
    var changes: [DocumentChange] = []
    for _ in 0..<generator.int(0...3) { changes.append(change()) }
    switch generator.int(0...4) {
    case 0: return Update("random", where: filter(depth: 1), changes, extent: .all)
    case 1:
      let document = document()
      let filter = Filter.id(generator.oneIn(20) ? id() : document.id ?? "")
      return Update("random", where: filter, changes, extent: .upsert(insertedOnMiss: document))
    case 2: return Update("random", where: .id(id()), changes)
    default: return Update("random", where: filter(depth: 2), changes)
    }
  }

  private mutating func change() -> DocumentChange {
    switch generator.int(0...11) {
    case 0: .set("n", .integer(integer()))
    case 1: .set("s", .string(text()))
    case 2: .set(generator.pick(["a", "o.a", "o.p.q", "id"]), value(depth: 2))
    case 3: .unset(generator.pick(Self.unsetPaths))
    case 4: .increment(generator.pick(["n", "o.n", "seq"]), integer())
    case 5: .increment("a", 1)
    case 6: .max(generator.pick(["a", "o.a"]), scalar())
    case 7: .max("t", .time(time()))
    case 8: .addToSet(generator.pick(["list", "a"]), scalar())
    case 9: .push(generator.pick(["list", "o.list"]), value(depth: 1))
    case 10: .pull(generator.pick(["list", "a", "o.list"]), scalar())
    default: .set("seq", .integer(Int64(generator.int(0...20))))
    }
  }

  private mutating func document() -> Document {
    if generator.oneIn(200) { return Document(["id": .string(""), "n": .integer(1)]) }
    var fields: [String: DocumentValue] = ["id": .string(id())]
    if generator.oneIn(2) { fields["n"] = .integer(integer()) }
    if generator.oneIn(2) { fields["s"] = .string(text()) }
    if generator.oneIn(2) { fields["t"] = .time(time()) }
    if generator.oneIn(2) { fields["b"] = .bool(generator.oneIn(2)) }
    if generator.oneIn(2) { fields["a"] = value(depth: 2) }
    if generator.oneIn(3) { fields["list"] = array(depth: 1) }
    if generator.oneIn(3) {
      fields["o"] = .object(["n": .integer(integer()), "a": value(depth: 1)])
    }
    if generator.oneIn(2) { fields["owner"] = .string(text()) }
    if generator.oneIn(2) { fields["seq"] = .integer(Int64(generator.int(0...20))) }
    return Document(fields)
  }

  private mutating func filter(depth: Int) -> Filter {
    let path = generator.pick(Self.filterPaths)
    switch generator.int(0...(depth > 0 ? 16 : 12)) {
    case 0: return generator.oneIn(4) ? .nothing : .everything
    case 1, 2: return .equal(path, fitting(path))
    case 3: return .oneOf(path, (0..<generator.int(0...4)).map { _ in fitting(path) })
    case 4: return .less(path, fitting(path))
    case 5: return .lessOrEqual(path, fitting(path))
    case 6: return .greater(path, fitting(path))
    case 7: return .greaterOrEqual(path, fitting(path))
    case 8: return .exists(path)
    case 9: return .missing(path)
    case 10: return .contains(generator.pick(["list", "a", path]), scalar())
    case 11: return .prefix(path, text())
    case 12: return .id(id())
    case 13, 14: return .and((0..<generator.int(0...3)).map { _ in filter(depth: depth - 1) })
    case 15: return .or((0..<generator.int(0...3)).map { _ in filter(depth: depth - 1) })
    default: return .not(filter(depth: depth - 1))
    }
  }

  /// Mostly a value of the type that the field holds, sometimes any, seldom no scalar.
  private mutating func fitting(_ path: FieldPath) -> DocumentValue {
    if generator.oneIn(100) { return array(depth: 0) }
    if generator.oneIn(5) { return scalar() }
    switch path.names.last {
    case "n", "seq": return .integer(integer())
    case "s", "owner": return .string(text())
    case "id": return .string(id())
    case "t": return .time(time())
    case "b": return .bool(generator.oneIn(2))
    default: return scalar()
    }
  }

  private mutating func value(depth: Int) -> DocumentValue {
    switch depth > 0 ? generator.int(0...6) : 0 {
    case 5: array(depth: depth - 1)
    case 6: .object(["n": value(depth: depth - 1), "k": scalar()])
    default: scalar()
    }
  }

  private mutating func array(depth: Int) -> DocumentValue {
    .array((0..<generator.int(0...3)).map { _ in value(depth: depth) })
  }

  private mutating func scalar() -> DocumentValue {
    switch generator.int(0...3) {
    case 0: .integer(integer())
    case 1: .string(text())
    case 2: .time(time())
    default: .bool(generator.oneIn(2))
    }
  }

  private mutating func integer() -> Int64 {
    generator.oneIn(8)
      ? generator.pick([.min, .max, .max - 1, 1 << 53, (1 << 53) + 1, -1])
      : Int64(generator.int(0...9))
  }

  private mutating func time() -> Timestamp {
    Timestamp(
      milliseconds: generator.oneIn(8)
        ? generator.pick([.min, .max, -1, 1_767_225_600_123, 1_767_225_600_124])
        : Int64(generator.int(0...5)))
  }

  private mutating func text() -> String {
    generator.pick(Self.texts)
  }

  private mutating func id() -> String {
    generator.oneIn(5)
      ? generator.pick(["\u{0}", "é", "e\u{301}", "A", "a", "😀"])
      : "id\(generator.int(0...40))"
  }
}
