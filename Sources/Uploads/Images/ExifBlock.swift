// The orientation in Exif data, and the directories of TIFF.

/// Exif data: a TIFF file in small (Exif 2.32, 4.5).
enum ExifBlock {
  static let mark = Array("Exif\0\0".utf8)

  /// With or without the mark before it; `nil` where it says nothing of an orientation, or nonsense.
  static func orientation(_ bytes: ArraySlice<UInt8>) -> ImageOrientation? {
    let reader = ByteReader(bytes.starts(with: mark) ? bytes.dropFirst(mark.count) : bytes)
    guard let order = TIFFOrder(reader), let place = order.long(reader, 4) else { return nil }
    return TIFFDirectory(reader, at: place, order)?.value(of: 274).flatMap {
      ImageOrientation(rawValue: $0)
    }
  }

  /// Data without the mark that says nothing but this: a directory with one field, tag 274, one SHORT.
  static func saying(_ orientation: ImageOrientation) -> [UInt8] {
    [0x4D, 0x4D, 0, 0x2A, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1]
      + [0, UInt8(orientation.rawValue), 0, 0, 0, 0, 0, 0]
  }
}

/// Which end of a number comes first in a TIFF file (TIFF 6.0, section 2).
struct TIFFOrder: Sendable {
  private let isBig: Bool

  init?(_ reader: ByteReader) {
    if reader.has([0x49, 0x49, 0x2A, 0x00], at: 0) {
      isBig = false
    } else if reader.has([0x4D, 0x4D, 0x00, 0x2A], at: 0) {
      isBig = true
    } else {
      return nil
    }
  }

  func short(_ reader: ByteReader, _ offset: Int) -> Int? { reader.number(offset, 2, isBig: isBig) }
  func long(_ reader: ByteReader, _ offset: Int) -> Int? { reader.number(offset, 4, isBig: isBig) }
}

/// One directory of a TIFF file: fields of twelve bytes.
struct TIFFDirectory {
  /// More fields than any camera writes.
  static let fieldLimit = 1024
  private var values: [Int: Int] = [:]

  /// - Parameter place: where it begins in what the reader has.
  init?(_ reader: ByteReader, at place: Int, _ order: TIFFOrder) {
    guard let count = order.short(reader, place), count <= Self.fieldLimit else { return nil }
    for index in 0..<count {
      let field = place + 2 + 12 * index
      guard let tag = order.short(reader, field), let type = order.short(reader, field + 2),
        let number = order.long(reader, field + 4)
      else { return }
      // The first value of SHORT and LONG fields that stand in the field itself.
      guard number == 1 else { continue }
      switch type {
      case 3: values[tag] = values[tag] ?? order.short(reader, field + 8)
      case 4: values[tag] = values[tag] ?? order.long(reader, field + 8)
      default: break
      }
    }
  }

  /// The field's value, where it is one number.
  func value(of tag: Int) -> Int? { values[tag] }
}

/// The first image of a TIFF file. Its directory may stand anywhere; before the header it cannot.
struct TIFFFormat: ImageFormat {
  private var order: TIFFOrder?
  let first = 0..<8

  mutating func read(
    _ bytes: ByteReader, at offset: Int, _ header: inout ImageHeader?
  ) -> Range<Int>? {
    guard let order else {
      order = TIFFOrder(bytes)
      guard let place = order?.long(bytes, 4), place >= 8 else { return nil }
      return range(place, 2)
    }
    guard bytes.count > 2 else {
      guard let count = order.short(bytes, 0), (1...TIFFDirectory.fieldLimit).contains(count) else {
        return nil
      }
      return range(offset, 2 + 12 * count)
    }
    guard let directory = TIFFDirectory(bytes, at: 0, order), let width = directory.value(of: 256),
      let height = directory.value(of: 257)
    else { return nil }
    let orientation = directory.value(of: 274).flatMap { ImageOrientation(rawValue: $0) }
    header = PixelSize(width: width, height: height).map {
      ImageHeader($0, orientation ?? .upright)
    }
    return nil
  }
}
