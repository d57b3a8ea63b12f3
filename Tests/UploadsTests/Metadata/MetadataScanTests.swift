// What is left out of pictures that others get, and that nothing else is.

import Testing

@testable import Uploads

@Suite struct MetadataScanTests {
  private func finding(_ kind: FileKind, _ bytes: [UInt8], chunk: Int = .max) -> MetadataFinding? {
    guard var scan = MetadataScan(kind) else { return nil }
    var rest = bytes[...]
    while !rest.isEmpty {
      scan.feed(rest.prefix(chunk))
      rest = rest.dropFirst(chunk)
    }
    return scan.finish()
  }

  /// The copy's bytes; the file's own where there is nothing to leave out.
  private func clean(_ kind: FileKind, _ bytes: [UInt8], chunk: Int = .max) -> [UInt8]? {
    switch finding(kind, bytes, chunk: chunk) {
    case .some(.none): bytes
    case .some(.removable(let copy)): Self.bytes(copy.pieces, of: bytes)
    default: nil
    }
  }

  private static func bytes(_ pieces: [CleanCopy.Piece], of file: [UInt8]) -> [UInt8] {
    pieces.flatMap { piece -> [UInt8] in
      switch piece {
      case .original(let range): Array(file[Int(range.lowerBound)..<Int(range.upperBound)])
      case .new(let bytes): bytes
      }
    }
  }

  private static let place = Sample.bytes("GPS 59.9343 N 30.3351 E")

  // MARK: Samples, each with what is to be left of it

  private static let jpeg: (file: [UInt8], rest: [UInt8]) = {
    let start: [UInt8] = [0xFF, 0xD8]
    let jfif = SampleImage.segment(0xE0, Sample.bytes("JFIF\0") + [1, 1, 0, 0, 1, 0, 1, 0, 0])
    let exif = SampleImage.segment(
      0xE1, Sample.bytes("Exif\0\0") + SampleImage.exif(6, isBig: false) + place)
    let xmp = SampleImage.segment(0xE1, Sample.bytes("http://ns.adobe.com/xap/1.0/\0") + place)
    let profile = SampleImage.segment(0xE2, Sample.bytes("ICC_PROFILE\0") + [1, 1, 7, 7])
    let others = SampleImage.segment(0xE2, Sample.bytes("MPF\0") + place)
    let thumbnail = SampleImage.segment(0xE0, Sample.bytes("JFXX\0") + place)
    let captions = SampleImage.segment(0xED, Sample.bytes("Photoshop 3.0\0") + place)
    let colours = SampleImage.segment(0xEE, Sample.bytes("Adobe") + [0, 100, 0, 0, 0, 0, 1])
    let comment = SampleImage.segment(0xFE, place)
    let frame = SampleImage.frame(6, 4, marker: 0xC2)
    let pixels: [UInt8] =
      SampleImage.segment(0xDA, [1, 1, 0, 0, 63, 0]) + [1, 0xFF, 0, 2, 0xFF, 0xD3, 3]
      + SampleImage.segment(0xC4, [0, 1]) + SampleImage.segment(0xDA, [1, 1, 0, 0, 63, 0])
      + [9, 0xFF, 0xFF, 0, 0xFF, 0xD9]
    let turned = SampleImage.segment(0xE1, Sample.bytes("Exif\0\0") + SampleImage.exif(6))
    let second = SampleImage.jpeg(exif, frame)
    return (
      start + jfif + exif + xmp + profile + others + thumbnail + captions + colours + comment
        + frame
        + pixels + second,
      start + jfif + turned + profile + colours + frame + pixels
    )
  }()

  private static let png: (file: [UInt8], rest: [UInt8]) = {
    let data = SampleImage.chunk("IDAT", [1, 2, 3])
    let colours = SampleImage.chunk("sRGB", [0])
    let text = SampleImage.chunk("iTXt", place)
    let time = SampleImage.chunk("tIME", [7, 230, 1, 1, 1, 1, 1])
    let exif = SampleImage.chunk("eXIf", SampleImage.exif(1) + place)
    return (
      SampleImage.png(6, 4, text, colours, exif, data, time) + place,
      SampleImage.png(6, 4, colours, data)
    )
  }()

  private static let gif: (file: [UInt8], rest: [UInt8]) = {
    let head = Sample.bytes("GIF89a") + [6, 0, 4, 0, 0x80, 0, 0] + [0, 0, 0, 255, 255, 255]
    let loop = [0x21, 0xFF, 11] + Sample.bytes("NETSCAPE2.0") + [3, 1, 0, 0, 0]
    let xmp = [0x21, 0xFF, 11] + Sample.bytes("XMP DataXMP") + [UInt8(place.count)] + place + [0]
    let comment = [0x21, 0xFE, UInt8(place.count)] + place + [0]
    let control: [UInt8] = [0x21, 0xF9, 4, 0, 10, 0, 0, 0]
    let image: [UInt8] = [
      0x2C, 0, 0, 0, 0, 6, 0, 4, 0, 0x80, 1, 2, 3, 4, 5, 6, 2, 2, 0x21, 0xFE, 0,
    ]
    return (
      head + loop + xmp + comment + control + image + comment + control + image + [0x3B] + place,
      head + loop + control + image + control + image + [0x3B]
    )
  }()

  private static func webP(flags: UInt8, _ chunks: [UInt8]...) -> [UInt8] {
    let head = SampleImage.riffChunk("VP8X", [flags, 0, 0, 0, 5, 0, 0, 3, 0, 0])
    return Sample.riff("WEBP", head + Array(chunks.joined()))
  }

  private static let webP: (file: [UInt8], rest: [UInt8]) = {
    let pixels = SampleImage.riffChunk("VP8 ", [UInt8](repeating: 7, count: 4001))
    let profile = SampleImage.riffChunk("ICCP", [1, 2, 3])
    let exif = SampleImage.riffChunk("EXIF", SampleImage.exif(8, isBig: false) + place)
    let xmp = SampleImage.riffChunk("XMP ", place)
    let unknown = SampleImage.riffChunk("C2PA", place)
    let turned = SampleImage.riffChunk("EXIF", SampleImage.exif(8))
    return (
      webP(flags: 0x2C, profile, pixels, exif, xmp, unknown) + place,
      webP(flags: 0x28, profile, pixels, turned)
    )
  }()

  private static let samples: [(FileKind, (file: [UInt8], rest: [UInt8]))] = [
    (.jpeg, jpeg), (.png, png), (.gif, gif), (.webp, webP),
  ]

  @Test("E2 what others get of a picture says nothing of where it was taken, and looks the same")
  func leavesOut() {
    for (kind, sample) in Self.samples {
      for chunk in [1, 2, 7, 4096, .max] {
        #expect(clean(kind, sample.file, chunk: chunk) == sample.rest, "\(kind) \(chunk)")
      }
      let rest = ByteReader(sample.rest)
      #expect(rest.firstOffset(of: Self.place) == nil)
      #expect(ByteReader(sample.file).firstOffset(of: Self.place) != nil)
      // What is left has nothing more to leave out, and is measured alike.
      #expect(clean(kind, sample.rest) == sample.rest)
      #expect(header(kind, sample.rest) == header(kind, sample.file))
    }
  }

  private func header(_ kind: FileKind, _ bytes: [UInt8]) -> ImageHeader? {
    var probe = ImageProbe(kind)
    probe?.feed(bytes[...])
    probe?.finish()
    return probe?.header
  }

  @Test("E2 a picture without metadata is handed out as it is")
  func leavesAlone() {
    let files: [(FileKind, [UInt8])] = [
      (.png, Self.png.rest), (.gif, Self.gif.rest), (.webp, SampleImage.lossyWebP(6, 4)),
      (.webp, SampleImage.losslessWebP(6, 4)), (.webp, SampleImage.extendedWebP(6, 4)),
      (.jpeg, SampleImage.jpeg(SampleImage.frame(6, 4)).dropLast(2) + [0xFF, 0xD9]),
      (
        .jpeg,
        SampleImage.jpeg([0xFF, 0xFF], SampleImage.frame(6, 4)).dropLast(2) + [0xFF, 0xFF, 0xD9]
      ),
    ]
    for (kind, bytes) in files {
      for chunk in [1, 5, .max] {
        #expect(finding(kind, bytes, chunk: chunk) == MetadataFinding.none)
      }
    }
  }

  @Test("E2 an orientation in a PNG stays, with a checksum that holds")
  func keepsOrientation() throws {
    let exif = SampleImage.chunk("eXIf", SampleImage.exif(6, isBig: false) + Self.place)
    let file = SampleImage.png(6, 4, exif, SampleImage.chunk("IDAT", [1]))
    let left = try #require(clean(.png, file))
    #expect(header(.png, left)?.orientation == .turnedRight)
    // CRC-32 of "eXIf" and the 26 bytes, by another program.
    let start = try #require(ByteReader(left).firstOffset(of: Sample.bytes("eXIf")))
    #expect(ByteReader(left).big32(start + 4 + 26) == 0xD667_4B69)
  }

  @Test(
    "E2 nobody can tell of formats that are not understood, and of files that break their rules")
  func doesNotKnow() {
    #expect(MetadataScan(.heic) == nil && MetadataScan(.tiff) == nil && MetadataScan(.svg) == nil)
    let broken: [(FileKind, [UInt8])] = [
      (.jpeg, []), (.jpeg, [0xFF, 0xD8, 0x00, 0x01]), (.jpeg, [0xFF, 0xD8, 0xFF, 0xE1, 0, 1]),
      (.jpeg, [0xFF, 0xD8, 0xFF, 0xD8]), (.png, Array(Self.png.file.dropFirst())),
      (.png, Array(Self.png.file.prefix(8)) + [0xFF, 0xFF, 0xFF, 0xFF] + Sample.bytes("IDAT")),
      (.gif, Array(Self.gif.file.prefix(19)) + [0x99]), (.gif, Sample.bytes("GIF88a1234567")),
      (.webp, Sample.riff("WAVE", [])),
      (.webp, Sample.riff("WEBP", SampleImage.riffChunk("VP8X", [0]))),
    ]
    for (kind, bytes) in broken {
      #expect(finding(kind, bytes) == .unknown, "\(kind) \(bytes.prefix(20))")
    }
    // A copy in more pieces than anybody needs.
    let comment = SampleImage.segment(0xFE, Self.place)
    let table = SampleImage.segment(0xDB, [1])
    let crumbs = SampleImage.jpeg(Array(repeatElement(comment + table, count: 65).joined()))
    #expect(finding(.jpeg, crumbs) == .unknown)
  }

  @Test("E2 of a picture that was made in sRGB nothing is left but pixels and transparency")
  func isBare() {
    let pixels = SampleImage.riffChunk("VP8 ", [1, 2, 3, 4])
    let alpha = SampleImage.riffChunk("ALPH", [9])
    let made = Self.webP(
      flags: 0x3C, SampleImage.riffChunk("ICCP", [1, 2, 3]), alpha, pixels,
      SampleImage.riffChunk("EXIF", SampleImage.exif(1) + Self.place))
    let bare = Self.webP(flags: 0x10, alpha, pixels)
    #expect(MetadataScan.bareWebP(made) == bare)
    #expect(MetadataScan.bareWebP(bare) == bare)
    #expect(MetadataScan.bareWebP(Self.png.file) == nil)
    #expect(MetadataScan.bareWebP([]) == nil)
  }

  @Test("E2 a copy tells any range of itself, and is read back as it was written")
  func tellsRanges() throws {
    var generator = TestGenerator()
    for (kind, sample) in Self.samples {
      guard case .removable(let copy)? = finding(kind, sample.file) else {
        Issue.record("\(kind) has nothing to leave out")
        continue
      }
      #expect(CleanCopy(text: copy.text) == copy)
      #expect(copy.sizeBytes == Int64(sample.rest.count))
      for _ in 0..<200 {
        let from = generator.int(0...sample.rest.count)
        let to = generator.int(from...(sample.rest.count + 10))
        let pieces = copy.pieces(in: Int64(from)..<Int64(to))
        let expected = sample.rest[from..<max(from, min(to, sample.rest.count))]
        #expect(Self.bytes(pieces, of: sample.file) == Array(expected))
      }
    }
    for text in ["", "5", "9-5", "-1-5", "a-b", "=?", "0-0", "1-2-3"] {
      #expect(CleanCopy(text: text) == nil, "\(text)")
    }
  }

  @Test("E2 whatever is broken in a picture, its copy has bytes of it only, however they come in")
  func survives() {
    var generator = TestGenerator()
    for (kind, sample) in Self.samples {
      for _ in 0..<300 {
        var bytes = sample.file
        for _ in 0..<generator.int(1...8) {
          bytes[generator.int(0...bytes.count - 1)] = UInt8(generator.int(0...255))
        }
        if generator.int(0...3) == 0 { bytes.removeLast(generator.int(0...bytes.count - 1)) }
        let whole = finding(kind, bytes)
        #expect(whole == finding(kind, bytes, chunk: generator.int(1...50)))
        guard case .removable(let copy)? = whole else { continue }
        for case .original(let range) in copy.pieces {
          #expect(range.lowerBound >= 0 && range.upperBound <= Int64(bytes.count))
        }
      }
    }
  }
}
