// Objects that no document names, and documents whose object is missing.

package import ArchiveCore

/// What is found when files are compared with the object store, both ways. Nothing younger than a grace is looked at, so
/// what is on its way is never touched.
package struct FileOrphans: Sendable {
  /// Objects of files and of pieces of uploads that no document names: left over, of no use to anybody.
  package private(set) var objects: [ObjectKey] = []
  /// Files whose bytes are gone: damage.
  package private(set) var missing: [FileID] = []

  private let documents: any DocumentStore
  private let store: any ObjectStore
  private let youngest: Timestamp

  private static let page = 200

  /// - Parameter youngest: what is newer is not looked at.
  package static func find(
    _ documents: any DocumentStore, _ objects: any ObjectStore, before youngest: Timestamp
  ) async throws(StoreError) -> FileOrphans {
    var found = FileOrphans(documents: documents, store: objects, youngest: youngest)
    try await found.compareFiles()
    try await found.comparePieces()
    return found
  }

  private init(documents: any DocumentStore, store: any ObjectStore, youngest: Timestamp) {
    (self.documents, self.store, self.youngest) = (documents, store, youngest)
  }

  /// Deletes the objects, each looked at once more. Returns how many went.
  package func removing() async throws(StoreError) -> Int {
    var count = 0
    for key in objects {
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
    let keys = Set(present.map(\.key))
    let named = Set(files.map { FileKeys.object($0.id) })
    for file in files where file.createdAt <= youngest && file.deletedAt == nil {
      let key = FileKeys.object(file.id)
      // Looked at once more: it may have been deleted while the walk went on.
      if !keys.contains(key), try await store.head(key) == nil, try await isNamed(key) {
        missing.append(file.id)
      }
    }
    for object in present where object.modified <= youngest && !named.contains(object.key) {
      if try await !isNamed(object.key) { objects.append(object.key) }
    }
  }

  // MARK: Pieces

  private mutating func comparePieces() async throws(StoreError) {
    var walk = ObjectWalk(store, prefix: UploadPiece.prefix)
    for object in try await walk.next(upTo: nil) where object.modified <= youngest {
      if try await !isNamed(object.key) { objects.append(object.key) }
    }
  }

  /// Whether a document names the key now.
  private func isNamed(_ key: ObjectKey) async throws(StoreError) -> Bool {
    let text = key.description
    if text.hasPrefix(FileKeys.prefix) {
      let id = String(text.dropFirst(FileKeys.prefix.count))
      return try await documents.count(
        StoredFile.schema.name, where: .and([.id(id), .missing("deletedAt")])) > 0
    }
    // `uploads/{upload}/{offset}-{attempt}` belongs to the piece `{upload}/{offset}`.
    let id = text.dropFirst(UploadPiece.prefix.count).prefix { $0 != "-" }
    return try await documents.count(
      UploadPiece.schema.name, where: .and([.id(String(id)), .equal("key", .string(text))])) > 0
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
