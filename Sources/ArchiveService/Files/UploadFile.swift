// Somebody uploads a file in one request.

import ArchiveCore
import Uploads

/// Receives the file of a form. It is durable when this returns, and until then there is nothing of it for anybody.
///
/// The order is object, then document. Whatever ends it in between, the object is taken away again, by itself or, when
/// the process died, by `FileCare`.
struct UploadFile: Sendable {
  let files: Files
  let slots: UploadSlots

  func callAsFunction(_ caller: Caller, _ form: UploadForm) async throws -> StoredFile {
    try await slots.with(caller.userID) { try await receive(form, from: caller.userID) }
  }

  private func receive(_ form: UploadForm, from owner: UserID) async throws -> StoredFile {
    try await files.requireRoom(for: owner)
    let sent = try await form.beginFile()
    let id = StoredFile.newID(files.surroundings)
    let examined: ExaminedFile
    do {
      examined = try await files.storeBytes(of: id, mode: .create) { try await form.content() }
      try await form.finish()
      // What a browser sends for an input in which no file was chosen.
      guard !(sent.isEmpty && examined.sizeBytes == 0) else {
        throw ServiceError.field("file", "is missing")
      }
    } catch {
      await files.discardBytes(of: id)
      throw error
    }
    do {
      return try await files.add(id, examined, name: sent, owner: owner)
    } catch let error as ServiceError {
      await files.discardBytes(of: id)
      throw error
    }
  }
}
