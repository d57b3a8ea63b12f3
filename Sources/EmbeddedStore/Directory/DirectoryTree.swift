// The folders under which objects lie: found without following links, made so that they last.

import ArchiveCore
import Foundation
import Synchronization

/// The root folder, held open: were its volume unmounted and replaced, nothing would go astray.
final class DirectoryTree: Sendable {
  /// More than that many folders are not remembered as durable; each then costs one fsync again.
  private static let rememberedLimit = 8192

  let root: FileDescriptor
  let temporary: TemporaryFolder
  private let durable = Mutex<Set<String>>([])

  /// Opens the root, makes it when it is missing, and sweeps what dead writers left.
  init(path: String) throws(SystemFailure) {
    root = try Self.makeRoot(path)
    temporary = try TemporaryFolder(in: root)
    try temporary.sweep()
  }

  /// The folder that holds an object, and the object's name in it; `ENOENT` or `ENOTDIR` without.
  func place(of key: ObjectKey) throws(SystemFailure) -> (folder: FileDescriptor, name: String) {
    let (folders, name) = Self.split(key)
    var folder = root
    for segment in folders { folder = try folder.openFolder(segment) }
    return (folder, name)
  }

  /// The same, making the folders that are missing, all durable when this returns.
  func makePlace(of key: ObjectKey) throws(SystemFailure) -> (folder: FileDescriptor, name: String)
  {
    let (folders, name) = Self.split(key)
    var folder = root
    var path = ""
    for segment in folders {
      path += segment + "/"
      let (next, isNew) = try folder.openOrMakeFolder(segment)
      // A folder that somebody else has just made may not be durable yet, although it is there;
      // so each process syncs the folder above each folder once.
      if isNew || !isKnownDurable(path) {
        try folder.sync()
        remember(path)
      }
      folder = next
    }
    return (folder, name)
  }

  private func isKnownDurable(_ path: String) -> Bool {
    durable.withLock { $0.contains(path) }
  }

  private func remember(_ path: String) {
    durable.withLock { paths in
      if paths.count >= Self.rememberedLimit { paths.removeAll() }
      paths.insert(path)
    }
  }

  private static func split(_ key: ObjectKey) -> (folders: [String], name: String) {
    var segments = key.description.split(separator: "/").map(String.init)
    return (segments.isEmpty ? [] : Array(segments.dropLast()), segments.popLast() ?? "")
  }

  private static func makeRoot(_ path: String) throws(SystemFailure) -> FileDescriptor {
    do throws(SystemFailure) {
      return try FileDescriptor.folder(atPath: path)
    } catch  where error.code == ENOENT {
      let parent = (path as NSString).deletingLastPathComponent
      let above = try parent.isEmpty ? FileDescriptor.folder(atPath: ".") : makeRoot(parent)
      guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw SystemFailure("mkdir") }
      try above.sync()
      return try FileDescriptor.folder(atPath: path)
    }
  }
}
