// Small files in the data directory that only the server's user may read: secrets and the lock.

import ArchiveCore
import Foundation

/// What went wrong with a file of the data directory.
struct FileFailure: Error, CustomStringConvertible {
  let description: String

  init(_ act: String, _ path: String, code: Int32 = errno) {
    description = "cannot \(act) path=`\(path)`: \(String(cString: strerror(code)))"
  }

  init(_ description: String) { self.description = description }
}

/// Makes and reads such files.
enum PrivateFile {
  /// Makes the directory, readable by its owner alone, where it is missing.
  static func makeDirectory(_ path: String) throws {
    do {
      try FileManager.default.createDirectory(
        atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    } catch {
      throw FileFailure(
        "cannot make the data directory path=`\(path)`: \(error.localizedDescription)")
    }
  }

  /// The bytes of the file; where it is missing, the new ones, which are then in the file for good.
  ///
  /// Two processes that start at once agree: the name is given with `link`, which only one can do,
  /// and to a file that is whole and durable already.
  static func bytes(
    of name: String, in directory: String, orNew make: () -> [UInt8], suffix: String
  ) throws -> [UInt8] {
    let path = directory + "/" + name
    if let bytes = try read(path) { return bytes }
    let draft = path + ".new-" + suffix
    defer { unlink(draft) }
    try create(draft, make())
    if link(draft, path) != 0, errno != EEXIST { throw FileFailure("make", path) }
    try sync(directory)
    guard let bytes = try read(path) else { throw FileFailure("read", path, code: ENOENT) }
    return bytes
  }

  /// Throws where the directory does not take a durable file; leaves none.
  static func tryWriting(in directory: String, name: String) throws {
    let path = directory + "/" + name
    defer { unlink(path) }
    try create(path, [0])
    try sync(directory)
  }

  static func read(_ path: String) throws -> [UInt8]? {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    if file < 0, errno == ENOENT { return nil }
    guard file >= 0 else { throw FileFailure("read", path) }
    defer { close(file) }
    var buffer = [UInt8](repeating: 0, count: 4096)
    let count = Foundation.read(file, &buffer, buffer.count)
    guard count >= 0 else { throw FileFailure("read", path) }
    return Array(buffer.prefix(count))
  }

  private static func create(_ path: String, _ bytes: [UInt8]) throws {
    let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard file >= 0 else { throw FileFailure("make", path) }
    defer { close(file) }
    guard write(file, bytes, bytes.count) == bytes.count, fsync(file) == 0
    else { throw FileFailure("write", path) }
  }

  private static func sync(_ directory: String) throws {
    let file = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard file >= 0 else { throw FileFailure("open", directory) }
    defer { close(file) }
    guard fsync(file) == 0 else { throw FileFailure("write", directory) }
  }
}

/// The claim of one serving process on a data directory; it ends with the process, however that ends.
struct DirectoryLock: ~Copyable {
  private let file: Int32

  /// Throws where another process serves from the directory.
  init(_ directory: String) throws {
    let path = directory + "/lock"
    let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard file >= 0 else { throw FileFailure("open", path) }
    guard flock(file, LOCK_EX | LOCK_NB) == 0 else {
      let code = errno
      close(file)
      if code == EWOULDBLOCK {
        throw FileFailure(
          "another archive-service already serves from this data directory path=`\(directory)`")
      }
      throw FileFailure("lock", path, code: code)
    }
    self.file = file
  }

  deinit { close(file) }
}
