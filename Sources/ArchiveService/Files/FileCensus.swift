// Files compared with the object store: objects that no document names, and documents whose object is not what it was.

package import ArchiveCore
import Crypto
import Encodings

/// What is found when files are compared with the object store, both ways. Nothing younger than a grace is looked at, so
/// what is on its way is never touched.
package struct FileCensus: Sendable {
  /// Files that were looked at.
  package private(set) var count = 0
  /// Objects of files, of their pictures and of pieces of uploads that no document names: left over, of no use to anybody.
  package private(set) var orphans: [ObjectKey] = []
  /// Files whose bytes are gone, or others: damage.
  package private(set) var problems: [ArchiveProblem] = []

  private let documents: any DocumentStore
  private let store: any ObjectStore
  private let youngest: Timestamp
  private let readsBytes: Bool

  private static let page = 200

  /// - Parameters:
  ///   - youngest: what is newer is not looked at.
  ///   - readsBytes: whether every byte of every file is read and hashed; otherwise sizes are compared.
  package static func take(
    _ documents: any DocumentStore, _ objects: any ObjectStore, before youngest: Timestamp,
    readsBytes: Bool = false
  ) async throws(StoreError) -> FileCensus {
    var found = FileCensus(documents, objects, youngest, readsBytes)
    try await found.compareFiles()
    try await found.comparePieces()
    try await found.comparePictures()
    return found
  }

  private init(
    _ documents: any DocumentStore, _ store: any ObjectStore, _ youngest: Timestamp,
    _ readsBytes: Bool
  ) {
    (self.documents, self.store) = (documents, store)
    (self.youngest, self.readsBytes) = (youngest, readsBytes)
  }

  /// Deletes the objects, each looked at once more. Returns how many went.
  package func removeOrphans() async throws(StoreError) -> Int {
    var count = 0
    for key in orphans {
      guard let info = try await store.head(key), info.modified <= youngest,
        try await !isNamed(key)
      else { continue }
      try await store.delete(key)
      count += 1
    }
    return count
  }

  // MARK: Files

  /// Documents and objects are both in the order of their ids, so one walk sees both.
  private mutating func compareFiles() async throws(StoreError) {
    let files = Collection(StoredFile.self, in: documents)
    var objects = ObjectWalk(store, prefix: FileKeys.prefix)
    var place: PageCursor?
    var isLast = false
    while !isLast {
      let page = try await files.find(
        sort: [.ascending("id")], limit: Self.page, after: place)
      isLast = page.count < Self.page
      place = page.last.map { PageCursor(values: [$0.id.stored]) }
      let end = isLast ? nil : page.last.map { FileKeys.object($0.id) }
      let present = try await objects.next(upTo: end)
      try await compare(page, present)
    }
  }

  private mutating func compare(_ files: [StoredFile], _ present: [ObjectInfo])
    async throws(StoreError)
  {
    let known = Dictionary(present.map { ($0.key, $0) }) { first, _ in first }
    let named = Set(files.map { FileKeys.object($0.id) })
    for file in files where file.createdAt <= youngest && file.deletedAt == nil {
      count += 1
      let problem = try await problem(file, known[FileKeys.object(file.id)])
      if let problem { problems.append(problem) }
    }
    for object in present where object.modified <= youngest && !named.contains(object.key) {
      if try await !isNamed(object.key) { orphans.append(object.key) }
    }
  }

  private func problem(_ file: StoredFile, _ listed: ObjectInfo?) async throws(StoreError)
    -> ArchiveProblem?
  {
    let key = FileKeys.object(file.id)
    var info = listed
    if info == nil { info = try await store.head(key) }
    guard let info else {
      // Looked at once more: it may have been deleted while the walk went on.
      guard try await isNamed(key) else { return nil }
      return ArchiveProblem(
        .missingObject, object: key.description, document: "files/\(file.id)",
        "the bytes of a file are missing")
    }
    if info.sizeBytes == file.sizeBytes {
      guard readsBytes, try await !hasBytes(of: file) else { return nil }
    }
    guard try await isNamed(key) else { return nil }
    return ArchiveProblem(
      .alteredObject, object: key.description, document: "files/\(file.id)",
      "the bytes of a file are not those that were uploaded")
  }

  private func hasBytes(of file: StoredFile) async throws(StoreError) -> Bool {
    let object: StoredObject
    do {
      object = try await store.get(FileKeys.object(file.id), range: nil)
    } catch  where error.kind == .notFound {
      return false
    }
    var hash = SHA256()
    do {
      while let chunk = try await object.next() { hash.update(data: chunk) }
    } catch let error as StoreError {
      throw error
    } catch {
      throw StoreError(.unavailable, "reading broke off file=`\(file.id)`", cause: error)
    }
    return Hex.text(hash.finalize()) == file.sha256
  }

  // MARK: Pieces and pictures

  private mutating func comparePieces() async throws(StoreError) {
    var walk = ObjectWalk(store, prefix: UploadPiece.prefix)
    for object in try await walk.next(upTo: nil) where object.modified <= youngest {
      if try await !isNamed(object.key) { orphans.append(object.key) }
    }
  }

  /// There are two of each picture that somebody has seen, so they are asked for a page at a time.
  private mutating func comparePictures() async throws(StoreError) {
    var behind: ObjectKey?
    while true {
      let page = try await store.list(
        prefix: PictureKeys.prefix, after: behind, limit: Self.page)
      let ids = Set(page.filter { $0.modified <= youngest }.map { PictureKeys.file(of: $0.key) })
      let found = try await documents.find(
        Query(
          StoredFile.schema.name,
          where: .and([
            .oneOf("id", ids.sorted().map { .string($0) }), .missing("deletedAt"),
          ]), limit: max(1, ids.count)))
      let lost = ids.subtracting(found.compactMap(\.id))
      orphans += page.map(\.key).filter { lost.contains(PictureKeys.file(of: $0)) }
      guard page.count == Self.page, let last = page.last else { return }
      behind = last.key
    }
  }

  /// Whether a document names the key now.
  private func isNamed(_ key: ObjectKey) async throws(StoreError) -> Bool {
    let text = key.description
    if !text.hasPrefix(UploadPiece.prefix) {
      let isFile = text.hasPrefix(FileKeys.prefix)
      let id = isFile ? String(text.dropFirst(FileKeys.prefix.count)) : PictureKeys.file(of: key)
      return try await documents.count(
        StoredFile.schema.name, where: .and([.id(id), .missing("deletedAt")])) > 0
    }
    // `uploads/{upload}-{offset}-{attempt}` belongs to the piece `{upload}/{offset}`.
    let id = text.dropFirst(UploadPiece.prefix.count).split(separator: "-").prefix(2)
    return try await documents.count(
      UploadPiece.schema.name,
      where: .and([.id(id.joined(separator: "/")), .equal("key", .string(text))])) > 0
  }
}

/// The objects below a prefix, in the order of their keys.
private struct ObjectWalk {
  private let store: any ObjectStore
  private let prefix: String
  private var held: ArraySlice<ObjectInfo> = []
  private var behind: ObjectKey?
  private var isOver = false

  init(_ store: any ObjectStore, prefix: String) { (self.store, self.prefix) = (store, prefix) }

  /// Those up to a key and with it, or all that are left.
  mutating func next(upTo end: ObjectKey?) async throws(StoreError) -> [ObjectInfo] {
    var found: [ObjectInfo] = []
    while true {
      while let first = held.first, end.map({ first.key <= $0 }) ?? true {
        found.append(first)
        held.removeFirst()
      }
      guard held.isEmpty, !isOver else { return found }
      let page = try await store.list(prefix: prefix, after: behind, limit: 1000)
      (held, behind, isOver) = (page[...], page.last?.key, page.count < 1000)
    }
  }
}
