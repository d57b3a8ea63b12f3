// The table of first bytes.

/// Bytes at one place that a kind of file begins with.
struct Signature: Sendable {
  private let offset: Int
  private let bytes: [UInt8]
  /// What it is, or `nil` where it only looked like it.
  private let kind: @Sendable (ByteReader) -> FileKind?

  private init(
    _ bytes: [UInt8], at offset: Int = 0, _ kind: @escaping @Sendable (ByteReader) -> FileKind?
  ) {
    (self.bytes, self.offset, self.kind) = (bytes, offset, kind)
  }

  private init(_ bytes: [UInt8], at offset: Int = 0, _ kind: FileKind) {
    self.init(bytes, at: offset) { _ in kind }
  }

  private init(_ text: String, at offset: Int = 0, _ kind: FileKind) {
    self.init(Array(text.utf8), at: offset) { _ in kind }
  }

  private init(
    _ text: String, at offset: Int = 0, _ kind: @escaping @Sendable (ByteReader) -> FileKind?
  ) {
    self.init(Array(text.utf8), at: offset, kind)
  }

  /// The first that fits; `nil` where none does.
  static func kind(of reader: ByteReader) -> FileKind? {
    for signature in table where reader.has(signature.bytes, at: signature.offset) {
      if let kind = signature.kind(reader) { return kind }
    }
    return nil
  }

  /// Long signatures before short ones. From the formats' own documents; where they are many, from IANA's registrations.
  private static let table: [Signature] = [
    Signature([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A], .png),
    Signature([0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1], OLESniffer.kind),
    Signature("GIF87a", .gif), Signature("GIF89a", .gif),
    Signature([0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C], .sevenZip),
    Signature([0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00], .xz),
    Signature("Rar!\u{1A}\u{7}\u{0}", .rar), Signature("Rar!\u{1A}\u{7}\u{1}\u{0}", .rar),
    Signature("%PDF-", .pdf), Signature("{\\rtf", .rtf),
    Signature("#!AMR", .amr), Signature("ustar", at: 257, .tar),
    Signature("RIFF", riff), Signature("ftyp", at: 4, ISOBrand.kind),
    Signature("moov", at: 4, oldFilm), Signature("wide", at: 4, oldFilm),
    Signature("PK\u{3}\u{4}", ZipSniffer.kind),
    // An archive without entries.
    Signature("PK\u{5}\u{6}", .zip),
    Signature([0x1A, 0x45, 0xDF, 0xA3], MatroskaSniffer.kind),
    Signature("OggS", OggSniffer.kind), Signature("fLaC", .flac),
    Signature([0x49, 0x49, 0x2A, 0x00], .tiff), Signature([0x4D, 0x4D, 0x00, 0x2A], .tiff),
    Signature([0x28, 0xB5, 0x2F, 0xFD], .zstd), Signature("BZh", bzip2),
    Signature([0x00, 0x00, 0x01, 0x00], icon),
    Signature([0xFF, 0xD8, 0xFF], .jpeg), Signature([0x1F, 0x8B, 0x08], .gzip),
    Signature("ID3", .mp3), Signature("BM", bmp), Signature([0xFF], MPEGAudioSniffer.kind),
  ]

  /// Films of the time before brands. The size before the name tells them from a text with that word in it.
  private static func oldFilm(_ reader: ByteReader) -> FileKind? {
    reader[0] == 0 ? .quickTime : nil
  }

  private static func riff(_ reader: ByteReader) -> FileKind? {
    if reader.has("WEBP", at: 8) { return .webp }
    if reader.has("WAVE", at: 8) { return .wav }
    return reader.has("AVI ", at: 8) ? .avi : nil
  }

  /// Two letters are few: the header's size and the four bytes that are always zero must fit as well.
  private static func bmp(_ reader: ByteReader) -> FileKind? {
    guard let header = reader.little32(14), [12, 40, 52, 56, 64, 108, 124].contains(header),
      reader.little32(6) == 0
    else { return nil }
    return .bmp
  }

  /// A directory with at least one entry, whose image lies behind it.
  private static func icon(_ reader: ByteReader) -> FileKind? {
    guard let count = reader.little16(4), count > 0, let place = reader.little32(18),
      place >= 6 + 16 * count, reader[9] == 0
    else { return nil }
    return .icon
  }

  private static func bzip2(_ reader: ByteReader) -> FileKind? {
    reader.has([0x31, 0x41, 0x59, 0x26, 0x53, 0x59], at: 4) ? .bzip2 : nil
  }
}
