// How much room is left on a disk.

import Foundation

/// Asks the file system.
enum FreeSpace {
  /// Bytes that are free where the path lies; `nil` where the file system does not say.
  static func bytes(at path: String) -> Int64? {
    do {
      let attributes = try FileManager.default.attributesOfFileSystem(forPath: path)
      return (attributes[.systemFreeSize] as? NSNumber)?.int64Value
    } catch {
      // A look that failed is no news; the next one comes soon.
      return nil
    }
  }
}
