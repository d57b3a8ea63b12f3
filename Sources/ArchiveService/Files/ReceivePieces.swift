// Bytes of a resumable upload come in.

import ArchiveCore
import HTTPTypes
import Logging
import Uploads

/// Stores the body of one PATCH, or of a creation, in pieces of a few MiB, each durable before the offset moves over it.
///
/// So whatever ends the body, the process included, at most one piece is sent again. A body with a checksum counts only
/// as a whole: its pieces are stored, and noted when the checksum is right.
struct ReceivePieces: Sendable {
  let files: Files

  /// A piece is a single put in every store, and the memory that an upload holds.
  private static let pieceBytes = 4 << 20

  /// What became of a body.
  enum Outcome: Sendable {
    /// The upload as it is now.
    case kept(ResumableUpload)
    /// Nothing of it counts.
    case discarded(TusAnswer)
  }

  /// - Parameter announced: what Content-Length says; a body with less was cut off.
  func callAsFunction(
    _ upload: ResumableUpload, _ reception: TusReception, isChecked: Bool, length: Int64?,
    announced: Int64?, from chunks: RequestChunks
  ) async throws -> Outcome {
    var upload = upload
    upload.length = length
    var body = PieceBody(reception, chunks: chunks, pieceBytes: Self.pieceBytes)
    var waiting: [UploadPiece] = []
    do {
      while let bytes = try await body.nextPiece() {
        let piece = try await store(bytes, of: upload.id, at: upload.offset + waiting.totalBytes)
        waiting.append(piece)
        if !isChecked { upload = try await commit(&waiting, to: upload) }
      }
      switch body.finish(announced: announced) {
      case .discard(let answer):
        await discard(waiting)
        return .discarded(answer)
      case .keep:
        // Also without a byte: the length may be news.
        return .kept(try await commit(&waiting, to: upload))
      }
    } catch {
      await discard(waiting)
      throw error
    }
  }

  private func store(_ bytes: [UInt8], of id: FileID, at offset: Int64) async throws(StoreError)
    -> UploadPiece
  {
    let key = UploadPiece.newKey(id, offset, files.surroundings)
    try await files.objects.put(
      key, .bytes(bytes), mode: .create, type: "application/octet-stream")
    return UploadPiece(uploadID: id, offset: offset, sizeBytes: Int64(bytes.count), key: key)
  }

  /// Moves the offset over the pieces. Throws `Problem` 409 where it has moved since it was read.
  ///
  /// - Parameter waiting: none are left, unless it is known that they were not noted. Of what nobody answered the bytes
  ///   must stay: the offset may have moved over them, and if not, `FileCare` finds them.
  private func commit(_ waiting: inout [UploadPiece], to upload: ResumableUpload) async throws
    -> ResumableUpload
  {
    let pieces = waiting
    waiting = []
    var after = upload
    after.offset += pieces.totalBytes
    after.expiresAt = files.surroundings.now().advanced(by: files.settings.unusedLifetime)
    var changes: [DocumentChange] = [
      .set("offset", .integer(after.offset)), .set("expiresAt", .time(after.expiresAt)),
    ]
    if let length = after.length { changes.append(.set("length", .integer(length))) }
    if after.isReady { changes.append(.set("isReady", .bool(true))) }
    let moving = Update(ResumableUpload.schema.name, where: upload.isUnchanged, changes)
    do throws(StoreError) {
      try await files.documents.transact(
        [.update(moving, mustMatch: true)]
          + pieces.map { .insert($0.stored, into: UploadPiece.schema.name) })
      return after
    } catch {
      guard error.kind == .conflict else { throw error }
      waiting = pieces
      throw Problem.closing(.conflict, "the upload goes on elsewhere; ask where it stands")
    }
  }

  /// What is not noted goes; what cannot be deleted now, `FileCare` finds.
  private func discard(_ pieces: [UploadPiece]) async {
    do throws(StoreError) {
      for piece in pieces { try await files.objects.delete(piece.key) }
    } catch {
      files.logger.warning(
        "pieces of an upload could not be deleted; they go later", metadata: ["error": "\(error)"])
    }
  }
}

extension [UploadPiece] {
  var totalBytes: Int64 { reduce(0) { $0 + $1.sizeBytes } }
}

/// Cuts a body into pieces.
private struct PieceBody {
  private var reception: TusReception
  private let chunks: RequestChunks
  private let pieceBytes: Int
  private var isOver = false
  private var isBroken = false

  init(_ reception: TusReception, chunks: RequestChunks, pieceBytes: Int) {
    (self.reception, self.chunks, self.pieceBytes) = (reception, chunks, pieceBytes)
  }

  /// About `pieceBytes`, less at the end; `nil` behind it. A body that breaks off has ended.
  mutating func nextPiece() async throws -> [UInt8]? {
    guard !isOver else { return nil }
    var piece: [UInt8] = []
    while piece.count < pieceBytes, !isOver {
      do {
        guard let chunk = try await chunks.next() else {
          isOver = true
          break
        }
        // Room for a whole piece, and what is too much of the last chunk, only once there is more than a little.
        if piece.count > 1 << 20 { piece.reserveCapacity(pieceBytes + (256 << 10)) }
        piece += reception.feed(chunk[...])
        isOver = reception.isTooLong
      } catch {
        // Whatever broke it, what came before is good.
        (isOver, isBroken) = (true, true)
      }
    }
    // Of a body that is too long nothing more is kept.
    return piece.isEmpty || reception.isTooLong ? nil : piece
  }

  func finish(announced: Int64?) -> TusReception.Outcome {
    let isShort = announced.map { reception.receivedBytes < $0 } ?? false
    return reception.finish(isCut: isBroken || isShort)
  }
}
