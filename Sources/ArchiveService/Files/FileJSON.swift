// Files as the HTTP interface shows them.

import ArchiveCore
import Uploads

/// What an upload is answered with, and what its owner and those who have it in a conversation are told of it.
struct FileView: Encodable {
  let id: FileID
  let name: String
  let contentType: String
  let size: Int64
  let sha256: String
  let width: Int?
  let height: Int?
  let createdAt: Timestamp

  init(_ file: StoredFile) {
    (id, name, contentType) = (file.id, file.name, file.content.contentType)
    (size, sha256, createdAt) = (file.sizeBytes, file.sha256, file.createdAt)
    (width, height) = (file.width, file.height)
  }
}
