// Beginnings of files as programs write them.

/// Bytes of samples, put together from the formats' own descriptions.
enum Sample {
  static func bytes(_ text: String) -> [UInt8] {
    text.unicodeScalars.map { UInt8($0.value & 0xFF) }
  }
  static func big(_ number: Int, _ width: Int) -> [UInt8] {
    (0..<width).map { UInt8(truncatingIfNeeded: number >> (8 * (width - 1 - $0))) }
  }
  static func little(_ number: Int, _ width: Int) -> [UInt8] { big(number, width).reversed() }

  static func box(_ type: String, _ content: [UInt8]) -> [UInt8] {
    big(8 + content.count, 4) + bytes(type) + content
  }

  static func ftyp(_ major: String, _ compatible: String...) -> [UInt8] {
    box("ftyp", bytes(major) + big(0, 4) + compatible.flatMap(bytes)) + box("mdat", [])
  }

  /// Local headers with their content, as far as a sniffer sees them.
  static func zip(_ entries: (name: String, content: String)...) -> [UInt8] {
    entries.flatMap { entry -> [UInt8] in
      let content = bytes(entry.content)
      return bytes("PK\u{3}\u{4}") + little(20, 2) + little(0, 2) + little(0, 2) + little(0, 4)
        + little(0, 4)
        + little(content.count, 4) + little(content.count, 4) + little(entry.name.utf8.count, 2)
        + little(0, 2)
        + bytes(entry.name) + content
    }
  }

  static func matroska(_ type: String, _ more: String = "") -> [UInt8] {
    [
      0x1A, 0x45, 0xDF, 0xA3, 0x9F, 0x42, 0x86, 0x81, 0x01, 0x42, 0x82,
      0x80 | UInt8(type.utf8.count),
    ]
      + bytes(type) + bytes(more)
  }

  static func wide(_ text: String) -> [UInt8] { text.utf16.flatMap { little(Int($0), 2) } }

  static func ole(_ stream: String) -> [UInt8] {
    [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1] + [UInt8](repeating: 0, count: 1016)
      + wide(stream)
  }

  /// One MPEG 1 layer III frame at 128 kbit/s and 44.1 kHz.
  static let mp3Frame: [UInt8] = [0xFF, 0xFB, 0x90, 0x00] + [UInt8](repeating: 0, count: 413)
  static let adtsFrame: [UInt8] =
    [0xFF, 0xF1, 0x50, 0x80, 0x02, 0x1F, 0xFC] + [UInt8](repeating: 0, count: 9)

  static func riff(_ type: String, _ content: [UInt8] = []) -> [UInt8] {
    bytes("RIFF") + little(4 + content.count, 4) + bytes(type) + content
  }
}
