// Formats that say inside what they hold: zip, OLE, Matroska, Ogg.

/// Zip archives, told from the documents that are zip archives (PKWARE APPNOTE, 4.3.7; ECMA-376; OpenDocument 1.3,
/// part 2, 3.3).
///
/// Only entries in the prefix are seen. A document must also begin as its programs begin it, so an archive with a
/// document inside is an archive.
enum ZipSniffer {
  private static let entryLimit = 64
  private static let localHeader: [UInt8] = [0x50, 0x4B, 0x03, 0x04]

  static func kind(of reader: ByteReader) -> FileKind? {
    let names = entryNames(reader)
    guard let first = names.first else { return .zip }
    if first == "mimetype" { return declared(reader) ?? .zip }
    let beginnings = ["[Content_Types].xml", "_rels/", "docProps/", "word/", "xl/", "ppt/"]
    guard beginnings.contains(where: first.hasPrefix) else { return .zip }
    for name in names {
      if name.hasPrefix("word/") { return .docx }
      if name.hasPrefix("xl/") { return .xlsx }
      if name.hasPrefix("ppt/") { return .pptx }
    }
    return .zip
  }

  /// Local headers are searched, not followed: their sizes may stand behind the data (4.4.4, bit 3).
  private static func entryNames(_ reader: ByteReader) -> [String] {
    var names: [String] = []
    var place: Int? = 0
    while let offset = place, names.count < entryLimit {
      if let length = reader.little16(offset + 26) {
        let name = reader.slice(from: offset + 30).prefix(length)
        names.append(String(decoding: name, as: UTF8.self))
      }
      place = reader.firstOffset(of: localHeader, from: offset + 4)
    }
    return names
  }

  /// The entry `mimetype` is the first and is not compressed.
  private static func declared(_ reader: ByteReader) -> FileKind? {
    guard reader.little16(8) == 0, let extra = reader.little16(28), let size = reader.little32(22),
      let content = reader.slice(38 + extra, size)
    else { return nil }
    let type = String(decoding: ASCII.trimmed(content), as: UTF8.self)
    return [FileKind.odt, .ods, .odp, .epub].first { $0.mediaType == type }
  }
}

/// Compound files ([MS-CFB]): office documents of old, and others. The directory names what is in them; where it lies
/// behind the prefix, they stay `oleStorage`.
enum OLESniffer {
  private static let streams: [(name: [UInt8], kind: FileKind)] = [
    (wide("WordDocument"), .doc), (wide("Workbook"), .xls), (wide("PowerPoint Document"), .ppt),
  ]

  static func kind(of reader: ByteReader) -> FileKind? {
    streams.first { reader.firstOffset(of: $0.name, from: 512) != nil }?.kind ?? .oleStorage
  }

  /// As UTF-16, little end first.
  private static func wide(_ text: String) -> [UInt8] { text.utf8.flatMap { [$0, 0] } }
}

/// Matroska and WebM (RFC 9559; RFC 8794): the element DocType is near the beginning, codecs have names.
enum MatroskaSniffer {
  static func kind(of reader: ByteReader) -> FileKind? {
    let head = ByteReader(reader.slice(from: 0).prefix(128))
    guard let place = head.firstOffset(of: [0x42, 0x82]), let size = head[place + 2] else {
      return nil
    }
    // Sizes of one byte have their highest bit set.
    guard size & 0x80 != 0, let type = head.slice(place + 3, Int(size & 0x7F)) else { return nil }
    let name = type.prefix { $0 != 0 }
    if name.elementsEqual("matroska".utf8) { return .matroska }
    guard name.elementsEqual("webm".utf8) else { return nil }
    let hasSound = ["A_OPUS", "A_VORBIS"].contains { reader.firstOffset(of: Array($0.utf8)) != nil }
    let hasPicture = reader.firstOffset(of: Array("V_".utf8)) != nil
    // Voice messages of browsers. Where no track is in the prefix it is called a film, which plays too.
    return hasSound && !hasPicture ? .webmAudio : .webm
  }
}

/// Ogg (RFC 3533): the first pages name their codecs (RFC 5334).
enum OggSniffer {
  static func kind(of reader: ByteReader) -> FileKind? {
    guard reader[4] == 0 else { return nil }
    return reader.firstOffset(of: [0x80] + Array("theora".utf8)) == nil ? .oggAudio : .oggVideo
  }
}

/// MP3 and AAC without a container, which begin with a frame (ISO/IEC 11172-3, 2.4.2.3; 13818-7, 6.2).
enum MPEGAudioSniffer {
  private static let bitRates1 = [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320]
  private static let bitRates2 = [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160]
  private static let sampleRates = [44_100, 48_000, 32_000]

  static func kind(of reader: ByteReader) -> FileKind? {
    guard let second = reader[1] else { return nil }
    if second & 0xF6 == 0xF0 { return isADTS(reader, 0) ? .aac : nil }
    guard let length = frameBytes(reader, 0) else { return nil }
    // Eleven bits are few: the next frame must be there, or the file must be at its end.
    return reader.count <= length || frameBytes(reader, length) != nil ? .mp3 : nil
  }

  private static func isADTS(_ reader: ByteReader, _ offset: Int) -> Bool {
    guard let third = reader[2], third >> 2 & 15 < 13, let length = reader.number(3, 3, isBig: true)
    else { return false }
    let frame = length >> 5 & 0x1FFF
    return frame >= 7 && (reader.count <= frame || reader[frame] == 0xFF)
  }

  /// The length of a layer III frame that begins there; `nil` where none does.
  private static func frameBytes(_ reader: ByteReader, _ offset: Int) -> Int? {
    guard let head = reader.big32(offset), head >> 21 == 0x7FF else { return nil }
    let (version, layer) = (head >> 19 & 3, head >> 17 & 3)
    let (rate, frequency) = (head >> 12 & 15, head >> 10 & 3)
    guard version != 1, layer == 1, (1...14).contains(rate), frequency < 3 else { return nil }
    let isFirst = version == 3
    let bits = (isFirst ? bitRates1 : bitRates2)[rate - 1] * 1000
    let samples = sampleRates[frequency] >> (isFirst ? 0 : version == 2 ? 1 : 2)
    return (isFirst ? 144 : 72) * bits / samples + (head >> 9 & 1)
  }
}
