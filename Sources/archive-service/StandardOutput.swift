// Standard output, unbuffered, so that a line is there when it is written.

import Foundation

/// Writes results.
enum StandardOutput {
  /// What nobody reads any more is lost.
  static func write(line: String) { _ = write(Array((line + "\n").utf8)) }

  /// False where nobody reads any more.
  static func write(_ bytes: [UInt8]) -> Bool { DescriptorWriter.write(bytes, to: 1) }
}

/// Writes everything to a descriptor, however many calls that takes.
enum DescriptorWriter {
  static func write(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
    bytes.withUnsafeBytes { bytes in
      var rest = bytes[...]
      while !rest.isEmpty {
        let slice = UnsafeRawBufferPointer(rebasing: rest)
        let count = Foundation.write(descriptor, slice.baseAddress, slice.count)
        if count < 0 && errno == EINTR { continue }
        guard count > 0 else { return false }
        rest = rest.dropFirst(count)
      }
      return true
    }
  }
}
