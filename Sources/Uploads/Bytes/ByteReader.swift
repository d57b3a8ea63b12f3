// Numbers out of bytes that nobody vouches for.

/// Reads from a run of bytes by offset; whatever lies beyond its end is `nil`, and no offset traps.
struct ByteReader: Sendable {
  private let bytes: ArraySlice<UInt8>

  init(_ bytes: ArraySlice<UInt8>) { self.bytes = bytes }
  init(_ bytes: [UInt8]) { self.bytes = bytes[...] }

  var count: Int { bytes.count }

  subscript(offset: Int) -> UInt8? {
    guard offset >= 0, offset < bytes.count else { return nil }
    return bytes[bytes.startIndex + offset]
  }

  /// All of the range, or `nil`.
  func slice(_ offset: Int, _ count: Int) -> ArraySlice<UInt8>? {
    guard offset >= 0, count >= 0, offset <= bytes.count, count <= bytes.count - offset else {
      return nil
    }
    let start = bytes.startIndex + offset
    return bytes[start..<start + count]
  }

  /// What the range has of it; empty where it begins behind the end.
  func slice(from offset: Int) -> ArraySlice<UInt8> {
    offset >= 0 && offset <= bytes.count ? bytes.dropFirst(offset) : []
  }

  func has(_ pattern: [UInt8], at offset: Int) -> Bool {
    slice(offset, pattern.count).map { $0.elementsEqual(pattern) } ?? false
  }

  func has(_ text: StaticString, at offset: Int) -> Bool {
    has(Array(text.description.utf8), at: offset)
  }

  func big16(_ offset: Int) -> Int? { number(offset, 2, isBig: true) }
  func big32(_ offset: Int) -> Int? { number(offset, 4, isBig: true) }
  func little16(_ offset: Int) -> Int? { number(offset, 2, isBig: false) }
  func little24(_ offset: Int) -> Int? { number(offset, 3, isBig: false) }
  func little32(_ offset: Int) -> Int? { number(offset, 4, isBig: false) }

  /// Eight bytes; `nil` as well where the number is larger than `Int` holds.
  func big64(_ offset: Int) -> Int? {
    guard let high = big32(offset), let low = big32(offset + 4), high <= 0x7FFF_FFFF else {
      return nil
    }
    return high << 32 | low
  }

  func number(_ offset: Int, _ width: Int, isBig: Bool) -> Int? {
    guard let part = slice(offset, width) else { return nil }
    return isBig
      ? part.reduce(0) { $0 << 8 | Int($1) } : part.reversed().reduce(0) { $0 << 8 | Int($1) }
  }

  /// Where the pattern first begins at or behind the offset.
  func firstOffset(of pattern: [UInt8], from offset: Int = 0) -> Int? {
    guard let first = pattern.first, offset >= 0 else { return nil }
    var place = offset
    while place <= count - pattern.count {
      if self[place] == first, has(pattern, at: place) { return place }
      place += 1
    }
    return nil
  }
}
