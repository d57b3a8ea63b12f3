// A resumable upload whose bytes are all there becomes a file.

import ArchiveCore
import Synchronization
import Uploads

/// Joins the pieces of an upload to one object, examined on the way, and makes the file of it.
///
/// May be begun anew at any time, by another node too: the bytes are the same, and so is the object. The transaction that
/// writes the file's document ends the upload, and expects that nobody did that since it was read: neither another node
/// that was faster, nor the owner, nor time. So a slow node never brings back a file that came and went meanwhile. The
/// pieces go afterwards. A process that dies in between leaves the work to `FileCare`, or to the next request about the
/// upload.
final class CompleteUpload: Sendable {
  private let files: Files
  private let uploads: Collection<ResumableUpload>
  /// What this node is joining.
  private let underWay = Mutex<Set<FileID>>([])

  init(files: Files) {
    self.files = files
    uploads = Collection(in: files.documents)
  }

  /// Returns whether the file is there; `false` where another request is making it. Throws what makes it no file, and
  /// then the upload has ended.
  @discardableResult
  func callAsFunction(_ upload: ResumableUpload) async throws -> Bool {
    guard upload.isReady else { return upload.isDone }
    guard underWay.withLock({ $0.insert(upload.id).inserted }) else { return false }
    defer { underWay.withLock { _ = $0.remove(upload.id) } }
    do {
      try await join(upload)
    } catch {
      try await settle(upload, after: error)
    }
    try await removePieces(of: upload.id)
    return true
  }

  private func join(_ upload: ResumableUpload) async throws {
    try await files.requireRoom(for: upload.ownerID, bytes: upload.offset)
    let reader = PieceReader(upload, files: files)
    let examined = try await files.storeBytes(
      of: upload.id, mode: .replace, length: upload.offset
    ) { try await reader.next() }
    _ = try await files.add(
      upload.id, examined, name: upload.name, owner: upload.ownerID,
      with: [.update(upload.ending("isDone"), mustMatch: true)])
  }

  /// Returns where the upload is a file nevertheless, because another node was faster. An upload that is over stays so:
  /// bytes that were put since belong to nobody.
  private func settle(_ upload: ResumableUpload, after error: any Error) async throws {
    let now = try await uploads.find(id: upload.id.description)
    guard now?.isReady == true else {
      if try await files.find(upload.id) == nil { await files.discardBytes(of: upload.id) }
      guard now?.isDone == true else { throw ServiceError(.gone, "the upload was ended") }
      return
    }
    guard error.isTooLarge else { throw error }
    // Only who ends the upload takes the bytes away: before that another node could make the file of them.
    guard try await files.documents.update(upload.ending("isTerminated")).matchedCount == 1 else {
      return try await settle(upload, after: error)
    }
    await files.discardBytes(of: upload.id)
    try await removePieces(of: upload.id)
    throw error
  }

  /// The owner ends an upload, or its time is over.
  func end(_ upload: ResumableUpload) async throws {
    try await files.documents.update(
      Update(
        ResumableUpload.schema.name, where: .id(upload.id.description),
        [.set("isTerminated", .bool(true)), .unset("isReady")]))
    try await removePieces(of: upload.id)
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
  /// Where the bytes end.
  private let end: Int64
  private let files: Files
  private var pieces: ArraySlice<UploadPiece> = []
  private var isLastPage = false
  private var place: PageCursor?
  private var object: StoredObject?
  /// Up to where the bytes were handed on.
  private var offset: Int64 = 0

  init(_ upload: ResumableUpload, files: Files) {
    (id, end, self.files) = (upload.id, upload.offset, files)
  }

  func next() async throws -> [UInt8]? {
    while true {
      if let chunk = try await object?.next() {
        offset += Int64(chunk.count)
        return chunk
      }
      object = nil
      let piece = try await nextPiece()
      // None are left, or some, where another node made the file meanwhile: what is here is no file then.
      guard piece?.offset ?? end == offset else {
        throw StoreError(.corrupt, "an upload has lost a piece upload=`\(id)` offset=`\(offset)`")
      }
      guard let piece else { return nil }
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

extension Error {
  /// The file is larger than files may be, or than its owner has room for.
  fileprivate var isTooLarge: Bool {
    self is FileTooLarge || (self as? ServiceError)?.kind == .tooLarge
  }
}
