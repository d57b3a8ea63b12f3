// Members get links to what they may see, without asking for each.

import ArchiveCore
import Uploads

/// Makes short-lived links for one session of one user. Nothing is written down: a link is a signed right, and what its
/// bearer may see is looked up when it is used.
///
/// Within one period all links to a file are the same, so that a browser keeps pictures that it has.
struct MemberLinks: Sendable {
  let files: Files
  let tokens: MemberTokens
  let desk: PictureDesk
  let addresses: LinkAddresses
  let settings: ServiceSettings.Links
  let now: @Sendable () -> Timestamp

  /// What a client asks for.
  struct Input: Decodable { let files: [String] }

  /// Links to those of the files that the caller may see, in the order in which they were asked for.
  func callAsFunction(_ caller: Caller, _ input: Input) async throws -> PageView<MemberLinkView> {
    guard input.files.count <= settings.batchLimit else {
      throw ServiceError.field("files", "are more than \(settings.batchLimit)")
    }
    let wanted = input.files.compactMap { FileID($0) }
    guard wanted.count == input.files.count else {
      throw ServiceError.field("files", "has what is no id")
    }
    var known = try await files.find(wanted)
    var views: [MemberLinkView] = []
    for id in wanted {
      // One that is named twice is answered once.
      guard let file = known.removeValue(forKey: id) else { continue }
      do {
        try await files.access.check(.look, to: file, of: caller)
        views.append(view(of: file, for: caller))
      } catch let error as ServiceError where error.kind == .notFound {
        // None, for this caller.
      }
    }
    return PageView(items: views, next: nil)
  }

  /// Links to a file that the caller may see.
  func view(of file: StoredFile, for caller: Caller) -> MemberLinkView {
    let end = expiry
    func url(_ variant: FileVariant, _ name: FileName) -> String {
      let token = MemberToken(
        fileID: file.id, userID: caller.userID, sessionID: caller.sessionID, expiresAt: end,
        variant: variant)
      return addresses.ownURL(tokens.text(of: token), name)
    }
    let hasPictures = desk.promises(file)
    return MemberLinkView(
      id: file.id, url: url(.original, file.fileName),
      previewURL: hasPictures ? url(.preview, file.pictureName) : nil,
      thumbnailURL: hasPictures ? url(.thumbnail, file.pictureName) : nil, expiresAt: end)
  }

  /// The end of the period after this one.
  private var expiry: Timestamp {
    let period = max(1, settings.memberLifetime.components.seconds)
    let seconds = now().milliseconds / 1000
    return Timestamp(milliseconds: (seconds / period + 2) * period * 1000)
  }
}

/// Where a member fetches a file for the next minutes.
struct MemberLinkView: Encodable, Sendable {
  let id: FileID
  let url: String
  /// Of pictures, as far as there are such.
  let previewURL: String?
  let thumbnailURL: String?
  let expiresAt: Timestamp
}
