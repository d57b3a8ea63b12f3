// The two secrets of a deployment on their way to another place.

import ArchiveCore
import ArchiveService
import Foundation

/// What `migrate` takes along besides documents and objects, so that anchors verify and nobody has to sign in again.
struct CarriedKeys: Sendable {
  private let anchor: [UInt8]
  /// `nil` where it is lost; then the target makes its own.
  private let auth: [UInt8]?

  let anchorKey: AnchorKey

  /// Reads those of the source, and makes none. Throws where the archive was signed by another key.
  init(of settings: Settings, _ documents: any DocumentStore) async throws {
    let path = settings.dataDirectory + "/anchor.key"
    guard let anchor = try settings.anchorKey?.bytes ?? PrivateFile.read(path) else {
      throw FileFailure(
        "the key that signs the archive of --from is missing path=`\(path)`; put it back, or set archive.anchorKey "
          + "in the file or as ARCHIVE_FROM_ARCHIVE_ANCHORKEY")
    }
    guard let anchorKey = AnchorKey(anchor) else {
      throw FileFailure("the key that signs the archive is too short path=`\(path)`")
    }
    auth =
      try settings.authSecret?.bytes ?? PrivateFile.read(settings.dataDirectory + "/auth.secret")
    (self.anchor, self.anchorKey) = (anchor, anchorKey)
    let known = try await Collection(KeyRecord.self, in: documents).find(id: KeyRecord.documentID)
    guard known?.anchor ?? record.anchor == record.anchor else {
      throw CommandFailure(
        "the archive of --from was signed by another key than its anchor.key or archive.anchorKey")
    }
  }

  private var record: KeyRecord { KeyRecord(auth: auth ?? [], anchor: anchor) }

  /// Throws where the settings of the target name another key for the archive. Another `auth.secret` is allowed.
  func check(against target: Settings) throws {
    guard target.anchorKey?.bytes ?? anchor == anchor else {
      throw ConfigurationError(problems: [
        "archive.anchorKey of --to is not the key that signed the archive: remove it there, or give the same"
      ])
    }
  }

  /// Puts those into the target's data directory that its settings do not give.
  func put(into target: Settings, suffix: String) throws {
    if target.anchorKey == nil { try put(anchor, "anchor.key", target, suffix) }
    if let auth, target.authSecret == nil { try put(auth, "auth.secret", target, suffix) }
  }

  private func put(_ key: [UInt8], _ name: String, _ target: Settings, _ suffix: String) throws {
    let found = try PrivateFile.bytes(
      of: name, in: target.dataDirectory, orNew: { key }, suffix: suffix)
    guard found == key else {
      throw FileFailure(
        "the data directory of --to holds another deployment's key path=`\(target.dataDirectory)/\(name)`; "
          + "name another data.directory, or move that file away")
    }
  }
}
