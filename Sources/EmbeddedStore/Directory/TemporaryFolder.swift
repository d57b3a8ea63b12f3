// Where files are written before they get their name, and how leftovers of the dead are told apart.

import ArchiveCore
import Foundation
import Synchronization

/// A folder beside the objects, on their file system, for files on their way.
///
/// Its name is no segment of a key, so no key reaches it and no list shows it. Each file is locked
/// as long as its writer lives. That, unlike a process number, also tells the truth when two
/// containers share a volume, or when a command runs beside the server.
final class TemporaryFolder: Sendable {
  static let name = "@temp"
  /// For file systems without locks: what was not touched for so long is a leftover.
  private static let leftoverAge: Duration = .seconds(3600)

  let descriptor: FileDescriptor
  private let counter = Atomic<UInt64>(0)

  init(in root: FileDescriptor) throws(SystemFailure) {
    let (folder, isNew) = try root.openOrMakeFolder(Self.name)
    if isNew { try root.sync() }
    descriptor = folder
  }

  /// A new file that no sweep takes away, and its name.
  func makeFile() throws(SystemFailure) -> (file: FileDescriptor, name: String) {
    while true {
      let number = counter.wrappingAdd(1, ordering: .relaxed).newValue
      let name = "\(getpid())-\(number)"
      let file: FileDescriptor
      do throws(SystemFailure) {
        file = try descriptor.makeFile(name)
      } catch {
        // Somebody with our process number in another container; the next number is free.
        if error.code == EEXIST { continue }
        throw error
      }
      _ = retryingOnSignal { flock(file.number, LOCK_EX) }
      // Between the two calls a sweep that began just now may have taken it for a leftover.
      if try file.status().nameCount > 0 { return (file, name) }
    }
  }

  /// Deletes the files of writers that are dead. Returns how many.
  @discardableResult
  func sweep() throws(SystemFailure) -> Int {
    var names: [String] = []
    try descriptor.forEachEntry { (entry) throws(SystemFailure) in names.append(entry.name) }
    var deletedCount = 0
    for name in names where try isLeftover(name) {
      do throws(SystemFailure) {
        try descriptor.unlink(name)
        deletedCount += 1
      } catch  where error.code == ENOENT {
        continue  // Another process swept at the same time.
      }
    }
    return deletedCount
  }

  private func isLeftover(_ name: String) throws(SystemFailure) -> Bool {
    let file: FileDescriptor
    let status: FileStatus
    do throws(SystemFailure) {
      (file, status) = try descriptor.openFile(name)
    } catch  where error.code == ENOENT || error.code == ELOOP {
      return false
    }
    // The lock ends with `file`. Who makes a file at this moment waits for it, and then looks again.
    if flock(file.number, LOCK_EX | LOCK_NB) == 0 { return true }
    if errno == EWOULDBLOCK { return false }
    // Ages are told by the file system's own clock, that of a file made now.
    let (probe, probeName) = try makeFile()
    let now = try probe.status().modified
    try descriptor.unlink(probeName)
    return now.since(status.modified) > Self.leftoverAge
  }
}
