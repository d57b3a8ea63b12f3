// Metadata of PNG files.

/// Walks the chunks (PNG 3, 5.3) and keeps those that say how the picture looks and moves. Texts, times, Exif data, and
/// chunks of programs go.
struct PNGMetadata: MetadataFormat {
  private static let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
  private static let kept: Set<String> = [
    "IHDR", "PLTE", "IDAT", "tRNS", "gAMA", "cHRM", "sRGB", "iCCP", "sBIT", "bKGD", "pHYs", "hIST",
    "sPLT", "cICP", "mDCV", "cLLI", "acTL", "fcTL", "fdAT",
  ]
  private static let lengthLimit = Int(Int32.max)

  let headBytes = 8
  private(set) var isBegun = false

  mutating func read(_ head: [UInt8]) -> MetadataStep? {
    guard isBegun else {
      isBegun = head == Self.signature
      return isBegun ? .keep(8) : nil
    }
    guard let length = ByteReader(head).big32(0), length <= Self.lengthLimit else { return nil }
    let whole = Int64(length) + 12
    switch String(decoding: head[4..<8], as: UTF8.self) {
    case "IEND": return .end(whole)
    case "eXIf": return exif(head, length, whole)
    case let type: return Self.kept.contains(type) ? .keep(whole) : .drop(whole)
    }
  }

  private func exif(_ head: [UInt8], _ length: Int, _ whole: Int64) -> MetadataStep {
    // What is longer has a picture in it.
    guard length <= 64 << 10 else { return .drop(whole) }
    guard head.count >= 8 + length else { return .need(8 + length) }
    guard let orientation = ExifBlock.orientation(head[8..<(8 + length)]), orientation != .upright
    else { return .drop(whole) }
    let data = ExifBlock.saying(orientation)
    let checked = Array("eXIf".utf8) + data
    return .drop(
      whole, for: Self.bytes(UInt32(data.count)) + checked + Self.bytes(Self.checksum(checked)))
  }

  private static func bytes(_ number: UInt32) -> [UInt8] {
    [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: number >> UInt32($0)) }
  }

  /// CRC-32 as PNG has it (annex D), for the few bytes that are new.
  private static func checksum(_ bytes: [UInt8]) -> UInt32 {
    ~bytes.reduce(~0 as UInt32) { sum, byte in
      (0..<8).reduce(sum ^ UInt32(byte)) { rest, _ in
        rest & 1 == 1 ? rest >> 1 ^ 0xEDB8_8320 : rest >> 1
      }
    }
  }
}
