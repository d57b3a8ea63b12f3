// System calls on files and folders, each checked at once; no path ever passes a symbolic link.

import Foundation

/// An open file or folder, closed when the last holder lets go of it.
///
/// Names are single segments relative to a folder, so nothing can lead out of the tree.
final class FileDescriptor: Sendable {
  let number: Int32

  init(taking number: Int32) { self.number = number }

  deinit { close(number) }

  /// The folder at a path of the operator's choice; here alone a symbolic link may be followed.
  static func folder(atPath path: String) throws(SystemFailure) -> FileDescriptor {
    let number = retryingOnSignal { openat(AT_FDCWD, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
    guard number >= 0 else { throw SystemFailure("openat") }
    return FileDescriptor(taking: number)
  }

  func openFolder(_ name: String) throws(SystemFailure) -> FileDescriptor {
    try open(name, O_RDONLY | O_DIRECTORY)
  }

  /// The folder of that name, made when it was missing.
  func openOrMakeFolder(_ name: String) throws(SystemFailure)
    -> (folder: FileDescriptor, isNew: Bool)
  {
    let isNew = mkdirat(number, name, 0o700) == 0
    guard isNew || errno == EEXIST else { throw SystemFailure("mkdirat") }
    return (try openFolder(name), isNew)
  }

  /// A regular file for reading; anything else is as good as missing.
  func openFile(_ name: String) throws(SystemFailure) -> (file: FileDescriptor, status: FileStatus)
  {
    // Without O_NONBLOCK a foreign named pipe would hold the thread for ever.
    let file = try open(name, O_RDONLY | O_NONBLOCK)
    let status = try file.status()
    guard status.isFile else { throw SystemFailure("open", code: ENOENT) }
    return (file, status)
  }

  /// A new file for writing; `EEXIST` when the name is taken.
  func makeFile(_ name: String) throws(SystemFailure) -> FileDescriptor {
    try open(name, O_WRONLY | O_CREAT | O_EXCL)
  }

  func open(_ name: String, _ flags: Int32) throws(SystemFailure) -> FileDescriptor {
    let descriptor = retryingOnSignal {
      openat(number, name, flags | O_NOFOLLOW | O_CLOEXEC, 0o600)
    }
    guard descriptor >= 0 else { throw SystemFailure("openat") }
    return FileDescriptor(taking: descriptor)
  }

  func status() throws(SystemFailure) -> FileStatus {
    var raw = stat()
    guard fstat(number, &raw) == 0 else { throw SystemFailure("fstat") }
    return FileStatus(raw)
  }

  func status(of name: String) throws(SystemFailure) -> FileStatus {
    var raw = stat()
    guard fstatat(number, name, &raw, AT_SYMLINK_NOFOLLOW) == 0 else {
      throw SystemFailure("fstatat")
    }
    return FileStatus(raw)
  }

  /// All the bytes, however many calls it takes.
  func write(_ bytes: [UInt8]) throws(SystemFailure) {
    var written = 0
    while written < bytes.count {
      let count = bytes.withUnsafeBytes { buffer in
        retryingOnSignal {
          Foundation.write(
            number, buffer.baseAddress?.advanced(by: written), buffer.count - written)
        }
      }
      guard count > 0 else { throw SystemFailure("write", code: count == 0 ? EIO : errno) }
      written += count
    }
  }

  /// Up to `count` bytes at the offset; fewer only at the end of the file.
  func read(at offset: Int64, count: Int) throws(SystemFailure) -> [UInt8] {
    var failure: SystemFailure?
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      while filled < count {
        let got = retryingOnSignal {
          pread(
            number, buffer.baseAddress?.advanced(by: filled), count - filled,
            off_t(offset) + off_t(filled))
        }
        if got < 0 { failure = SystemFailure("pread") }
        guard got > 0 else { return }
        filled += got
      }
    }
    if let failure { throw failure }
    return bytes
  }

  /// Makes content durable, or, for a folder, its names.
  ///
  /// Never repeated after a failure: the kernel may have dropped the pages and would then lie.
  func sync() throws(SystemFailure) {
    guard retryingOnSignal({ fsync(number) }) == 0 else { throw SystemFailure("fsync") }
  }

  func unlink(_ name: String) throws(SystemFailure) {
    guard unlinkat(number, name, 0) == 0 else { throw SystemFailure("unlinkat") }
  }

  /// The names in this folder for which `isWanted` holds, with their kind; in no order.
  func forEachEntry(_ visit: (FolderEntry) throws(SystemFailure) -> Void) throws(SystemFailure) {
    // A fresh descriptor, since the position in the folder belongs to the descriptor.
    let number = retryingOnSignal { openat(self.number, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
    guard number >= 0 else { throw SystemFailure("openat") }
    guard let stream = fdopendir(number) else {
      let failure = SystemFailure("fdopendir")
      close(number)
      throw failure
    }
    defer { closedir(stream) }
    while true {
      errno = 0
      guard let raw = readdir(stream) else { break }
      guard let entry = FolderEntry(raw) else { continue }
      try visit(entry)
    }
    guard errno == 0 else { throw SystemFailure("readdir") }
  }
}

/// Calls again as long as a signal interrupted the call.
func retryingOnSignal<Number: SignedInteger>(_ call: () -> Number) -> Number {
  while true {
    let result = call()
    guard result < 0, errno == EINTR else { return result }
  }
}
