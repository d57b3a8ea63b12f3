// Films, sound and images in boxes, told apart by their brands.

/// ISO base media files (ISO/IEC 14496-12, 4.3): the box `ftyp` names a major brand and compatible ones.
enum ISOBrand {
  private static let brandLimit = 64

  static func kind(of reader: ByteReader) -> FileKind? {
    guard let size = reader.big32(0), (16...4096).contains(size), let major = brand(reader, 8)
    else { return nil }
    if let kind = kinds[major] { return kind }
    if major.hasPrefix("3g") { return .threeGP }
    // Canon's raw photos, among others, are boxes too.
    let compatible = compatibleBrands(reader, size)
    if major == "mif1" || major == "msf1" || major == "miaf" {
      let known = compatible.compactMap { kinds[$0] }
      return known.contains(.avif) ? .avif : known.contains(.heic) ? .heic : .heif
    }
    return compatible.contains { kinds[$0] == .mp4 } ? .mp4 : nil
  }

  private static let kinds: [String: FileKind] = [
    "avif": .avif, "avis": .avif,
    "heic": .heic, "heix": .heic, "heim": .heic, "heis": .heic, "hevc": .heic, "hevx": .heic,
    "M4A ": .m4a, "M4B ": .m4a, "qt  ": .quickTime,
    "isom": .mp4, "iso2": .mp4, "iso3": .mp4, "iso4": .mp4, "iso5": .mp4, "iso6": .mp4,
    "iso8": .mp4, "iso9": .mp4, "mp41": .mp4, "mp42": .mp4, "avc1": .mp4, "dash": .mp4,
    "M4V ": .mp4, "M4VH": .mp4, "M4VP": .mp4, "MSNV": .mp4, "f4v ": .mp4, "av01": .mp4,
  ]

  private static func compatibleBrands(_ reader: ByteReader, _ size: Int) -> [String] {
    let end = min(size, 16 + 4 * brandLimit)
    return stride(from: 16, to: end, by: 4).compactMap { brand(reader, $0) }
  }

  private static func brand(_ reader: ByteReader, _ offset: Int) -> String? {
    reader.slice(offset, 4).map { String(decoding: $0, as: UTF8.self) }
  }
}
