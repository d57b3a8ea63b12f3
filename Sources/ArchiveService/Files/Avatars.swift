// The pictures that people show as their own.

import ArchiveCore
import Uploads

/// Checks what somebody wants to show as the own picture, before the account says so.
struct Avatars: Sendable {
  let files: Files

  /// Lets the one picture be followed by the other. Throws a wrong field `avatarFileId` unless it is a picture that the
  /// user uploaded.
  ///
  /// Both are looked at in a day, by when the account says which of them is in use. So the old one goes, unless a message
  /// has it; nobody deletes the new one before the account names it; and wherever this ends, nothing is left behind.
  func change(from old: FileID?, to new: FileID?, of user: UserID) async throws {
    guard old != new else { return }
    if let new { try await requirePicture(new, of: user) }
    do throws(StoreError) {
      try await files.documents.transact(
        [old.map { lookAt($0, mustBe: false) }, new.map { lookAt($0, mustBe: true) }]
          .compactMap { $0 })
    } catch {
      throw error.kind == .conflict ? Self.unfit : error
    }
  }

  private static let unfit = ServiceError.field(
    "avatarFileId", "is no picture that you uploaded")

  private func requirePicture(_ id: FileID, of user: UserID) async throws {
    guard let file = try await files.find(id), file.ownerID == user, file.width != nil,
      file.content.isSafeInline
    else { throw Self.unfit }
  }

  private func lookAt(_ id: FileID, mustBe: Bool) -> TransactionStep {
    let file = Filter.and([.id(id.description), .missing("deletedAt")])
    return .update(
      Update(
        StoredFile.schema.name, where: file,
        [.increment("revision", 1), .set("looseSince", .time(files.surroundings.now()))]),
      mustMatch: mustBe)
  }
}
