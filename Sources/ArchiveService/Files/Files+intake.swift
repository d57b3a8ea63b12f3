// From bytes to a file.

import ArchiveCore
import Logging
import Uploads

extension Files {
  /// Throws where the user's quota is used up already.
  func requireRoom(for user: UserID, bytes: Int64 = 1) async throws {
    let space = try await FileSpace.prepare(user, in: documents)
    guard bytes <= Int64(settings.quotaBytes) - space.bytes else { throw overQuota }
  }

  /// Puts the bytes of a file where they belong, examined on the way. Throws what the source throws, and `FileTooLarge`.
  func storeBytes(
    of id: FileID, mode: PutMode, length: Int64? = nil,
    from next: @escaping ExaminedSource.Source
  ) async throws -> ExaminedFile {
    let source = ExaminedSource(limitBytes: Int64(settings.maxBytes), next)
    let content = try await source.begin()
    let body =
      source.whole.map { ObjectBody.bytes($0) }
      ?? .stream(length: length) { try await source.next() }
    do {
      try await objects.put(FileKeys.object(id), body, mode: mode, type: content.contentType)
    } catch {
      throw source.failure ?? error
    }
    return source.finish()
  }

  /// Writes the document of a file whose bytes are stored. Afterwards it exists. Throws where the quota would be
  /// exceeded, or one of the steps does not hold; the bytes are there then, and it is known that they are no file's.
  ///
  /// Where nothing is known of the outcome the bytes must stay: there may be a document that needs them, and if not,
  /// `FileCare` finds them.
  ///
  /// - Parameter steps: what is written with it.
  func add(
    _ id: FileID, _ examined: ExaminedFile, name: String, owner: UserID,
    with steps: [TransactionStep] = []
  ) async throws -> StoredFile {
    let now = surroundings.now()
    let shown = examined.image?.shown
    let file = StoredFile(
      id: id, ownerID: owner, name: FileName(name, kind: examined.content.kind).text,
      content: examined.content, sizeBytes: examined.sizeBytes, sha256: examined.sha256,
      width: shown.map { Int($0.width) }, height: shown.map { Int($0.height) }, createdAt: now,
      metadata: examined.metadata, looseSince: now)
    _ = try await FileSpace.prepare(owner, in: documents)
    let insertion = TransactionStep.insert(try file.document(), into: StoredFile.schema.name)
    let taking = FileSpace.taking(file.sizeBytes, of: owner, quota: Int64(settings.quotaBytes))
    do throws(StoreError) {
      try await documents.transact([taking, insertion] + steps)
      return file
    } catch {
      guard error.kind == .conflict else { throw error }
      // The answer to an earlier attempt was lost, or another node was faster.
      if let known = try await find(id) { return known }
      throw overQuota
    }
  }

  /// Takes away bytes that belong to no document. What cannot be taken away now, `FileCare` takes later.
  func discardBytes(of id: FileID) async {
    do throws(StoreError) {
      try await objects.delete(FileKeys.object(id))
    } catch {
      logger.warning(
        "the bytes of a refused upload could not be deleted; they go later",
        metadata: ["file": "\(id)", "error": "\(error)"])
    }
  }

  private var overQuota: ServiceError {
    ServiceError(
      .tooLarge, "your files would take more than \(settings.quotaBytes) bytes together")
  }
}
