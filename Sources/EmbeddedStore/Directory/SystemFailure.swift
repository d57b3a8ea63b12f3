// What the operating system answered, and what that means to a caller of the object store.

import ArchiveCore
import Foundation

/// A system call that failed, with its `errno`.
struct SystemFailure: Error, CustomStringConvertible {
  let call: String
  let code: Int32

  /// Reads `errno`; so this must come right behind the call.
  init(_ call: String) {
    self.init(call, code: errno)
  }

  init(_ call: String, code: Int32) {
    (self.call, self.code) = (call, code)
  }

  /// There is nothing under this path: no such name, or no folder where one would have to be.
  var meansNothingThere: Bool { [ENOENT, ENOTDIR, ELOOP].contains(code) }

  var description: String { "\(call): \(String(cString: strerror(code)))" }
}

extension StoreError {
  /// The one translation of `errno` for this engine.
  init(_ failure: SystemFailure, _ act: String, _ key: ObjectKey?) {
    let (kind, what, hint) = Self.meaning(of: failure.code)
    let place = key.map { " key=`\($0)`" } ?? ""
    self.init(kind, "\(what) act=`\(act)`\(place)", hint: hint, cause: failure)
  }

  private static func meaning(of code: Int32) -> (Kind, String, String?) {
    switch code {
    case ENOENT: (.notFound, "there is no such object", nil)
    case EEXIST: (.conflict, "the object exists", nil)
    case EISDIR, ENOTDIR, ELOOP:
      (
        .refused, "something that is not an object is in its place",
        "in a directory, no object's key may be the beginning of another's path; look there"
      )
    case ENOSPC, EDQUOT:
      (.unavailable, "the disk is full", "make room; nothing acknowledged is lost")
    case EIO: (.unavailable, "the disk reports an error", "look at the disk and the kernel's log")
    case EMFILE, ENFILE:
      (.unavailable, "too many files are open", "raise the limit of open files (ulimit -n)")
    case EACCES, EPERM:
      (.refused, "no permission", "let the server's user read and write the object directory")
    case EROFS: (.refused, "the file system is read-only", "mount it for writing")
    case EXDEV:
      (.refused, "the object directory spans file systems", "keep it on one file system")
    case EOPNOTSUPP:
      (.refused, "the file system lacks what is needed", "use one with hard links and fsync")
    case ENAMETOOLONG:
      (.refused, "the name is too long for the file system", "use one with names of 255 bytes")
    default: (.unavailable, "the file system failed", nil)
    }
  }
}
