// Makes a gzip stream without compressing, so that a proxy needs no library for it.

/// Wraps bytes in gzip's format with stored blocks (RFC 1951 section 3.2.4, RFC 1952).
struct StoredGzip {
  private static let blockBytes = 65_535
  private static let table: [UInt32] = (0..<256).map { index in
    (0..<8).reduce(UInt32(index)) { value, _ in
      value & 1 == 1 ? value >> 1 ^ 0xEDB8_8320 : value >> 1
    }
  }

  private var checksum: UInt32 = 0xFFFF_FFFF
  private var count: UInt32 = 0

  /// Comes before everything else.
  static let header: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255]

  mutating func blocks(of bytes: [UInt8]) -> [UInt8] {
    var stream: [UInt8] = []
    for start in stride(from: 0, to: bytes.count, by: Self.blockBytes) {
      let block = bytes[start..<min(start + Self.blockBytes, bytes.count)]
      let length = UInt16(block.count)
      stream += [0] + Self.littleEndian(length) + Self.littleEndian(~length) + block
    }
    for byte in bytes {
      checksum = checksum >> 8 ^ Self.table[Int((checksum ^ UInt32(byte)) & 0xFF)]
    }
    count &+= UInt32(truncatingIfNeeded: bytes.count)
    return stream
  }

  /// Comes after everything else.
  var trailer: [UInt8] {
    [1, 0, 0, 0xFF, 0xFF] + Self.littleEndian(~checksum) + Self.littleEndian(count)
  }

  private static func littleEndian(_ value: some FixedWidthInteger) -> [UInt8] {
    stride(from: 0, to: value.bitWidth, by: 8).map { UInt8(truncatingIfNeeded: value >> $0) }
  }
}
