// Metadata of GIF files.

/// Walks the blocks (GIF89a). Comments go, and application extensions except those that say how often an animation is
/// shown.
struct GIFMetadata: MetadataFormat {
  private enum Place { case beginning, block, parts(isKept: Bool) }

  private static let loops: Set<String> = ["NETSCAPE2.0", "ANIMEXTS1.0"]

  private var place = Place.beginning

  var headBytes: Int { if case .beginning = place { 13 } else { 1 } }
  var isBegun: Bool { if case .beginning = place { false } else { true } }

  mutating func read(_ head: [UInt8]) -> MetadataStep? {
    switch place {
    case .beginning:
      guard ["GIF87a", "GIF89a"].contains(String(decoding: head.prefix(6), as: UTF8.self)) else {
        return nil
      }
      place = .block
      return .keep(13 + Self.colours(head[10]))
    case .block: return block(head)
    case .parts(let isKept):
      // A length and as many bytes; a length of 0 is the last (section 15).
      if head[0] == 0 { place = .block }
      let whole = Int64(head[0]) + 1
      return isKept ? .keep(whole) : .drop(whole)
    }
  }

  private mutating func block(_ head: [UInt8]) -> MetadataStep? {
    switch head[0] {
    case 0x3B: return .end(1)
    case 0x2C:
      guard head.count >= 10 else { return .need(10) }
      place = .parts(isKept: true)
      // A table of colours, and the size of the first code.
      return .keep(10 + Self.colours(head[9]) + 1)
    case 0x21:
      guard head.count >= 2 else { return .need(2) }
      if head[1] == 0xFF {
        guard head.count >= 14 else { return .need(14) }
        return extend(
          head[2] == 11 && Self.loops.contains(String(decoding: head[3..<14], as: UTF8.self)))
      }
      // Graphic control, and text as a picture.
      return extend([0xF9, 0x01].contains(head[1]))
    default: return nil
    }
  }

  private mutating func extend(_ isKept: Bool) -> MetadataStep {
    place = .parts(isKept: isKept)
    return isKept ? .keep(2) : .drop(2)
  }

  /// The size of the table of colours that a byte of flags announces.
  private static func colours(_ flags: UInt8) -> Int64 {
    flags & 0x80 == 0 ? 0 : 3 << Int64((flags & 7) + 1)
  }
}
