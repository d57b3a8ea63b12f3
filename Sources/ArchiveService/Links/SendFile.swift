// The bytes of a file go out to who has a link.

import ArchiveCore
import Hummingbird
import Logging
import NIOCore
import Uploads

/// Streams an object to a connection as fast as that takes it, with one chunk in memory, and counts what it took.
struct SendFile: Sendable {
  /// What is written at once. A connection that takes nothing for a while keeps that much waiting.
  private static let pieceBytes = 128 << 10

  let objects: any ObjectStore
  let open: OpenLink
  let counter: LinkCounter
  let direct: DirectAddress?
  let settings: ServiceSettings.Links
  let surroundings: Surroundings

  /// The body of an answer. A use begins before the store is asked for anything, so that what is sent at once never
  /// exceeds what is left; it ends with the body, however that ends.
  func body(of opened: OpenedFile, _ range: ByteRange?, _ event: AuditEvent?) async throws
    -> ResponseBody
  {
    let served = opened.served
    let id = surroundings.newID().description
    if case .link(let link) = opened.right, let event { try await counter.begin(link, id, event) }
    let object: ServedBytes
    do {
      object = try await ServedBytes(served, range?.offsets, objects)
    } catch {
      if case .link(let link) = opened.right { await counter.release(link, id) }
      guard error.kind == .notFound else { throw error }
      guard opened.variant != .original else { throw ServiceError.fileIsGone }
      try await open.desk.forgetPictures(of: opened.file)
      throw PicturesForgotten()
    }
    let count = range?.count ?? served.sizeBytes
    let transfer = LinkTransfer(sizeBytes: served.sizeBytes, start: range?.first ?? 0)
    return ResponseBody(contentLength: Int(clamping: count)) { writer in
      var transfer = transfer
      do {
        try await pump(object, opened, id, &transfer, to: &writer)
      } catch {
        await end(opened, transfer, id)
        throw error
      }
      await end(opened, transfer, id)
      try await writer.finish(nil)
    }
  }

  /// Where the object store hands the file out itself; `nil` where this server does. A use that is counted goes through
  /// here: only who sends the bytes knows whether the last one was sent. So do small pictures: only who reads them knows
  /// whether they must be made anew.
  func elsewhere(_ opened: OpenedFile, _ fields: DownloadFields, _ event: AuditEvent?) async throws
    -> String?
  {
    let served = opened.served
    guard settings.redirects, let direct, !opened.isLimited, served.copy == nil,
      opened.variant == .original
    else { return nil }
    let address = try direct(
      DirectDownload(
        key: served.key, contentType: served.content.contentType,
        disposition: fields.disposition.value(for: served.name),
        lifetime: settings.redirectLifetime))
    if case .link(let link) = opened.right, let event { try await counter.pass(link, event) }
    return address
  }

  private func pump(
    _ object: ServedBytes, _ opened: OpenedFile, _ id: String, _ transfer: inout LinkTransfer,
    to writer: inout any ResponseBodyWriter
  ) async throws {
    var looked = surroundings.uptime()
    while let chunk = try await object.next() {
      var rest = ByteBuffer(bytes: chunk)
      while let piece = rest.readSlice(length: min(rest.readableBytes, Self.pieceBytes)),
        piece.readableBytes > 0
      {
        try await writer.write(piece)
        transfer.sent(piece.readableBytes)
      }
      guard surroundings.uptime() - looked >= settings.placeLifetime / 3 else { continue }
      looked = surroundings.uptime()
      try await open.again(opened)
      if case .link(let link) = opened.right { try await counter.keep(link, id) }
    }
  }

  private func end(_ opened: OpenedFile, _ transfer: LinkTransfer, _ id: String) async {
    if case .link(let link) = opened.right { await counter.end(link, transfer, id) }
  }
}
