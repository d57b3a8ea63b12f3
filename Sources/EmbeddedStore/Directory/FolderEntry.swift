// What a folder and an inode tell, as values.

import ArchiveCore
import Foundation

/// A name in a folder that could be a segment of an object's key; every other name is foreign.
struct FolderEntry {
  enum Kind { case file, folder, unknown, foreign }

  let name: String
  let kind: Kind

  /// `nil` for `.`, `..` and every name that no key can contain.
  init?(_ raw: UnsafeMutablePointer<dirent>) {
    let name = withUnsafePointer(to: &raw.pointee.d_name) { pointer in
      pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(validatingCString: $0) }
    }
    guard let name, ObjectKey(name) != nil else { return nil }
    self.name = name
    kind =
      switch Int32(raw.pointee.d_type) {
      case Int32(DT_REG): .file
      case Int32(DT_DIR): .folder
      case Int32(DT_UNKNOWN): .unknown
      default: .foreign
      }
  }
}

/// What an inode tells.
struct FileStatus {
  let isFile: Bool
  let isFolder: Bool
  let sizeBytes: Int64
  let modified: Timestamp
  /// How many names it has; 0 when it was deleted while open.
  let nameCount: Int

  init(_ raw: stat) {
    isFile = raw.st_mode & S_IFMT == S_IFREG
    isFolder = raw.st_mode & S_IFMT == S_IFDIR
    sizeBytes = Int64(raw.st_size)
    nameCount = Int(raw.st_nlink)
    let time = raw.st_mtim
    modified = Timestamp(milliseconds: 0).advanced(
      by: .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec))
  }
}
