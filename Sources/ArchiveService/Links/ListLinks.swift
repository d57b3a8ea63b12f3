// Somebody looks which links there are to a file.

import ArchiveCore
import Uploads

/// Lists the links to a file, the newest first: one's own, and to who owns the file and to admins all of them.
struct ListLinks: Sendable {
  let links: Collection<FileLink>
  let files: Files
  let surroundings: Surroundings

  func callAsFunction(_ caller: Caller, _ id: FileID, limit: Int, cursor: String?) async throws
    -> PageView<LinkView>
  {
    let file = try await files.find(id, to: .pass, of: caller)
    var conditions = [file.links(for: caller)]
    if let cursor {
      guard let place = LinkID(cursor) else { throw ServiceError.invalidCursor }
      conditions.append(.less("id", place.stored))
    }
    let found = try await links.find(
      where: .and(conditions), sort: [.descending("id")], limit: limit + 1)
    let page = FoundPage(found, limit: limit)
    let now = surroundings.now()
    return PageView(
      items: page.items.map { LinkView($0, at: now) }, next: page.next(\.id.description))
  }
}

/// A link as those see it who may take it back. Nobody sees its token again.
struct LinkView: Encodable {
  private let id: LinkID
  private let fileId: FileID
  private let creatorId: UserID
  private let createdAt: Timestamp
  private let expiresAt: Timestamp
  private let maxUses: Int?
  private let uses: Int
  private let revokedAt: Timestamp?
  /// Why it is over; `nil` while it is good.
  private let end: String?

  init(_ link: FileLink, at now: Timestamp) {
    (id, fileId, creatorId) = (link.id, link.fileID, link.creatorID)
    (createdAt, expiresAt, revokedAt) = (link.createdAt, link.expiresAt, link.revokedAt)
    (maxUses, uses) = (link.uses.limit, link.uses.counted)
    end = link.life(at: now).end?.rawValue
  }
}

extension StoredFile {
  /// The links to it that a caller may see and take back.
  func links(for caller: Caller) -> Filter {
    let all = Filter.equal("fileId", id.stored)
    guard !RightsTable.mayRevokeLinks(to: self, caller) else { return all }
    return .and([all, .equal("creatorId", caller.userID.stored)])
  }
}
