// Metadata of WebP files.

/// Walks the chunks (RFC 9649, 2.3 to 2.7) and keeps those that are pixels, colours and animations. The length of the whole
/// stands in the first bytes, and an extended file says there too what it has, so both are written anew at the end.
struct WebPMetadata: MetadataFormat {
  private static let kept: Set<String> = ["VP8 ", "VP8L", "ALPH", "ANIM", "ANMF"]
  private static let (profileFlag, exifFlag, xmpFlag): (UInt8, UInt8, UInt8) = (0x20, 0x08, 0x04)
  private static let exifLimitBytes = 64 << 10

  /// Colours are not what they were without it, unless they are in sRGB.
  private let keepsProfile: Bool
  private(set) var isBegun = false
  /// Where the container ends, and how far it was read.
  private var end: Int64 = 0
  private var offset: Int64 = 0
  private var extended: [UInt8] = []
  private var orientation = ImageOrientation.upright

  init(keepsProfile: Bool = true) { self.keepsProfile = keepsProfile }

  var headBytes: Int { isBegun ? 8 : 12 }

  mutating func read(_ head: [UInt8]) -> MetadataStep? {
    let bytes = ByteReader(head)
    guard let length = bytes.little32(4) else { return nil }
    guard isBegun else {
      guard bytes.has("RIFF", at: 0), bytes.has("WEBP", at: 8) else { return nil }
      (isBegun, offset, end) = (true, 12, Int64(length) + 8)
      return .putBack(12)
    }
    // Whatever stands behind the container.
    guard offset < end else { return .end(0) }
    let whole = 8 + Int64(length) + Int64(length % 2)
    let type = String(decoding: head[..<4], as: UTF8.self)
    if type == "VP8X", extended.isEmpty {
      guard offset == 12, length >= 10 else { return nil }
      guard head.count >= 18 else { return .need(18) }
      extended = Array(head[..<18])
      extended[4] = 10
      offset += whole
      return .putBack(whole)
    }
    if type == "EXIF", orientation == .upright, length <= Self.exifLimitBytes {
      guard head.count >= 8 + length else { return .need(8 + length) }
      orientation = ExifBlock.orientation(head[8..<(8 + length)]) ?? .upright
    }
    offset += whole
    let isKept = Self.kept.contains(type) || keepsProfile && type == "ICCP"
    return isKept ? .keep(whole) : .drop(whole)
  }

  func seal(_ pieces: [CleanCopy.Piece]) -> [CleanCopy.Piece] {
    var (extended, tail): ([UInt8], [UInt8]) = (extended, [])
    if !extended.isEmpty {
      extended[8] &= ~(Self.exifFlag | Self.xmpFlag)
      if !keepsProfile { extended[8] &= ~Self.profileFlag }
      if orientation != .upright {
        extended[8] |= Self.exifFlag
        let data = ExifBlock.saying(orientation)
        tail = Array("EXIF".utf8) + Self.bytes(data.count) + data
      }
    }
    let body = pieces.reduce(0) { $0 + $1.sizeBytes } + Int64(extended.count + tail.count)
    let head = Array("RIFF".utf8) + Self.bytes(Int(clamping: body + 4)) + Array("WEBP".utf8)
    return [.new(head + extended)] + pieces + [.new(tail)]
  }

  private static func bytes(_ number: Int) -> [UInt8] {
    [0, 8, 16, 24].map { UInt8(truncatingIfNeeded: number >> $0) }
  }
}
