// Headers of images, put together from the formats' descriptions.

@testable import Uploads

/// Images without pixels.
enum SampleImage {
  /// A TIFF directory with the given short fields; as a file, and as Exif data.
  static func tiff(_ fields: [(tag: Int, value: Int)], isBig: Bool, at place: Int = 8) -> [UInt8] {
    func number(_ value: Int, _ width: Int) -> [UInt8] {
      isBig ? Sample.big(value, width) : Sample.little(value, width)
    }
    var bytes = Sample.bytes(isBig ? "MM" : "II")
    bytes += number(42, 2)
    bytes += number(place, 4)
    bytes += [UInt8](repeating: 0, count: place - 8)
    bytes += number(fields.count, 2)
    for field in fields {
      bytes += number(field.tag, 2)
      bytes += number(3, 2)
      bytes += number(1, 4)
      bytes += number(field.value, 2)
      bytes += [0, 0]
    }
    return bytes + number(0, 4)
  }

  static func exif(_ orientation: Int, isBig: Bool = true) -> [UInt8] {
    tiff([(274, orientation)], isBig: isBig)
  }

  static func segment(_ marker: UInt8, _ content: [UInt8]) -> [UInt8] {
    [0xFF, marker] + Sample.big(content.count + 2, 2) + content
  }

  static func frame(_ width: Int, _ height: Int, marker: UInt8 = 0xC0) -> [UInt8] {
    let sides = Sample.big(height, 2) + Sample.big(width, 2)
    return segment(marker, [8] + sides + [1, 1, 0x11, 0])
  }

  static func jpeg(_ segments: [UInt8]...) -> [UInt8] {
    [0xFF, 0xD8] + Array(segments.joined()) + [0xFF, 0xDA]
  }

  static func chunk(_ type: String, _ content: [UInt8]) -> [UInt8] {
    let head = Sample.big(content.count, 4) + Sample.bytes(type)
    return head + content + [0, 0, 0, 0]
  }

  static func png(_ width: Int, _ height: Int, _ chunks: [UInt8]...) -> [UInt8] {
    let sides = Sample.big(width, 4) + Sample.big(height, 4)
    let start = [0x89] + Sample.bytes("PNG\r\n\u{1A}\n") + chunk("IHDR", sides + [8, 6, 0, 0, 0])
    return start + Array(chunks.joined()) + chunk("IEND", [])
  }

  static func gif(_ width: Int, _ height: Int) -> [UInt8] {
    Sample.bytes("GIF89a") + Sample.little(width, 2) + Sample.little(height, 2) + [0, 0, 0]
  }

  static func riffChunk(_ type: String, _ content: [UInt8]) -> [UInt8] {
    let padding: [UInt8] = content.count % 2 == 0 ? [] : [0]
    return Sample.bytes(type) + Sample.little(content.count, 4) + content + padding
  }

  static func lossyWebP(_ width: Int, _ height: Int) -> [UInt8] {
    let sides = Sample.little(width, 2) + Sample.little(height, 2)
    return Sample.riff("WEBP", riffChunk("VP8 ", [0, 0, 0, 0x9D, 0x01, 0x2A] + sides))
  }

  static func losslessWebP(_ width: Int, _ height: Int) -> [UInt8] {
    let sides = Sample.little((width - 1) | (height - 1) << 14, 4)
    return Sample.riff("WEBP", riffChunk("VP8L", [0x2F] + sides + [0, 0, 0, 0, 0]))
  }

  static func extendedWebP(_ width: Int, _ height: Int, exif: [UInt8]? = nil) -> [UInt8] {
    let sides = Sample.little(width - 1, 3) + Sample.little(height - 1, 3)
    let flags: UInt8 = exif == nil ? 0 : 8
    var chunks = riffChunk("VP8X", [flags, 0, 0, 0] + sides)
    chunks += riffChunk("VP8 ", [UInt8](repeating: 7, count: 4001))
    if let exif { chunks += riffChunk("EXIF", exif) }
    return Sample.riff("WEBP", chunks)
  }

  static func bmp(_ width: Int, _ height: Int) -> [UInt8] {
    let head = Sample.bytes("BM") + [UInt8](repeating: 0, count: 12)
    return head + Sample.little(40, 4) + Sample.little(width, 4) + Sample.little(height, 4)
  }

  static func coreBMP(_ width: Int, _ height: Int) -> [UInt8] {
    let head = Sample.bytes("BM") + [UInt8](repeating: 0, count: 12)
    return head + Sample.little(12, 4) + Sample.little(width, 2) + Sample.little(height, 2) + [
      1, 0, 8, 0,
    ]
  }

  /// One primary item with the given properties; before it one of another size, as thumbnails are.
  static func heif(
    _ width: Int, _ height: Int, turns: UInt8? = nil, mirror: UInt8? = nil, brand: String = "avif",
    aperture: [Int] = []
  ) -> [UInt8] {
    func extent(_ width: Int, _ height: Int) -> [UInt8] {
      Sample.box("ispe", Sample.big(0, 4) + Sample.big(width, 4) + Sample.big(height, 4))
    }
    var properties = extent(160, 120) + extent(width, height)
    var places: [UInt8] = [2]
    if !aperture.isEmpty {
      let offsets = Sample.big(0, 4) + Sample.big(1, 4) + Sample.big(0, 4) + Sample.big(1, 4)
      properties += Sample.box("clap", aperture.flatMap { Sample.big($0, 4) } + offsets)
      places.append(0x80 | UInt8(places.count + 2))
    }
    if let turns {
      properties += Sample.box("irot", [turns])
      places.append(0x80 | UInt8(places.count + 2))
    }
    if let mirror {
      properties += Sample.box("imir", [mirror])
      places.append(0x80 | UInt8(places.count + 2))
    }
    var entries = Sample.big(0, 4) + Sample.big(2, 4) + Sample.big(1, 2) + [1, 1]
    entries += Sample.big(2, 2) + [UInt8(places.count)] + places
    let known = Sample.box("iprp", Sample.box("ipco", properties) + Sample.box("ipma", entries))
    let primary = Sample.box("pitm", Sample.big(0, 4) + Sample.big(2, 2))
    let head = Sample.box("ftyp", Sample.bytes(brand) + Sample.big(0, 4))
    return head + Sample.box("free", [1, 2, 3])
      + Sample.box("meta", Sample.big(0, 4) + primary + known)
      + Sample.box("mdat", [0])
  }
}
