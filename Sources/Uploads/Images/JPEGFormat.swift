// Dimensions and orientation of JPEG images.

/// Walks the segments up to the frame header (ITU-T T.81, B.1.1 and B.2.2). The orientation stands in the segment APP1
/// with Exif data, which comes before.
struct JPEGFormat: ImageFormat {
  private var orientation = ImageOrientation.upright
  private static let exifMarker = 0xE1

  let first = 0..<6

  mutating func read(
    _ bytes: ByteReader, at offset: Int, _ header: inout ImageHeader?
  ) -> Range<Int>? {
    if offset == 0 {
      guard bytes.big16(0) == 0xFFD8 else { return nil }
      return segment(bytes, 2, at: 2, &header)
    }
    return segment(bytes, 0, at: offset, &header)
  }

  /// A marker and the length behind it, or the whole of a segment that is of interest.
  private mutating func segment(
    _ bytes: ByteReader, _ start: Int, at offset: Int, _ header: inout ImageHeader?
  ) -> Range<Int>? {
    guard bytes[start] == 0xFF, let marker = bytes[start + 1].map({ Int($0) }) else { return nil }
    // Fill bytes before a marker (B.1.1.2), and markers without a segment.
    if marker == 0xFF { return range(offset + 1, 4) }
    if marker == 0x01 || (0xD0...0xD7).contains(marker) { return range(offset + 2, 4) }
    // The end, or pixels before any frame.
    if marker == 0xD9 || marker == 0xDA || marker == 0 { return nil }
    guard let length = bytes.big16(start + 2), length >= 2 else { return nil }
    let isFrame = (0xC0...0xCF).contains(marker) && ![0xC4, 0xC8, 0xCC].contains(marker)
    if isFrame {
      guard let height = bytes.big16(start + 5), let width = bytes.big16(start + 7) else {
        // Only its beginning was asked for; whatever follows, this range is longer.
        return bytes.count < 9 ? range(offset, 9) : nil
      }
      // No height means that it stands behind the first scan (B.2.5): unknown.
      header = PixelSize(width: width, height: height).map { ImageHeader($0, orientation) }
      return nil
    }
    if marker == Self.exifMarker, orientation == .upright {
      guard bytes.count - start >= length + 2 else {
        return bytes.count <= 6 ? range(offset, length + 2) : nil
      }
      let payload = bytes.slice(from: start + 4).prefix(length - 2)
      orientation = ExifBlock.orientation(payload) ?? .upright
    }
    return range(offset + 2 + length, 4)
  }
}
