// Dimensions and orientation of WebP images.

/// The three kinds of WebP (RFC 9649, 2.5 to 2.7; RFC 6386, 9.1). An extended one may have an Exif chunk at its end.
struct WebPFormat: ImageFormat {
  private static let headBytes = 8
  let first = 0..<30

  mutating func read(
    _ bytes: ByteReader, at offset: Int, _ header: inout ImageHeader?
  ) -> Range<Int>? {
    if offset == 0 { return firstChunk(bytes, &header) }
    guard let length = bytes.little32(4) else { return nil }
    if bytes.has("EXIF", at: 0) {
      if bytes.count == Self.headBytes, length > 0 { return range(offset, Self.headBytes + length) }
      let orientation = ExifBlock.orientation(bytes.slice(from: Self.headBytes))
      header?.orientation = orientation ?? .upright
      return nil
    }
    return next(behind: offset, length)
  }

  private func firstChunk(_ bytes: ByteReader, _ header: inout ImageHeader?) -> Range<Int>? {
    guard bytes.has("RIFF", at: 0), bytes.has("WEBP", at: 8), let length = bytes.little32(16) else {
      return nil
    }
    if bytes.has("VP8X", at: 12), let width = bytes.little24(24), let height = bytes.little24(27) {
      header = PixelSize(width: width + 1, height: height + 1).map { ImageHeader($0) }
      // Bit 3 of the flags says that there is Exif data.
      let hasExif = (bytes[20] ?? 0) & 8 != 0
      return hasExif ? next(behind: 12, length) : nil
    }
    header = (lossy(bytes) ?? lossless(bytes)).map { ImageHeader($0) }
    return nil
  }

  /// Chunks have even lengths; an odd one has a byte of padding.
  private func next(behind offset: Int, _ length: Int) -> Range<Int>? {
    range(offset + Self.headBytes + length + length % 2, Self.headBytes)
  }

  /// A key frame: three bytes of tag, a start code, and two sides of 14 bits.
  private func lossy(_ bytes: ByteReader) -> PixelSize? {
    guard bytes.has("VP8 ", at: 12), bytes.has([0x9D, 0x01, 0x2A], at: 23),
      let width = bytes.little16(26), let height = bytes.little16(28)
    else { return nil }
    return PixelSize(width: width & 0x3FFF, height: height & 0x3FFF)
  }

  /// A signature and two sides of 14 bits, each less one.
  private func lossless(_ bytes: ByteReader) -> PixelSize? {
    guard bytes.has("VP8L", at: 12), bytes[20] == 0x2F, let sides = bytes.little32(21) else {
      return nil
    }
    return PixelSize(width: (sides & 0x3FFF) + 1, height: (sides >> 14 & 0x3FFF) + 1)
  }
}
