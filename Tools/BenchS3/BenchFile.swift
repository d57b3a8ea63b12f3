// A file read in chunks, without Foundation and its memory.

import Crypto
import Glibc

/// An open file; for one reader at a time.
final class BenchFile: Sendable {
  private let descriptor: Int32
  let length: Int64

  init(_ path: String) throws(BenchError) {
    descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw BenchError("cannot open \(path)") }
    length = Int64(lseek(descriptor, 0, SEEK_END))
    guard length >= 0, lseek(descriptor, 0, SEEK_SET) == 0 else {
      throw BenchError("cannot seek in \(path)")
    }
  }

  deinit { close(descriptor) }

  /// The next bytes, at most `limit`; `nil` at the end.
  func next(_ limit: Int) throws(BenchError) -> [UInt8]? {
    var got = 0
    let chunk = [UInt8](unsafeUninitializedCapacity: limit) { buffer, count in
      got = read(descriptor, buffer.baseAddress, limit)
      count = max(0, got)
    }
    guard got >= 0 else { throw BenchError("cannot read") }
    return chunk.isEmpty ? nil : chunk
  }

  /// Everything that is left.
  func rest() throws(BenchError) -> [UInt8] {
    var bytes: [UInt8] = []
    while let chunk = try next(Int(length) - bytes.count) {
      if bytes.isEmpty { bytes = chunk } else { bytes += chunk }
      if bytes.count >= length { break }
    }
    return bytes
  }

  /// The hash of what is left, in hex.
  func sha256() throws(BenchError) -> String {
    var hash = SHA256()
    while let chunk = try next(64 << 10) { hash.update(data: chunk) }
    return hash.finalize().map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}

/// Why a measurement could not be made.
struct BenchError: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}
