// Somebody makes a link to a file.

import ArchiveCore
import Uploads

/// Makes a link to a file that the caller may see. The token is in the answer and nowhere else.
struct CreateLink: Sendable {
  let documents: any DocumentStore
  let files: Files
  let addresses: LinkAddresses
  let audit: AuditLog
  let settings: ServiceSettings.Links
  let surroundings: Surroundings

  /// What a caller says of the link.
  struct Input: Decodable {
    /// In seconds.
    let expiresIn: Int64?
    let maxUses: Int64?
  }

  func callAsFunction(
    _ caller: Caller, _ id: FileID, _ input: Input, from origin: RequestOrigin
  ) async throws -> CreatedLink {
    let file = try await files.find(id, to: .pass, of: caller)
    try check(input)
    try await requireRoom(file.id, caller)
    let token = LinkToken(random: surroundings.randomBytes(LinkToken.randomBytes))
    let now = surroundings.now()
    let expiresAt = now.advanced(by: input.expiresIn.map { .seconds($0) } ?? settings.lifetime)
    let link = FileLink(
      id: LinkID(surroundings.newID()), tokenHash: token.hash, fileID: file.id,
      creatorID: caller.userID, sessionID: caller.sessionID, createdAt: now, expiresAt: expiresAt,
      uses: LinkUses(limit: input.maxUses.map { Int(clamping: $0) }), revokedAt: nil, version: 0,
      forgetAt: expiresAt.advanced(by: settings.memory))
    try await documents.transact([
      .insert(try link.document(), into: FileLink.schema.name),
      try audit.step(
        AuditEvent(
          .linkCreated, actor: caller.userID, from: origin, detail: link.auditDetail)),
    ])
    return CreatedLink(link, token, url: addresses.url(token.text, file.fileName))
  }

  private func check(_ input: Input) throws {
    var errors = FieldErrors()
    let longest = max(1, settings.lifetimeLimit.components.seconds)
    errors.require(
      (1...longest).contains(input.expiresIn ?? 1), "expiresIn", "is not 1 to \(longest) seconds")
    errors.require(
      (1...Int64(settings.usesLimit)).contains(input.maxUses ?? 1), "maxUses",
      "is not 1 to \(settings.usesLimit)")
    try errors.check()
  }

  private func requireRoom(_ id: FileID, _ caller: Caller) async throws {
    let good = Filter.and([
      .equal("fileId", id.stored), .equal("creatorId", caller.userID.stored),
      .missing("revokedAt"), .greater("expiresAt", .time(surroundings.now())),
    ])
    guard try await documents.count(FileLink.schema.name, where: good) < settings.fileLimit else {
      throw ServiceError(.conflict, "you have too many links to this file, take some back")
    }
  }
}

extension FileLink {
  /// What the audit log says of it.
  var auditDetail: [String: String] {
    ["linkId": id.description, "fileId": fileID.description]
  }
}

/// A new link as its maker sees it, once.
struct CreatedLink: Encodable {
  private let id: LinkID
  private let url: String
  private let token: String
  private let expiresAt: Timestamp
  private let maxUses: Int?

  init(_ link: FileLink, _ token: LinkToken, url: String) {
    (id, self.url, self.token) = (link.id, url, token.text)
    (expiresAt, maxUses) = (link.expiresAt, link.uses.limit)
  }
}
