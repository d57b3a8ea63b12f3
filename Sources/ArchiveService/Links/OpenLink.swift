// From the token of an address to the file that its bearer may have.

import ArchiveCore
import Uploads

/// What a token lets its bearer fetch, as of now.
struct OpenedFile: Sendable {
  /// By what right.
  enum Right: Sendable {
    /// A link that somebody handed out.
    case link(FileLink)
    /// One that a member got by themselves.
    case member(MemberToken)
  }

  let right: Right
  let file: StoredFile
  let variant: FileVariant
  let served: ServedObject
  let life: LinkLife
  /// To be saved, whatever it is.
  let wantsAttachment: Bool

  /// A link whose uses are counted and run out.
  var isLimited: Bool { life.uses.limit != nil }
}

/// Finds what a token is good for, at this very moment: nothing of it is remembered. So what is taken back on one node is
/// taken back on all.
struct OpenLink: Sendable {
  let links: Collection<FileLink>
  let tokens: MemberTokens
  let rights: LinkRights
  let desk: PictureDesk
  let scan: FileScan
  let now: @Sendable () -> Timestamp

  /// Throws `notFound` for what is no token, `gone` for one that is over.
  func callAsFunction(_ text: String) async throws -> OpenedFile {
    if let token = LinkToken(text: text) { return try await open(token) }
    if let token = tokens.token(text) { return try await open(token) }
    throw ServiceError.noSuchDownload
  }

  /// Throws where it is over by now; for what goes on for long.
  func again(_ opened: OpenedFile) async throws {
    switch opened.right {
    case .link(let link):
      guard let link = try await links.find(id: link.id.description) else {
        throw ServiceError.noSuchDownload
      }
      // The use that goes on may be the last one.
      let life = LinkLife(
        remaining: link.expiresAt.since(now()), isRevoked: link.revokedAt != nil)
      if let end = life.end { throw ServiceError.over(end) }
      _ = try await rights.file(of: link)
    case .member(let token): _ = try await rights.file(of: token)
    }
  }

  private func open(_ token: LinkToken) async throws -> OpenedFile {
    let found = try await links.find(where: .equal("tokenHash", .string(token.hash)), limit: 1)
    guard let link = found.first else { throw ServiceError.noSuchDownload }
    let life = link.life(at: now())
    if let end = life.end { throw ServiceError.over(end) }
    return try await opened(.link(link), try await rights.file(of: link), .original, life)
  }

  private func open(_ token: MemberToken) async throws -> OpenedFile {
    let life = LinkLife(remaining: token.expiresAt.since(now()))
    if let end = life.end { throw ServiceError.over(end) }
    return try await opened(.member(token), try await rights.file(of: token), token.variant, life)
  }

  private func opened(
    _ right: OpenedFile.Right, _ file: StoredFile, _ variant: FileVariant, _ life: LinkLife
  ) async throws -> OpenedFile {
    try await scan.require(file)
    var file = file
    if variant != .original { file.pictures = try await desk.pictures(of: file) }
    let isOwn = right.isOfOwner(of: file)
    guard let served = file.served(variant, asSent: isOwn) else {
      throw ServiceError.noSuchDownload
    }
    return OpenedFile(
      right: right, file: file, variant: variant, served: served, life: life,
      wantsAttachment: variant == .original && !isOwn && isBehindPreview(file, right))
  }

  /// A picture of which nobody can tell what is in it is looked at as its preview, which tells no more than what is to be
  /// seen. Whoever wants the very file saves it.
  private func isBehindPreview(_ file: StoredFile, _ right: OpenedFile.Right) -> Bool {
    guard case .member = right, file.metadata == .unknown else { return false }
    return desk.promises(file)
  }
}

extension OpenedFile.Right {
  /// Whoever uploaded a file gets it back as it was. What goes out by a link is for others, whoever made it.
  fileprivate func isOfOwner(of file: StoredFile) -> Bool {
    if case .member(let token) = self { token.userID == file.ownerID } else { false }
  }
}

/// The object that is sent, or a copy of it, and what is said of it.
struct ServedObject: Sendable {
  let key: ObjectKey
  let content: SniffedContent
  let name: FileName
  let sizeBytes: Int64
  let tag: EntityTag
  /// What is sent of it, where that is not all.
  var copy: CleanCopy?
}

extension StoredFile {
  var fileName: FileName { FileName(name, kind: content.kind) }

  /// `nil` for a variant that there is not.
  ///
  /// - Parameter asSent: with everything that is in it; others get it without its metadata.
  func served(_ variant: FileVariant, asSent: Bool) -> ServedObject? {
    guard variant != .original else {
      let key = FileKeys.object(id)
      if !asSent, case .removable(let copy) = metadata {
        return ServedObject(
          key: key, content: content, name: fileName, sizeBytes: copy.sizeBytes,
          tag: EntityTag(strong: "\(sha256)-clean"), copy: copy)
      }
      return ServedObject(
        key: key, content: content, name: fileName, sizeBytes: sizeBytes,
        tag: EntityTag(strong: sha256))
    }
    return pictures?[variant].map { picture in
      ServedObject(
        key: PictureKeys.object(id, variant), content: SniffedContent(.webp), name: pictureName,
        sizeBytes: picture.sizeBytes, tag: EntityTag(strong: picture.sha256))
    }
  }

  /// The name of a picture that was made of it.
  var pictureName: FileName {
    let stem = fileName.ending.map { fileName.text.dropLast($0.count + 1) } ?? fileName.text[...]
    return FileName("\(stem).webp", kind: .webp)
  }
}
