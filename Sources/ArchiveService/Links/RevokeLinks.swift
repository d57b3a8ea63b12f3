// Links are taken back.

import ArchiveCore
import Uploads

/// Takes back one link, or all to a file. From then on no node lets anybody in with it; what is being sent ends soon.
/// Taking it back again succeeds.
struct RevokeLinks: Sendable {
  /// Links that one transaction takes back.
  private static let batch = 100

  let documents: any DocumentStore
  let files: Files
  let audit: AuditLog
  let surroundings: Surroundings

  private var links: Collection<FileLink> { Collection(in: documents) }

  /// Throws `notFound` for a link that the caller may not take back: to them there is none.
  func callAsFunction(_ caller: Caller, _ id: LinkID, from origin: RequestOrigin) async throws {
    guard let link = try await links.find(id: id.description) else { throw ServiceError.noSuchLink }
    let file = try await files.find(link.fileID)
    guard RightsTable.mayRevoke(link, file, caller) else { throw ServiceError.noSuchLink }
    try await revoke([link], caller, origin)
  }

  /// All to a file that the caller may take back.
  func all(_ caller: Caller, of id: FileID, from origin: RequestOrigin) async throws {
    let file = try await files.find(id, to: .pass, of: caller)
    let good = Filter.and([
      file.links(for: caller), .missing("revokedAt"),
      .greater("expiresAt", .time(surroundings.now())),
    ])
    while true {
      let found = try await links.find(where: good, sort: [.descending("id")], limit: Self.batch)
      try await revoke(found, caller, origin)
      guard found.count == Self.batch else { return }
    }
  }

  private func revoke(_ found: [FileLink], _ caller: Caller, _ origin: RequestOrigin) async throws {
    let now = surroundings.now()
    let steps = try found.filter { $0.revokedAt == nil }.flatMap { link in
      [
        .update(
          Update(
            FileLink.schema.name, where: .id(link.id.description),
            [.set("revokedAt", .time(now)), .increment("version", 1)]), mustMatch: false),
        try audit.step(
          AuditEvent(
            .linkRevoked, actor: caller.userID, subject: link.creatorID, from: origin,
            detail: link.auditDetail)),
      ] as [TransactionStep]
    }
    if !steps.isEmpty { try await documents.transact(steps) }
  }
}
