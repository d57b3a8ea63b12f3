// A file goes.

import ArchiveCore

/// Deletes files: those that their owners delete, and those that nothing uses any more.
///
/// In steps, each safe to be killed in: mark the document, and from then on the file exists for nobody → delete the bytes
/// → delete the document and its uses, and give back the space. `FileCare` goes on where a process died.
struct RemoveFile: Sendable {
  let files: Files

  /// A file of a conversation that is in use for as long as somebody else attaches it: tried again that often.
  private static let attempts = 8
  private static let usesPerStep = 500

  /// The owner deletes a file, wherever it is used. Messages still name it; it cannot be fetched any more.
  func callAsFunction(_ caller: Caller, _ id: FileID) async throws {
    for _ in 0..<Self.attempts {
      let file = try await files.find(id, to: .pass, of: caller)
      guard RightsTable.mayDelete(file, caller) else {
        throw ServiceError(.forbidden, "only who uploaded a file deletes it")
      }
      if let marked = try await mark(file) { return try await finish(marked) }
    }
    throw ServiceError(.busy, "others keep using the file, try again", retryAfter: .seconds(1))
  }

  /// Deletes the file where nothing uses it. Returns whether it is gone.
  @discardableResult
  func ifUnused(_ file: StoredFile) async throws(StoreError) -> Bool {
    guard file.deletedAt == nil else {
      try await finish(file)
      return true
    }
    guard try await !isUsed(file) else { return false }
    // A use that came in since it was read raised the revision.
    guard let marked = try await mark(file) else { return false }
    try await finish(marked)
    return true
  }

  /// A message has it, or its owner shows it as the own picture.
  func isUsed(_ file: StoredFile) async throws(StoreError) -> Bool {
    let uses = FileUse.filter(of: file.id)
    if try await files.documents.count(FileUse.schema.name, where: uses) > 0 { return true }
    return try await files.access.isAvatar(file)
  }

  private func mark(_ file: StoredFile) async throws(StoreError) -> StoredFile? {
    let now = files.surroundings.now()
    return try await files.stored.update(
      where: file.isUnchanged,
      [.set("deletedAt", .time(now)), .set("looseSince", .time(now)), .increment("revision", 1)])
  }

  /// The rest, for a file that is marked.
  private func finish(_ file: StoredFile) async throws(StoreError) {
    try await files.objects.delete(FileKeys.object(file.id))
    if file.pictures?.made != nil {
      for key in PictureKeys.all(file.id) { try await files.objects.delete(key) }
    }
    while true {
      let uses = try await files.uses.find(
        where: FileUse.filter(of: file.id), limit: Self.usesPerStep)
      guard !uses.isEmpty else { break }
      try await files.documents.transact(
        uses.map { .delete(FileUse.schema.name, where: .id($0.id)) })
    }
    let isMarked = Filter.and([.id(file.id.description), .exists("deletedAt")])
    do {
      try await files.documents.transact([
        .expect(StoredFile.schema.name, where: isMarked),
        .delete(StoredFile.schema.name, where: .id(file.id.description)),
        FileSpace.giving(file.sizeBytes, to: file.ownerID),
      ])
    } catch  where error.kind == .conflict {
      // Somebody else went on with it and was first.
    }
  }
}
