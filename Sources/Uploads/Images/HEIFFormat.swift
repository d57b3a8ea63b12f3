// Dimensions and orientation of AVIF, HEIC and HEIF images.

/// Finds the box `meta` among the boxes of the file (ISO/IEC 14496-12, 4.2) and reads it whole.
struct HEIFFormat: ImageFormat {
  private static let headBytes = 16
  let first = 0..<16

  mutating func read(
    _ bytes: ByteReader, at offset: Int, _ header: inout ImageHeader?
  ) -> Range<Int>? {
    guard let box = ISOBox(bytes, at: 0, isLastAllowed: false) else { return nil }
    guard box.type == "meta" else {
      return advance(offset, box.size).flatMap { range($0, Self.headBytes) }
    }
    if bytes.count <= Self.headBytes, box.size > Self.headBytes { return range(offset, box.size) }
    header = HEIFMeta(bytes.slice(from: box.headBytes))?.header
    return nil
  }
}

/// The head of a box.
struct ISOBox {
  let type: String
  /// With the head.
  let size: Int
  let headBytes: Int

  /// - Parameter isLastAllowed: whether a size of nought, which means up to the end of what there is, makes sense.
  init?(_ bytes: ByteReader, at offset: Int, isLastAllowed: Bool = true) {
    guard let short = bytes.big32(offset), let name = bytes.slice(offset + 4, 4) else { return nil }
    type = String(decoding: name, as: UTF8.self)
    headBytes = short == 1 ? 16 : 8
    if short == 0 {
      guard isLastAllowed else { return nil }
      size = bytes.count - offset
    } else if short == 1 {
      guard let long = bytes.big64(offset + 8) else { return nil }
      size = long
    } else {
      size = short
    }
    guard size >= headBytes else { return nil }
  }

  /// The boxes in a run of bytes, up to the first that makes no sense. At most `limit`.
  static func all(in bytes: ArraySlice<UInt8>, limit: Int = 4096)
    -> [(type: String, content: ArraySlice<UInt8>)]
  {
    var boxes: [(type: String, content: ArraySlice<UInt8>)] = []
    let reader = ByteReader(bytes)
    var place = 0
    while boxes.count < limit, let box = ISOBox(reader, at: place),
      let content = reader.slice(place + box.headBytes, box.size - box.headBytes)
    {
      boxes.append((box.type, content))
      place += box.size
    }
    return boxes
  }
}

/// What the box `meta` says of the primary item (ISO/IEC 23008-12, 6.5.3, 6.5.10 and 6.5.12; 14496-12, 8.11).
struct HEIFMeta {
  private let properties: [(type: String, content: ArraySlice<UInt8>)]
  /// Places in `properties`, from 1, in the order in which they apply.
  private var ownPlaces: [Int] = []

  /// - Parameter content: the box without its head.
  init?(_ content: ArraySlice<UInt8>) {
    let boxes = ISOBox.all(in: content.dropFirst(4))
    guard
      let primary = boxes.first(where: { $0.type == "pitm" }).flatMap({ Self.itemID($0.content) }),
      let known = boxes.first(where: { $0.type == "iprp" })
    else { return nil }
    let parts = ISOBox.all(in: known.content)
    guard let container = parts.first(where: { $0.type == "ipco" }) else { return nil }
    properties = ISOBox.all(in: container.content)
    for part in parts where part.type == "ipma" && ownPlaces.isEmpty {
      ownPlaces = Self.associations(of: primary, ByteReader(part.content))
    }
  }

  var header: ImageHeader? {
    let own = ownPlaces.compactMap { $0 > 0 && $0 <= properties.count ? properties[$0 - 1] : nil }
    guard let extent = own.first(where: { $0.type == "ispe" }) else { return nil }
    let reader = ByteReader(extent.content)
    guard let width = reader.big32(4), let height = reader.big32(8) else { return nil }
    let turns = own.first { $0.type == "irot" }?.content.first.map { Int($0 & 3) } ?? 0
    let mirror = own.first { $0.type == "imir" }?.content.first.map { Int($0 & 1) }
    guard let stored = PixelSize(width: width, height: height) else { return nil }
    let aperture = own.first { $0.type == "clap" }.flatMap { Self.aperture($0.content, of: stored) }
    return ImageHeader(
      stored, Self.orientation(turns: turns, mirror: mirror), visible: aperture)
  }

  /// The clean aperture (14496-12, 12.1.4): sides as fractions, the rest is cut off. `nil` where it makes no sense.
  private static func aperture(_ content: ArraySlice<UInt8>, of stored: PixelSize) -> PixelSize? {
    let reader = ByteReader(content)
    func side(_ offset: Int, _ limit: Int) -> Int? {
      guard let above = reader.big32(offset), let below = reader.big32(offset + 4), below > 0 else {
        return nil
      }
      return (1...limit).contains(above / below) ? above / below : nil
    }
    guard let width = side(0, stored.width), let height = side(8, stored.height) else { return nil }
    return PixelSize(width: width, height: height)
  }

  private static func itemID(_ content: ArraySlice<UInt8>) -> Int? {
    let reader = ByteReader(content)
    return reader[0] == 0 ? reader.big16(4) : reader.big32(4)
  }

  /// Quarter turns against the clock, then a mirror: 0 changes top and bottom, 1 left and right.
  private static func orientation(turns: Int, mirror: Int?) -> ImageOrientation {
    let turned: [ImageOrientation] = [.upright, .turnedLeft, .turnedHalf, .turnedRight]
    let flipped: [ImageOrientation] = [.flipped, .transposed, .mirrored, .transversed]
    let mirrored: [ImageOrientation] = [.mirrored, .transversed, .flipped, .transposed]
    switch mirror {
    case nil: return turned[turns & 3]
    case 0: return flipped[turns & 3]
    default: return mirrored[turns & 3]
    }
  }

  /// The entries of the item in the box `ipma`; empty where it has none, or where the box makes no sense.
  private static func associations(of item: Int, _ reader: ByteReader) -> [Int] {
    guard let version = reader[0], let flags = reader[3], let count = reader.big32(4) else {
      return []
    }
    let (idBytes, placeBytes) = (version < 1 ? 2 : 4, flags & 1 == 0 ? 1 : 2)
    var place = 8
    for _ in 0..<min(count, reader.count) {
      guard let id = reader.number(place, idBytes, isBig: true),
        let entries = reader[place + idBytes]
      else { return [] }
      place += idBytes + 1
      if id == item {
        // The highest bit says that a reader must know the property.
        let mask = placeBytes == 1 ? 0x7F : 0x7FFF
        return (0..<Int(entries)).compactMap {
          reader.number(place + $0 * placeBytes, placeBytes, isBig: true).map { $0 & mask }
        }
      }
      place += Int(entries) * placeBytes
    }
    return []
  }
}
