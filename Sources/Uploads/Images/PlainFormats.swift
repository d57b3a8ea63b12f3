// Formats whose dimensions stand at a fixed place: PNG, GIF, BMP.

/// PNG (W3C, third edition, 11.2.1 and 11.3.4.5): IHDR comes first, eXIf anywhere.
struct PNGFormat: ImageFormat {
  let first = 0..<33
  private static let headBytes = 8

  mutating func read(
    _ bytes: ByteReader, at offset: Int, _ header: inout ImageHeader?
  ) -> Range<Int>? {
    if offset == 0 {
      guard bytes.has("IHDR", at: 12), bytes.big32(8) == 13, let width = bytes.big32(16),
        let height = bytes.big32(20), width <= 0x7FFF_FFFF, height <= 0x7FFF_FFFF
      else { return nil }
      header = PixelSize(width: width, height: height).map { ImageHeader($0) }
      return header == nil ? nil : range(33, Self.headBytes)
    }
    guard let length = bytes.big32(0), length <= 0x7FFF_FFFF else { return nil }
    if bytes.has("eXIf", at: 4) {
      // Asked for with its content, once only its head is here.
      if bytes.count == Self.headBytes, length > 0 { return range(offset, Self.headBytes + length) }
      let orientation = ExifBlock.orientation(bytes.slice(from: Self.headBytes))
      header?.orientation = orientation ?? .upright
      return nil
    }
    return bytes.has("IEND", at: 4) ? nil : range(offset + 12 + length, Self.headBytes)
  }
}

/// GIF (89a, 18): the logical screen.
struct GIFFormat: ImageFormat {
  let first = 0..<10

  mutating func read(
    _ bytes: ByteReader, at offset: Int, _ header: inout ImageHeader?
  ) -> Range<Int>? {
    guard bytes.has("GIF8", at: 0), let width = bytes.little16(6), let height = bytes.little16(8)
    else { return nil }
    header = PixelSize(width: width, height: height).map { ImageHeader($0) }
    return nil
  }
}

/// BMP ([MS-WMF] 2.2.2): a core header with short sides, or an info header with signed ones.
struct BMPFormat: ImageFormat {
  let first = 0..<26

  mutating func read(
    _ bytes: ByteReader, at offset: Int, _ header: inout ImageHeader?
  ) -> Range<Int>? {
    guard bytes.has("BM", at: 0), let size = bytes.little32(14) else { return nil }
    let width = size == 12 ? bytes.little16(18) : signed(bytes, 18)
    let height = size == 12 ? bytes.little16(20) : signed(bytes, 22)
    guard let width, let height else { return nil }
    // A negative height says that the topmost line comes first.
    header = PixelSize(width: width, height: abs(height)).map { ImageHeader($0) }
    return nil
  }

  private func signed(_ bytes: ByteReader, _ offset: Int) -> Int? {
    bytes.little32(offset).map { Int(Int32(truncatingIfNeeded: $0)) }
  }
}
