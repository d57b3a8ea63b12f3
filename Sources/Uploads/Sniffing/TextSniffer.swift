// Texts, their charset, and the markup among them.

/// Tells texts from other bytes as browsers do (WHATWG, MIME Sniffing, 4, 5 and 7.1), and is stricter with markup:
/// whatever some program might run as a page is called one.
enum TextSniffer {
  /// A file with a byte order mark, whatever comes behind it.
  static func byMark(_ reader: ByteReader) -> SniffedContent? {
    if reader.has([0xEF, 0xBB, 0xBF], at: 0) {
      return SniffedContent(Markup.kind(of: reader.slice(from: 3)), charset: "utf-8")
    }
    let isLittle = reader.has([0xFF, 0xFE], at: 0)
    guard isLittle || reader.has([0xFE, 0xFF], at: 0) else { return nil }
    // MPEG audio can begin with FF FE too, but its next bytes are no text.
    let units = stride(from: 2, to: reader.count - 1, by: 2).compactMap {
      reader.number($0, 2, isBig: !isLittle)
    }
    guard units.allSatisfy({ $0 > 0xFF || !isBinary(UInt8($0)) }) else { return nil }
    // Markup is ASCII: what is not does not matter to its recognition.
    let narrow = units.map { $0 < 0x80 ? UInt8($0) : 0x80 }
    return SniffedContent(Markup.kind(of: narrow[...]), charset: isLittle ? "utf-16le" : "utf-16be")
  }

  /// `nil` for what is no text. An empty file is an empty text.
  static func sniff(_ reader: ByteReader, isCut: Bool) -> SniffedContent? {
    let bytes = reader.slice(from: 0)
    guard !bytes.contains(where: isBinary) else { return nil }
    let isUTF8 = isUTF8(bytes, isCut: isCut)
    return SniffedContent(Markup.kind(of: bytes), charset: isUTF8 ? "utf-8" : nil)
  }

  /// Controls that no text has: all but tab, line ends, form feed and escape.
  private static func isBinary(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x00...0x08, 0x0B, 0x0E...0x1A, 0x1C...0x1F: true
    default: false
    }
  }

  private static func isUTF8(_ bytes: ArraySlice<UInt8>, isCut: Bool) -> Bool {
    let longestRest = isCut ? 3 : 0
    return (0...longestRest).contains { rest in
      String(validating: bytes.dropLast(rest), as: UTF8.self) != nil
    }
  }
}

/// Markup in a text.
enum Markup {
  /// Elements that a page may begin with, or have in it. Not the whole of HTML; a text that has none of them is served
  /// as `text/plain` and `nosniff`, and so is no page either.
  private static let tags = [
    "!doctype html", "html", "head", "body", "script", "iframe", "style", "title", "table", "div",
    "font", "link", "meta", "base", "form", "img", "object", "embed", "h1", "br", "p", "a", "b",
  ]

  static func kind(of bytes: ArraySlice<UInt8>) -> FileKind {
    let text = bytes.map(ASCII.lowercased)
    let reader = ByteReader(text)
    guard let start = text.firstIndex(where: { !isSpace($0) }) else { return .text }
    if isDrawing(reader, start) { return .svg }
    if reader.has("<?xml", at: start) {
      let isPage = holdsElement("html", reader) || has("http://www.w3.org/1999/xhtml", reader)
      return isPage ? .html : .xml
    }
    return isPage(reader, start) ? .html : .text
  }

  private static func isSpace(_ byte: UInt8) -> Bool {
    ASCII.isBlank(byte) || byte == 10 || byte == 12 || byte == 13
  }

  /// Whether the first element is `svg`, with or without a prefix, behind declarations and comments.
  private static func isDrawing(_ reader: ByteReader, _ start: Int) -> Bool {
    var place = start
    while reader[place] == UInt8(ascii: "<") {
      let (mark, end) =
        reader.has("<!--", at: place)
        ? ("<!--", "-->") : reader.has("<?", at: place) ? ("<?", "?>") : ("<!", ">")
      guard reader.has(Array(mark.utf8), at: place) else { break }
      guard let close = reader.firstOffset(of: Array(end.utf8), from: place + mark.utf8.count)
      else {
        return false
      }
      place = close + end.utf8.count
      while let byte = reader[place], isSpace(byte) { place += 1 }
    }
    let name = reader.slice(from: place + 1).prefix { !isSpace($0) && $0 != 0x3E && $0 != 0x2F }
    let local = name.split(separator: UInt8(ascii: ":")).last ?? []
    return reader[place] == UInt8(ascii: "<") && local.elementsEqual("svg".utf8)
  }

  /// A page that begins as one; or anything with markup at its beginning and a script or a page somewhere in it.
  private static func isPage(_ reader: ByteReader, _ start: Int) -> Bool {
    guard reader[start] == UInt8(ascii: "<") else { return false }
    if reader.has("<!--", at: start) { return true }
    return tags.contains { isElement($0, reader, at: start) }
      || ["html", "script", "body", "iframe"].contains { holdsElement($0, reader) }
  }

  private static func holdsElement(_ name: String, _ reader: ByteReader) -> Bool {
    let pattern = Array("<\(name)".utf8)
    var place = reader.firstOffset(of: pattern)
    while let offset = place {
      if isElement(name, reader, at: offset) { return true }
      place = reader.firstOffset(of: pattern, from: offset + 1)
    }
    return false
  }

  /// `<name` and then an end: a blank, a line end, `>` or `/`; or the end of what is seen.
  private static func isElement(_ name: String, _ reader: ByteReader, at offset: Int) -> Bool {
    let pattern = Array("<\(name)".utf8)
    guard reader.has(pattern, at: offset) else { return false }
    guard let next = reader[offset + pattern.count] else { return true }
    return isSpace(next) || next == UInt8(ascii: ">") || next == UInt8(ascii: "/")
  }

  private static func has(_ text: String, _ reader: ByteReader) -> Bool {
    reader.firstOffset(of: Array(text.utf8)) != nil
  }
}
