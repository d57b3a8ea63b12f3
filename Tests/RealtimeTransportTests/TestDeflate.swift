// Messages as a client compresses them.

import Gzip

enum TestDeflate {
  static func compress(_ bytes: [UInt8]) -> [UInt8] { MessageDeflater().compress(bytes) }

  static func decompress(_ bytes: [UInt8]) throws -> [UInt8] {
    try MessageInflater().decompress(bytes, limitBytes: 10_000_000)
  }
}
