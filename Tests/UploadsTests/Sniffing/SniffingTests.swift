// What files say they are.

import Testing

@testable import Uploads

@Suite struct SniffingTests {
  private func sniff(_ bytes: [UInt8], isWhole: Bool = true) -> SniffedContent {
    SniffedContent(prefix: bytes, isWhole: isWhole)
  }

  private static let samples: [(String, [UInt8], FileKind)] = [
    ("png", [0x89] + Sample.bytes("PNG\r\n\u{1A}\n"), .png),
    ("jpeg", [0xFF, 0xD8, 0xFF, 0xE0], .jpeg),
    ("gif", Sample.bytes("GIF89a"), .gif), ("old gif", Sample.bytes("GIF87a"), .gif),
    ("webp", Sample.riff("WEBP"), .webp), ("wav", Sample.riff("WAVE"), .wav),
    ("avi", Sample.riff("AVI "), .avi),
    ("unknown riff", Sample.riff("ACON"), .unknown),
    ("avif", Sample.ftyp("avif", "mif1"), .avif), ("avif sequence", Sample.ftyp("avis"), .avif),
    ("heic", Sample.ftyp("heic", "mif1"), .heic),
    ("heif of avif", Sample.ftyp("mif1", "avif"), .avif),
    ("heif of heic", Sample.ftyp("mif1", "heic"), .heic),
    ("heif", Sample.ftyp("mif1", "jpeg"), .heif),
    ("mp4", Sample.ftyp("isom", "iso2"), .mp4), ("mp4 of Apple", Sample.ftyp("M4V "), .mp4),
    ("mp4 by compatible brand", Sample.ftyp("XAVC", "mp42"), .mp4),
    ("m4a", Sample.ftyp("M4A "), .m4a),
    ("mov", Sample.ftyp("qt  "), .quickTime), ("old mov", Sample.box("moov", [1]), .quickTime),
    ("3gp", Sample.ftyp("3gp4"), .threeGP), ("raw photo", Sample.ftyp("crx "), .unknown),
    ("bmp", Sample.bytes("BM") + [0, 0, 0, 0, 0, 0, 0, 0, 54, 0, 0, 0, 40, 0, 0, 0], .bmp),
    ("tiff", Sample.bytes("II*\0"), .tiff), ("big tiff", Sample.bytes("MM\0*"), .tiff),
    ("ico", [0, 0, 1, 0, 1, 0, 16, 16, 0, 0, 1, 0, 32, 0, 0x68, 4, 0, 0, 22, 0, 0, 0], .icon),
    ("pdf", Sample.bytes("%PDF-1.7\n%"), .pdf), ("rtf", Sample.bytes("{\\rtf1\\ansi"), .rtf),
    ("webm", Sample.matroska("webm", "V_VP9A_OPUS"), .webm),
    ("mkv", Sample.matroska("matroska"), .matroska),
    ("voice message", Sample.matroska("webm", "\u{86}A_OPUS"), .webmAudio),
    ("other EBML", Sample.matroska("other"), .unknown),
    (
      "opus",
      Sample.bytes("OggS\0\u{2}") + Sample.bytes(String(repeating: "\0", count: 22))
        + Sample.bytes("OpusHead"), .oggAudio
    ),
    (
      "theora",
      Sample.bytes("OggS\0\u{2}") + Sample.bytes(String(repeating: "\0", count: 22))
        + Sample.bytes("\u{80}theora"), .oggVideo
    ),
    ("flac", Sample.bytes("fLaC"), .flac), ("mp3 with tag", Sample.bytes("ID3\u{4}"), .mp3),
    ("mp3", Sample.mp3Frame + Sample.mp3Frame, .mp3), ("one frame", Sample.mp3Frame, .mp3),
    ("no mp3", Sample.mp3Frame + [0, 0, 0, 0], .unknown),
    ("aac", Sample.adtsFrame + Sample.adtsFrame, .aac),
    ("no aac", Sample.adtsFrame + [0, 0], .unknown),
    ("amr", Sample.bytes("#!AMR\n"), .amr),
    ("zip", Sample.zip(("a.txt", "hello")), .zip),
    ("empty zip", Sample.bytes("PK\u{5}\u{6}"), .zip),
    (
      "docx",
      Sample.zip(("[Content_Types].xml", "x"), ("_rels/.rels", "y"), ("word/document.xml", "z")),
      .docx
    ),
    (
      "docx of LibreOffice",
      Sample.zip(("_rels/.rels", ""), ("docProps/core.xml", ""), ("word/document.xml", "")), .docx
    ),
    (
      "xlsx",
      Sample.zip(("[Content_Types].xml", "x"), ("_rels/.rels", "y"), ("xl/workbook.xml", "z")),
      .xlsx
    ),
    (
      "xlsx of openpyxl", Sample.zip(("docProps/app.xml", "x"), ("xl/theme/theme1.xml", "z")), .xlsx
    ),
    ("pptx", Sample.zip(("[Content_Types].xml", "x"), ("ppt/presentation.xml", "z")), .pptx),
    ("zip with docx inside", Sample.zip(("a.docx", "PK"), ("word/document.xml", "z")), .zip),
    ("types without a document", Sample.zip(("[Content_Types].xml", "x")), .zip),
    ("odt", Sample.zip(("mimetype", "application/vnd.oasis.opendocument.text")), .odt),
    ("ods", Sample.zip(("mimetype", "application/vnd.oasis.opendocument.spreadsheet")), .ods),
    ("odp", Sample.zip(("mimetype", "application/vnd.oasis.opendocument.presentation")), .odp),
    ("epub", Sample.zip(("mimetype", "application/epub+zip"), ("a", "")), .epub),
    ("other mimetype", Sample.zip(("mimetype", "text/html")), .zip),
    ("doc", Sample.ole("WordDocument"), .doc), ("xls", Sample.ole("Workbook"), .xls),
    ("ppt", Sample.ole("PowerPoint Document"), .ppt), ("msi", Sample.ole("x"), .oleStorage),
    ("rar", Sample.bytes("Rar!\u{1A}\u{7}\u{1}\0"), .rar),
    ("old rar", Sample.bytes("Rar!\u{1A}\u{7}\0"), .rar),
    ("7z", Sample.bytes("7z\u{BC}\u{AF}\u{27}\u{1C}"), .sevenZip),
    ("gz", [0x1F, 0x8B, 8, 0], .gzip),
    ("bz2", Sample.bytes("BZh91AY&SY"), .bzip2), ("xz", Sample.bytes("\u{FD}7zXZ\0"), .xz),
    ("zst", [0x28, 0xB5, 0x2F, 0xFD], .zstd),
    ("tar", Sample.bytes(String(repeating: "\0", count: 257)) + Sample.bytes("ustar"), .tar),
    ("program", Sample.bytes("MZ\u{90}\0\u{3}\0"), .unknown),
    ("nothing known", [0, 1, 2, 3], .unknown),
  ]

  @Test("E1 a file's kind is told from its bytes", arguments: samples)
  func tellsKinds(_ name: String, _ bytes: [UInt8], _ kind: FileKind) {
    #expect(sniff(bytes).kind == kind)
    // Nothing behind the prefix changes it.
    let long = bytes + [UInt8](repeating: 0, count: SniffedContent.prefixLimitBytes)
    let cut = sniff(Array(long.prefix(SniffedContent.prefixLimitBytes)), isWhole: false).kind
    #expect(sniff(long + Array("<html>".utf8), isWhole: true).kind == cut)
  }

  private static let texts: [(String, FileKind, String?)] = [
    ("", .text, "utf-8"), ("hello", .text, "utf-8"), ("Привет", .text, "utf-8"),
    ("{\"a\": [1, 2]}", .text, "utf-8"),
    ("a,b\r\n1,2\r\n", .text, "utf-8"), ("# Title\n\n<b>bold</b>", .text, "utf-8"),
    ("\u{1B}[1mansi\u{1B}[0m", .text, "utf-8"),
    ("if a < b: print('<a')", .text, "utf-8"), ("BMW", .text, "utf-8"), ("BZhello", .text, "utf-8"),
    ("IDs", .text, "utf-8"),
    ("<html>", .html, "utf-8"), ("  \r\n\t<!DOCTYPE HTML>", .html, "utf-8"),
    ("<!-- x -->", .html, "utf-8"),
    ("<ScRiPt src=x>", .html, "utf-8"), ("<iframe\n", .html, "utf-8"), ("<b>x", .html, "utf-8"),
    ("<body/onload=x>", .html, "utf-8"),
    ("<unknown><script>x</script>", .html, "utf-8"), ("<htmlx>", .text, "utf-8"),
    ("<3 you", .text, "utf-8"),
    ("<svg xmlns='http://www.w3.org/2000/svg'>", .svg, "utf-8"),
    ("<?xml version='1.0'?>\n<!-- a --><svg>", .svg, "utf-8"),
    ("<!DOCTYPE svg PUBLIC><svg width='1'>", .svg, "utf-8"),
    ("<!-- x --><SVG onload=a()>", .svg, "utf-8"),
    ("<?xml version='1.0'?><feed/>", .xml, "utf-8"),
    ("<?xml version='1.0'?><html>", .html, "utf-8"),
    ("<?xml version='1.0'?><x:a xmlns:x='http://www.w3.org/1999/xhtml'>", .html, "utf-8"),
    ("<!doctype html><html><body><svg>", .html, "utf-8"), ("<!-- <svg> --><html>", .html, "utf-8"),
    ("<s:svg xmlns:s='http://www.w3.org/2000/svg'>", .svg, "utf-8"),
    ("The wide world", .text, "utf-8"),
    ("\u{FEFF}<html>", .html, "utf-8"), ("\u{FEFF}hello", .text, "utf-8"),
    ("\u{FEFF}  <svg>", .svg, "utf-8"),
  ]

  @Test("U08 U09 texts are told from markup, in UTF-8 and in UTF-16", arguments: texts)
  func tellsTexts(_ text: String, _ kind: FileKind, _ charset: String?) {
    let sniffed = sniff(Array(text.utf8))
    #expect(sniffed.kind == kind && sniffed.charset == charset)
    #expect(!sniffed.isSafeInline)
    let units = Array(("\u{FEFF}" + text.drop { $0 == "\u{FEFF}" }).utf16)
    let little = sniff(units.flatMap { Sample.little(Int($0), 2) })
    #expect(little.kind == kind && little.charset == "utf-16le")
    let big = sniff(units.flatMap { Sample.big(Int($0), 2) })
    #expect(big.kind == kind && big.charset == "utf-16be")
  }

  @Test("what is stored of a kind is read back, and anything else is nothing known")
  func readsBack() {
    for kind in FileKind.allCases {
      for charset in [nil, "utf-8", "utf-16be"] {
        let content = SniffedContent(kind, charset: charset)
        #expect(SniffedContent(contentType: content.contentType) == content)
      }
    }
    for odd in [
      "", "text/plain; charset=x\r\ny: z", "image/png;a", "image/x-new", "; charset=utf-8",
    ] {
      #expect(SniffedContent(contentType: odd).kind == .unknown)
    }
  }

  @Test("a text in no known charset has none, and one with a NUL is no text")
  func tellsCharsets() {
    #expect(sniff([0xCF, 0xF0, 0xE8]).contentType == "text/plain")
    #expect(sniff([0x61, 0x00, 0x62]).kind == .unknown)
    #expect(sniff(Array("é".utf8)).contentType == "text/plain; charset=utf-8")
    #expect(sniff([0xED, 0xA0, 0x80]).charset == nil)
  }

  @Test("a text that is cut in the middle of a character is still UTF-8")
  func allowsCutCharacters() {
    for padding in 0..<4 {
      let text = Array(
        (String(repeating: "a", count: padding) + String(repeating: "😀", count: 2000)).utf8)
      #expect(sniff(text).charset == "utf-8")
      let prefix = Array(text.prefix(SniffedContent.prefixLimitBytes))
      #expect(sniff(prefix, isWhole: false).charset == "utf-8")
      let isWhole = padding == 3
      #expect((sniff(Array(prefix.dropLast()), isWhole: true).charset == "utf-8") == isWhole)
    }
  }

  @Test(
    "U10 a polyglot is what it begins with, and no page is ever inline",
    arguments: [
      (Sample.bytes("GIF89a/*") + Sample.bytes("*/=1;alert(1)"), FileKind.gif),
      (Sample.bytes("%PDF-1.4\n<html><script>"), .pdf), (Sample.bytes("<html>\n%PDF-1.4"), .html),
      (Sample.bytes("\u{89}PNG\r\n\u{1A}\n\0\0\0\u{10}tEXt<html><script>"), .png),
      (Sample.bytes("MIME-Version: 1.0\r\nContent-Type: multipart/related\r\n\r\n<html>"), .text),
      (Sample.bytes("BM<html><script>alert(1)</script>"), .text), (Sample.bytes("ID3<html>"), .mp3),
      (Sample.bytes(" GIF89a"), .text), ([0] + Sample.bytes("<html>"), .unknown),
    ] as [([UInt8], FileKind)])
  func judgesPolyglots(_ bytes: [UInt8], _ kind: FileKind) {
    #expect(sniff(bytes).kind == kind)
  }

  @Test("E2 only pictures, sound, film and PDF are inline, and nothing with markup")
  func judgesKinds() {
    for kind in FileKind.allCases where kind.isSafeInline {
      let type = kind.mediaType.split(separator: "/")[0]
      #expect(["image", "audio", "video"].contains(type) || kind == .pdf)
    }
    for kind in [FileKind.svg, .html, .xml, .text, .unknown, .zip, .docx, .rtf, .epub, .tiff] {
      #expect(!kind.isSafeInline)
    }
    #expect(Set(FileKind.allCases.map(\.mediaType)).count == FileKind.allCases.count)
  }

  @Test("random beginnings, and samples with a changed byte, end no process")
  func survivesNonsense() {
    var random = TestGenerator()
    for _ in 0..<3000 {
      var bytes = random.pick(Self.samples).1
      bytes += random.bytes(random.int(0...64))
      for _ in 0..<random.int(0...4) where !bytes.isEmpty {
        bytes[random.int(0...bytes.count - 1)] = UInt8(truncatingIfNeeded: random.next())
      }
      let prefix = Array(bytes.prefix(random.int(0...bytes.count)))
      #expect(sniff(prefix, isWhole: random.int(0...1) == 0).contentType.contains("/"))
    }
  }

  @Test("a prefix is collected from chunks of any size, and no further than its limit")
  func collects() {
    var random = TestGenerator()
    let bytes = random.bytes(10_000)
    for size in [1, 7, 4096, 10_000] {
      var collector = PrefixCollector()
      for start in stride(from: 0, to: bytes.count, by: size) {
        collector.feed(bytes[start..<min(start + size, bytes.count)])
      }
      #expect(collector.isFull && collector.bytes == Array(bytes.prefix(4096)))
    }
  }
}
