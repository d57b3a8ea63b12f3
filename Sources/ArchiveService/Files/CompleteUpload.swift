// A resumable upload whose bytes are all there becomes a file.

import ArchiveCore
import Synchronization
import Uploads

/// Joins the pieces of an upload to one object, examined on the way, and makes the file of it.
///
/// May be begun anew at any time, by another node too: the bytes are the same, and so is the object. One of several
/// writes the document; the pieces go afterwards. A process that dies in between leaves the work to `FileCare`, or to
/// the next request about the upload.
final class CompleteUpload: Sendable {
  private let files: Files
  /// What this node is joining.
  private let underWay = Mutex<Set<FileID>>([])

  init(files: Files) { self.files = files }

  /// Returns whether the file is there; `false` where another request is making it. Throws what makes it no file, and
  /// then the upload has ended.
  @discardableResult
  func callAsFunction(_ upload: ResumableUpload) async throws -> Bool {
    guard upload.isReady else { return upload.isDone }
    guard underWay.withLock({ $0.insert(upload.id).inserted }) else { return false }
    defer { underWay.withLock { _ = $0.remove(upload.id) } }
    do {
      if try await files.find(upload.id) == nil { try await join(upload) }
    } catch let error as ServiceError where error.kind == .tooLarge {
      try await end(upload)
      throw error
    }
    try await note("isDone", upload)
    try await removePieces(of: upload.id)
    return true
  }

  private func join(_ upload: ResumableUpload) async throws {
    try await files.requireRoom(for: upload.ownerID, bytes: upload.offset)
    let reader = PieceReader(upload.id, files: files)
    let examined: ExaminedFile
    do {
      examined = try await files.storeBytes(of: upload.id, mode: .replace, length: upload.offset) {
        try await reader.next()
      }
    } catch {
      // Another node may have been faster, and have taken the pieces away.
      if try await files.find(upload.id) != nil { return }
      throw error
    }
    guard examined.sizeBytes == upload.offset else {
      throw StoreError(.corrupt, "an upload has lost a piece upload=`\(upload.id)`")
    }
    _ = try await files.add(upload.id, examined, name: upload.name, owner: upload.ownerID)
  }

  /// The owner, or the quota, ends an upload.
  func end(_ upload: ResumableUpload) async throws {
    try await note("isTerminated", upload)
    try await removePieces(of: upload.id)
  }

  private func note(_ state: FieldPath, _ upload: ResumableUpload) async throws(StoreError) {
    try await files.documents.update(
      Update(
        ResumableUpload.schema.name, where: .id(upload.id.description),
        [.set(state, .bool(true)), .unset("isReady")]))
  }

  /// First the bytes, then what names them: what is left in between is found again.
  func removePieces(of id: FileID) async throws(StoreError) {
    let pieces = Collection(UploadPiece.self, in: files.documents)
    while true {
      let page = try await pieces.find(where: UploadPiece.filter(of: id), limit: 100)
      guard !page.isEmpty else { return }
      for piece in page { try await files.objects.delete(piece.key) }
      try await files.documents.transact(
        page.map { .delete(UploadPiece.schema.name, where: .id($0.id)) })
    }
  }
}

/// The bytes of an upload, piece by piece.
///
/// Unchecked: the store that it is handed to pulls one chunk at a time.
private final class PieceReader: @unchecked Sendable {
  private static let page = 100

  private let id: FileID
  private let files: Files
  private var pieces: ArraySlice<UploadPiece> = []
  private var isLastPage = false
  private var place: PageCursor?
  private var object: StoredObject?
  /// Up to where the bytes were handed on.
  private var offset: Int64 = 0

  init(_ id: FileID, files: Files) { (self.id, self.files) = (id, files) }

  func next() async throws -> [UInt8]? {
    while true {
      if let chunk = try await object?.next() {
        offset += Int64(chunk.count)
        return chunk
      }
      object = nil
      guard let piece = try await nextPiece() else { return nil }
      guard piece.offset == offset else {
        throw StoreError(.corrupt, "an upload has lost a piece upload=`\(id)` offset=`\(offset)`")
      }
      object = try await files.objects.get(piece.key, range: nil)
    }
  }

  private func nextPiece() async throws -> UploadPiece? {
    if pieces.isEmpty, !isLastPage {
      let found = try await Collection(UploadPiece.self, in: files.documents).find(
        where: UploadPiece.filter(of: id), sort: [.ascending("id")], limit: Self.page, after: place)
      isLastPage = found.count < Self.page
      place = found.last.map { PageCursor(values: [.string($0.id)]) }
      pieces = found[...]
    }
    return pieces.popFirst()
  }
}
