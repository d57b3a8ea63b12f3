// Dimensions and orientations of all formats, and of what pretends to be one.

import Testing

@testable import Uploads

@Suite struct ImageProbeTests {
  private func header(_ kind: FileKind, _ bytes: [UInt8], chunk: Int = .max) -> ImageHeader? {
    guard var probe = ImageProbe(kind) else { return nil }
    var rest = bytes[...]
    while !rest.isEmpty {
      probe.feed(rest.prefix(chunk))
      rest = rest.dropFirst(chunk)
    }
    probe.finish()
    return probe.header
  }

  private static let samples: [(FileKind, [UInt8])] = [
    (
      .jpeg,
      SampleImage.jpeg(
        SampleImage.segment(0xE0, Sample.bytes("JFIF\0")), SampleImage.frame(640, 480))
    ),
    (.jpeg, SampleImage.jpeg(SampleImage.frame(640, 480, marker: 0xC2))),
    (
      .jpeg,
      SampleImage.jpeg(
        [0xFF, 0xFF, 0xFF], SampleImage.segment(0xC4, [0]), SampleImage.frame(640, 480))
    ),
    (.png, SampleImage.png(640, 480)), (.gif, SampleImage.gif(640, 480)),
    (.webp, SampleImage.lossyWebP(640, 480)), (.webp, SampleImage.losslessWebP(640, 480)),
    (.webp, SampleImage.extendedWebP(640, 480)), (.bmp, SampleImage.bmp(640, 480)),
    (.bmp, SampleImage.bmp(640, -480)),
    (.bmp, SampleImage.coreBMP(640, 480)), (.avif, SampleImage.heif(640, 480)),
    (.heic, SampleImage.heif(640, 480, brand: "heic")),
    (.tiff, SampleImage.tiff([(256, 640), (257, 480)], isBig: false)),
    (.tiff, SampleImage.tiff([(256, 640), (257, 480)], isBig: true, at: 5000)),
  ]

  @Test("E2 dimensions are read from each format's header", arguments: samples)
  func readsDimensions(_ kind: FileKind, _ bytes: [UInt8]) {
    let expected = PixelSize(width: 640, height: 480).map { ImageHeader($0) }
    #expect(header(kind, bytes) == expected)
    #expect(header(kind, bytes, chunk: 1) == expected)
    #expect(SniffedContent(prefix: bytes, isWhole: true).kind == kind)
  }

  @Test("E2 the orientation is read wherever it stands", arguments: ImageOrientation.allCases)
  func readsOrientations(_ orientation: ImageOrientation) {
    let value = orientation.rawValue
    let tiff = SampleImage.tiff([(256, 6), (257, 4), (274, value)], isBig: false)
    for isBig in [true, false] {
      let exif = SampleImage.exif(value, isBig: isBig)
      let marked = Sample.bytes("Exif\0\0") + exif
      let files: [(FileKind, [UInt8])] = [
        (.jpeg, SampleImage.jpeg(SampleImage.segment(0xE1, marked), SampleImage.frame(6, 4))),
        (
          .png,
          SampleImage.png(
            6, 4, SampleImage.chunk("IDAT", [1, 2, 3]), SampleImage.chunk("eXIf", exif))
        ),
        (.webp, SampleImage.extendedWebP(6, 4, exif: exif)),
        (.webp, SampleImage.extendedWebP(6, 4, exif: marked)),
        (.tiff, tiff),
      ]
      for (kind, bytes) in files {
        for chunk in [1, 100, .max] {
          #expect(header(kind, bytes, chunk: chunk)?.orientation == orientation)
        }
      }
    }
    let shown = header(.tiff, tiff)?.shown
    #expect(shown?.width == (value >= 5 ? 4 : 6) && shown?.height == (value >= 5 ? 6 : 4))
  }

  @Test(
    "HEIF turns and mirrors by properties",
    arguments: [
      (nil, nil, .upright), (0, nil, .upright), (1, nil, .turnedLeft), (2, nil, .turnedHalf),
      (3, nil, .turnedRight),
      (nil, 1, .mirrored), (nil, 0, .flipped), (1, 0, .transposed), (3, 0, .transversed),
      (2, 1, .flipped),
    ] as [(UInt8?, UInt8?, ImageOrientation)])
  func readsTurns(_ turns: UInt8?, _ mirror: UInt8?, _ orientation: ImageOrientation) {
    let bytes = SampleImage.heif(6, 4, turns: turns, mirror: mirror)
    #expect(header(.heic, bytes)?.orientation == orientation)
    #expect(header(.heic, bytes)?.stored == PixelSize(width: 6, height: 4))
  }

  @Test("HEIF shows less than it stores, and the cap counts what it stores")
  func readsApertures() {
    let cut = header(.heic, SampleImage.heif(322, 124, turns: 1, aperture: [321, 1, 246, 2]))
    #expect(cut?.stored == PixelSize(width: 322, height: 124))
    #expect(cut?.shown == PixelSize(width: 123, height: 321))
    for odd in [[0, 1, 1, 1], [323, 1, 1, 1], [5, 0, 5, 1], [5, 9, 5, 1], [5]] {
      let header = header(.heic, SampleImage.heif(322, 124, aperture: odd))
      #expect(header?.shown == PixelSize(width: 322, height: 124))
    }
    let flood = header(.heic, SampleImage.heif(60_000, 60_000, aperture: [1, 1, 1, 1]))
    #expect(flood?.shown.pixels == 1 && !PixelCap().admits(flood))
  }

  @Test("a photo with megabytes of metadata before its dimensions is measured")
  func skipsMetadata() {
    let filler = SampleImage.segment(0xE2, [UInt8](repeating: 0xFF, count: 65_533))
    let bytes = SampleImage.jpeg(
      Array(repeatElement(filler, count: 40).joined()), SampleImage.frame(6, 4))
    #expect(header(.jpeg, bytes, chunk: 4096)?.stored == PixelSize(width: 6, height: 4))
  }

  @Test(
    "U12 an image that is too large is known as such from 2 KB of it",
    arguments: [
      (.png, SampleImage.png(50_000, 50_000)), (.webp, SampleImage.extendedWebP(1 << 24, 1 << 24)),
      (.avif, SampleImage.heif(0xFFFF_FFFF, 0xFFFF_FFFF)), (.gif, SampleImage.gif(65_535, 65_535)),
      (.bmp, SampleImage.bmp(0x7FFF_FFFF, 0x7FFF_FFFF)), (.png, SampleImage.png(0x7FFF_FFFF, 1)),
      (.jpeg, SampleImage.jpeg(SampleImage.frame(65_535, 65_535))),
    ] as [(FileKind, [UInt8])])
  func knowsFloods(_ kind: FileKind, _ bytes: [UInt8]) throws {
    let known = try #require(header(kind, Array(bytes.prefix(2048))))
    #expect(!PixelCap().admits(known))
    #expect(known.stored.pixels > 0)
  }

  @Test("U12 a cap admits what fits into it, and nothing of unknown size")
  func caps() throws {
    let cap = PixelCap(pixels: 100, side: 20)
    func admits(_ width: Int, _ height: Int) -> Bool {
      cap.admits(PixelSize(width: width, height: height).map { ImageHeader($0) })
    }
    #expect(admits(10, 10) && admits(5, 20) && !admits(10, 11) && !admits(1, 21) && !admits(21, 1))
    #expect(!cap.admits(nil))
    #expect(PixelSize(width: 0, height: 1) == nil && PixelSize(width: 1, height: -1) == nil)
    let largest = try #require(PixelSize(width: 0xFFFF_FFFF, height: 0xFFFF_FFFF))
    #expect(largest.pixels == .max)
  }

  @Test(
    "an image without a size, or of another format, has no header",
    arguments: [
      (.png, SampleImage.png(0, 480)), (.png, SampleImage.png(0x8000_0000, 1)),
      (.gif, SampleImage.gif(640, 0)),
      (.jpeg, SampleImage.jpeg(SampleImage.frame(640, 0))), (.jpeg, SampleImage.jpeg()),
      (.jpeg, []),
      (.jpeg, [0xFF, 0xD8, 0xFF, 0xE0, 0x00, 0x01]), (.jpeg, SampleImage.png(6, 4)),
      (.png, SampleImage.gif(6, 4)),
      (.bmp, SampleImage.bmp(0, 5)), (.bmp, SampleImage.bmp(-5, 5)), (.webp, Sample.riff("WAVE")),
      (.tiff, SampleImage.tiff([(256, 640)], isBig: true)),
      (.tiff, Sample.bytes("II*\0") + [0, 0, 0, 0]),
      (.tiff, Sample.bytes("II*\0") + [255, 255, 255, 255]), (.avif, Sample.ftyp("avif")),
      (
        .avif,
        Sample.box("ftyp", Sample.bytes("avif")) + Sample.big(1, 4) + Sample.bytes("free")
          + [UInt8](repeating: 0xFF, count: 8)
      ),
    ] as [(FileKind, [UInt8])])
  func refusesNonsense(_ kind: FileKind, _ bytes: [UInt8]) {
    #expect(header(kind, bytes) == nil)
    #expect(header(kind, bytes, chunk: 1) == nil)
  }

  @Test("what has no dimensions has no probe")
  func hasNoProbe() {
    for kind in FileKind.allCases { #expect((ImageProbe(kind) != nil) == kind.isMeasurable) }
  }

  @Test("damaged images end no process, and say the same whatever the chunks")
  func survivesDamage() {
    var random = TestGenerator()
    var files = Self.samples
    files += [
      (.webp, SampleImage.extendedWebP(6, 4, exif: SampleImage.exif(6))),
      (.heic, SampleImage.heif(6, 4, turns: 1, mirror: 0)),
      (.png, SampleImage.png(6, 4, SampleImage.chunk("eXIf", SampleImage.exif(6)))),
    ]
    for _ in 0..<5000 {
      var (kind, bytes) = random.pick(files)
      for _ in 0..<random.int(1...6) {
        bytes[random.int(0...bytes.count - 1)] = random.pick([
          0, 0xFF, 0x7F, 0x80, 1, UInt8(random.int(0...255)),
        ])
      }
      bytes = Array(bytes.prefix(random.int(0...bytes.count)))
      let whole = header(kind, bytes)
      #expect(header(kind, bytes, chunk: random.int(1...40)) == whole)
    }
  }
}
