// Whether a file may still be had by whom a link is bound to.

import ArchiveCore
import Uploads

/// Looks up, at each use of a link, what its owner may see now.
///
/// A link that somebody made is good as long as its maker may see the file. So who is removed from a conversation, or
/// whose account is out of use, leaves no doors behind.
struct LinkRights: Sendable {
  let files: Files
  let users: Collection<User>
  let callers: Callers

  /// The file of a link that somebody handed out; throws `gone` where it may not be had any more.
  func file(of link: FileLink) async throws -> StoredFile {
    guard let file = try await files.find(link.fileID) else { throw ServiceError.fileIsGone }
    guard let user = try await users.find(id: link.creatorID.description), user.isInUse else {
      throw ServiceError.over(.revoked)
    }
    // The session may be long over: what counts is what its user may see now.
    let maker = Caller(userID: user.id, sessionID: link.sessionID, role: user.role)
    return try await checked(.pass, file, maker)
  }

  /// The file of a link that a member got by themselves, with which session they did.
  func file(of token: MemberToken) async throws -> StoredFile {
    let caller: Caller
    do {
      caller = try await callers.caller(session: token.sessionID, of: token.userID)
    } catch let error as ServiceError where error.kind == .notSignedIn {
      throw ServiceError.over(.revoked)
    }
    guard let file = try await files.find(token.fileID) else { throw ServiceError.fileIsGone }
    return try await checked(.look, file, caller)
  }

  private func checked(_ right: FileRight, _ file: StoredFile, _ caller: Caller) async throws
    -> StoredFile
  {
    do {
      try await files.access.check(right, to: file, of: caller)
    } catch let error as ServiceError where error.kind == .notFound {
      throw ServiceError.over(.revoked)
    }
    return file
  }
}
