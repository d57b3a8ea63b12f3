// Files as the rest of the service sees them, and how what is about them is put together.

import ArchiveCore
import Logging

/// The documents and objects of files.
struct Files: Sendable {
  let documents: any DocumentStore
  let objects: any ObjectStore
  let access: FileAccess
  let settings: ServiceSettings.Uploads
  let surroundings: Surroundings
  let logger: Logger
  let stored: Collection<StoredFile>
  let uses: Collection<FileUse>

  init(
    documents: any DocumentStore, objects: any ObjectStore, settings: ServiceSettings.Uploads,
    surroundings: Surroundings, logger: Logger
  ) {
    (self.documents, self.objects) = (documents, objects)
    (self.settings, self.surroundings, self.logger) = (settings, surroundings, logger)
    access = FileAccess(documents: documents)
    (stored, uses) = (Collection(in: documents), Collection(in: documents))
  }

  /// The collections of this feature.
  static let schemas = [
    StoredFile.schema.snapshotted, FileUse.schema.snapshotted, FileSpace.schema.snapshotted,
    ResumableUpload.schema, UploadPiece.schema,
  ]

  /// Those without which the archive would be nobody's files.
  static let snapshotted = [StoredFile.schema.name, FileUse.schema.name, FileSpace.schema.name]

  /// The file, unless it is deleted.
  func find(_ id: FileID) async throws(StoreError) -> StoredFile? {
    guard let file = try await stored.find(id: id.description), file.deletedAt == nil else {
      return nil
    }
    return file
  }

  /// Those of the files that are there and not deleted.
  func find(_ ids: [FileID]) async throws(StoreError) -> [FileID: StoredFile] {
    guard !ids.isEmpty else { return [:] }
    let found = try await stored.find(
      where: .and([.oneOf("id", ids.map(\.stored)), .missing("deletedAt")]), limit: ids.count)
    return Dictionary(found.map { ($0.id, $0) }) { first, _ in first }
  }

  /// The file, where the caller has the right to it; throws `noSuchFile` otherwise.
  func find(_ id: FileID, to right: FileRight, of caller: Caller) async throws -> StoredFile {
    guard let file = try await find(id) else { throw ServiceError.noSuchFile }
    try await access.check(right, to: file, of: caller)
    return file
  }
}
