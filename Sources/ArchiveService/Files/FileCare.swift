// Looks after files in the background: what nobody uses goes, and what was broken off is finished.

import ArchiveCore
import Logging

/// Works in rounds, on every node: each step is decided by a conditional write, so two nodes that do it do it once.
///
/// - Files that nothing has used for `unusedLifetime` go, and those whose deletion was broken off.
/// - Uploads whose bytes are all there become files; those that are over go, with their pieces.
/// - Now and then: objects that no document names, once they are older than `orphanGrace`.
struct FileCare: Sendable {
  let files: Files
  let remove: RemoveFile
  let complete: CompleteUpload

  private static let page = 100
  /// Rounds between two looks at all objects, and before the first: about a day, and an hour.
  private static let (roundsPerOrphanSearch, firstOrphanSearch) = (288, 12)

  /// Until cancelled. The first round is at once: what a crash left is finished soon.
  func run() async {
    var rounds = 0
    while !Task.isCancelled {
      await attempt("files that nothing uses could not be deleted") { try await removeUnused() }
      await attempt("uploads could not be finished") { try await finishUploads() }
      await attempt("uploads that are over could not be deleted") { try await removeExpired() }
      if rounds % Self.roundsPerOrphanSearch == Self.firstOrphanSearch {
        await attempt("objects without documents could not be looked for") {
          try await removeOrphans()
        }
      }
      rounds &+= 1
      do { try await files.surroundings.sleep(files.settings.careInterval) } catch { return }
    }
  }

  private func attempt(_ failure: String, _ work: () async throws -> Void) async {
    do {
      try await work()
    } catch {
      guard !Task.isCancelled else { return }
      files.logger.warning("\(failure)", metadata: ["error": "\(error)"])
    }
  }

  /// Looks at files that are loose for long. One that is used after all is loose no more.
  func removeUnused() async throws(StoreError) {
    let now = files.surroundings.now()
    let limit = now.advanced(by: .zero - files.settings.unusedLifetime)
    var place: PageCursor?
    repeat {
      // A deletion that was broken off is gone on with after a minute.
      let found = try await files.stored.find(
        where: .lessOrEqual("looseSince", .time(now.advanced(by: .seconds(-60)))),
        sort: [.ascending("looseSince")], limit: Self.page, after: place)
      for file in found where file.deletedAt != nil || file.looseSince.map({ $0 <= limit }) ?? false
      {
        if try await remove.ifUnused(file) {
          files.logger.info("deleted a file that nothing uses", metadata: ["file": "\(file.id)"])
        } else if try await remove.isUsed(file) {
          try await files.stored.update(where: file.isUnchanged, [.unset("looseSince")])
        }
      }
      place =
        found.count == Self.page
        ? found.last.flatMap { file in
          file.looseSince.map { PageCursor(values: [.time($0), file.id.stored]) }
        } : nil
    } while place != nil
  }

  /// What a process that died had not made a file of.
  func finishUploads() async throws {
    let uploads = Collection(ResumableUpload.self, in: files.documents)
    let ready = try await uploads.find(where: .equal("isReady", .bool(true)), limit: Self.page)
    for upload in ready {
      do {
        try await complete(upload)
      } catch let error as ServiceError {
        files.logger.info(
          "an upload became no file",
          metadata: ["upload": "\(upload.id)", "reason": "\(error.detail)"])
      }
    }
  }

  func removeExpired() async throws {
    let uploads = Collection(ResumableUpload.self, in: files.documents)
    while true {
      let over = try await uploads.find(
        where: .lessOrEqual("expiresAt", .time(files.surroundings.now())),
        sort: [.ascending("expiresAt")], limit: Self.page)
      for upload in over {
        // From now on no piece is added.
        try await complete.end(upload)
        try await uploads.delete(where: .id(upload.id.description))
      }
      guard over.count == Self.page else { return }
    }
  }

  /// Objects that no document names go; files whose bytes are missing are told of.
  func removeOrphans() async throws(StoreError) {
    let youngest = files.surroundings.now().advanced(by: .zero - files.settings.orphanGrace)
    let census = try await FileCensus.take(files.documents, files.objects, before: youngest)
    let count = try await census.removeOrphans()
    if count > 0 {
      files.logger.notice(
        "deleted objects that no document names", metadata: ["count": "\(count)"])
    }
    if !census.problems.isEmpty {
      files.logger.critical(
        "the bytes of files are missing or altered; run verify",
        metadata: ["count": "\(census.problems.count)"])
    }
  }
}
