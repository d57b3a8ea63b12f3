// Metadata of JPEG files.

/// Walks the segments (ITU-T T.81, annex B). Of application segments it keeps those without which colours would be wrong:
/// JFIF, ICC profiles, Adobe's. Exif data becomes Exif data that says nothing but the orientation. Behind the end there may
/// be whole other pictures with metadata of their own (CIPA DC-007), which go.
struct JPEGMetadata: MetadataFormat {
  let headBytes = 2
  private(set) var isBegun = false
  private var hasOrientation = false

  mutating func read(_ head: [UInt8]) -> MetadataStep? {
    let bytes = ByteReader(head)
    guard bytes[0] == 0xFF, let marker = bytes[1] else { return nil }
    guard isBegun else {
      isBegun = marker == 0xD8
      return isBegun ? .keep(2) : nil
    }
    switch marker {
    // One of several fill bytes (B.1.1.2).
    case 0xFF: return .keep(1)
    case 0x01, 0xD0...0xD7: return .keep(2)
    case 0xD9: return .end(2)
    case 0, 0xD8: return nil
    default: break
    }
    guard let length = bytes.big16(2) else { return .need(4) }
    guard length >= 2 else { return nil }
    let whole = Int64(2 + length)
    switch marker {
    case 0xDA: return .pixels(whole)
    case 0xE0: return keeps("JFIF\0", bytes, whole)
    case 0xE1: return exif(head, whole)
    case 0xE2: return keeps("ICC_PROFILE\0", bytes, whole)
    case 0xEE: return keeps("Adobe", bytes, whole)
    case 0xE3...0xEF, 0xFE: return .drop(whole)
    default: return .keep(whole)
    }
  }

  private func keeps(_ mark: StaticString, _ bytes: ByteReader, _ whole: Int64) -> MetadataStep {
    let seen = min(Int64(4 + mark.utf8CodeUnitCount), whole)
    if Int64(bytes.count) < seen { return .need(Int(seen)) }
    return bytes.has(mark, at: 4) ? .keep(whole) : .drop(whole)
  }

  private mutating func exif(_ head: [UInt8], _ whole: Int64) -> MetadataStep {
    guard !hasOrientation else { return .drop(whole) }
    guard head.count >= whole else { return .need(Int(whole)) }
    guard let orientation = ExifBlock.orientation(head.dropFirst(4)), orientation != .upright else {
      return .drop(whole)
    }
    hasOrientation = true
    let data = ExifBlock.mark + ExifBlock.saying(orientation)
    return .drop(whole, for: [0xFF, 0xE1, 0, UInt8(data.count + 2)] + data)
  }
}
