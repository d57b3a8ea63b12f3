// Who may do what with a file, now.

import ArchiveCore

/// What somebody wants of a file.
enum FileRight: Sendable {
  /// To look at it. What people show as their own picture, everybody who is signed in may look at.
  case look
  /// To attach it to a message, or to make a link for others.
  case pass
}

/// One's own upload, or a file of a message that one can read.
///
/// Looked up at each question: whoever is removed from a conversation, or for whom a message is gone, has lost its files
/// with it. To everybody else a file does not exist, admins included, as conversations do not.
struct FileAccess: Sendable {
  private let uses: Collection<FileUse>
  private let members: Collection<Member>
  private let users: Collection<User>

  /// Uses of one file that are looked at in one query.
  private static let page = 100

  init(documents: any DocumentStore) {
    (uses, members) = (Collection(in: documents), Collection(in: documents))
    users = Collection(in: documents)
  }

  /// Throws `noSuchFile` unless the caller has the right.
  func check(_ right: FileRight, to file: StoredFile, of caller: Caller) async throws {
    guard file.deletedAt == nil else { throw ServiceError.noSuchFile }
    if file.ownerID == caller.userID { return }
    if try await isInReadableMessage(file.id, for: caller) { return }
    guard right == .look, try await isAvatar(file) else { throw ServiceError.noSuchFile }
  }

  /// Whether its owner shows it as the own picture.
  func isAvatar(_ file: StoredFile) async throws(StoreError) -> Bool {
    try await users.find(id: file.ownerID.description)?.profile.avatarFileID == file.id
  }

  private func isInReadableMessage(_ id: FileID, for caller: Caller) async throws -> Bool {
    var place: PageCursor?
    while true {
      let page = try await uses.find(
        where: FileUse.filter(of: id), sort: [.ascending("id")], limit: Self.page, after: place)
      if try await canRead(oneOf: page, caller) { return true }
      guard page.count == Self.page, let last = page.last else { return false }
      place = PageCursor(values: [.string(last.id)])
    }
  }

  private func canRead(oneOf uses: [FileUse], _ caller: Caller) async throws -> Bool {
    let ids = Set(uses.map { Member.id($0.conversationID, caller.userID) })
    guard !ids.isEmpty else { return false }
    let places = try await members.find(
      where: .oneOf("id", ids.sorted().map { .string($0) }), limit: ids.count)
    return places.contains { member in
      RightsTable.mayEnter(member, caller)
        && uses.contains {
          $0.conversationID == member.conversationID && $0.seq > member.hiddenSeq
        }
    }
  }
}

extension ServiceError {
  /// The one answer for files that do not exist and for those of others.
  static let noSuchFile = ServiceError(.notFound, "no such file")
}
