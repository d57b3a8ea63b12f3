// The sole writer of files: a name appears with its whole, durable content or not at all.

import ArchiveCore
import Foundation
import Synchronization

/// One file on its way: written aside, made durable, then given its name in one step.
///
/// Without `publish` nothing remains of it: `discard`, or letting go of it, deletes it; after the
/// death of the process the next start does. One caller at a time.
final class AtomicFile: Sendable {
  private let temporary: TemporaryFolder
  private let file: FileDescriptor
  private let name: String
  private let isAside = Mutex(true)

  init(in temporary: TemporaryFolder) throws(SystemFailure) {
    self.temporary = temporary
    (file, name) = try temporary.makeFile()
  }

  deinit { discard() }

  func append(_ bytes: [UInt8]) throws(SystemFailure) {
    try file.write(bytes)
  }

  /// Gives the file its name; durable when this returns.
  ///
  /// With `create`, exactly one of several wins, also across processes: `link` never replaces.
  func publish(as target: String, in folder: FileDescriptor, mode: PutMode) throws(SystemFailure) {
    try file.sync()
    try refuseForeign(target, in: folder)
    switch mode {
    case .create:
      guard linkat(temporary.descriptor.number, name, folder.number, target, 0) == 0 else {
        throw SystemFailure("linkat")
      }
      discard()
    case .replace:
      guard renameat(temporary.descriptor.number, name, folder.number, target) == 0 else {
        throw SystemFailure("renameat")
      }
      isAside.withLock { $0 = false }
    }
    try folder.sync()
  }

  /// Deletes the name under which it was written.
  func discard() {
    let wasAside = isAside.withLock { isAside in
      defer { isAside = false }
      return isAside
    }
    // A failure leaves a leftover for the next sweep, and must not hide why it was discarded.
    if wasAside { unlinkat(temporary.descriptor.number, name, 0) }
  }

  /// A folder, link or pipe under the object's name is not ours to replace.
  private func refuseForeign(_ target: String, in folder: FileDescriptor) throws(SystemFailure) {
    let status: FileStatus
    do throws(SystemFailure) {
      status = try folder.status(of: target)
    } catch  where error.code == ENOENT {
      return
    }
    guard status.isFile else { throw SystemFailure("fstatat", code: EISDIR) }
  }
}
