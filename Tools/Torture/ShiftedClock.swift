// A wall clock that is wrong, for one process.

import Foundation

/// The file that `scripts/torture/shifted_clock.c` reads the error from.
struct ShiftedClock: Sendable {
  private let library: String
  private let file: String

  init(library: String, file: String) throws {
    (self.library, self.file) = (library, file)
    try Data(count: MemoryLayout<Int64>.size).write(to: URL(filePath: file))
  }

  /// What the process is started with.
  var environment: [String: String] { ["LD_PRELOAD": library, "SHIFTED_CLOCK_FILE": file] }

  /// Makes it jump at once.
  func set(ahead seconds: Int) throws {
    // In place: the process has mapped this file and not its name.
    let handle = try FileHandle(forUpdating: URL(filePath: file))
    defer { try? handle.close() }
    try handle.write(contentsOf: withUnsafeBytes(of: Int64(seconds)) { Data($0) })
  }
}
