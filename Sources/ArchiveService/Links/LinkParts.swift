// How what is about links is put together.

import ArchiveCore
import Logging
import Uploads

/// The handlers of links and downloads, and what they share.
struct LinkParts: Sendable {
  let links: LinkHandlers
  let downloads: DownloadHandlers
  private let desk: PictureDesk
  private let scan: FileScan

  init(
    _ common: AccountParts.Surrounding, desk: PictureDesk, scan: FileScan, callers: Callers,
    direct: DirectAddress?
  ) {
    (self.desk, self.scan) = (desk, scan)
    let (documents, surroundings, files) = (common.documents, common.surroundings, common.files)
    let (settings, collection) = (common.settings, Collection(FileLink.self, in: documents))
    let addresses = LinkAddresses(settings.http)
    let tokens = MemberTokens(secret: settings.auth.secret)
    links = LinkHandlers(
      createLink: CreateLink(
        documents: documents, files: files, addresses: addresses, audit: common.audit,
        settings: settings.links, surroundings: surroundings),
      listLinks: ListLinks(links: collection, files: files, surroundings: surroundings),
      revokeLinks: RevokeLinks(
        documents: documents, files: files, audit: common.audit, surroundings: surroundings),
      memberLinks: MemberLinks(
        files: files, tokens: tokens, desk: desk, addresses: addresses, settings: settings.links,
        now: surroundings.now),
      settings: settings.links, bodyLimitBytes: settings.http.bodyLimitBytes)
    let open = OpenLink(
      links: collection, tokens: tokens,
      rights: LinkRights(files: files, users: Collection(in: documents), callers: callers),
      desk: desk, scan: scan, now: surroundings.now)
    downloads = DownloadHandlers(
      open: open,
      send: SendFile(
        objects: files.objects, open: open,
        counter: LinkCounter(
          documents: documents, audit: common.audit, settings: settings.links,
          surroundings: surroundings, logger: common.logger),
        direct: direct, settings: settings.links, surroundings: surroundings))
  }

  /// Makes pictures and searches for viruses until cancelled.
  func run() async {
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await desk.work.run() }
      group.addTask { await scan.work.run() }
    }
  }
}
