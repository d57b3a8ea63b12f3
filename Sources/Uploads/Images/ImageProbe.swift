// Reads dimensions while a file streams by.

/// Tells an image's dimensions and orientation from its headers, before any decoding, in one pass and bounded memory.
///
/// Each format is a small machine that asks for one range of bytes after another, always forwards; what lies between is
/// skipped. So a photo with a megabyte of metadata before its dimensions takes no more memory than any other. At most
/// `rangeLimitBytes` are held, and at most `stepLimit` ranges are asked for. No input traps.
package struct ImageProbe: Sendable {
  static let rangeLimitBytes = 128 << 10
  private static let stepLimit = 20_000

  private var format: (any ImageFormat)?
  private var wanted: Range<Int>
  private var held: [UInt8] = []
  /// How many bytes of the file have passed.
  private var passed = 0
  private var steps = 0

  /// What is known by now. The orientation may still change: in WebP and PNG it can stand behind the pixels.
  private(set) package var header: ImageHeader?

  /// `nil` for a kind that has no dimensions that could be read.
  package init?(_ kind: FileKind) {
    let format: any ImageFormat
    switch kind {
    case .jpeg: format = JPEGFormat()
    case .png: format = PNGFormat()
    case .gif: format = GIFFormat()
    case .webp: format = WebPFormat()
    case .bmp: format = BMPFormat()
    case .tiff: format = TIFFFormat()
    case .avif, .heic, .heif: format = HEIFFormat()
    default: return nil
    }
    (self.format, wanted) = (format, format.first)
  }

  /// Whether more bytes would tell nothing more.
  package var isDone: Bool { format == nil }

  /// The next bytes of the file.
  package mutating func feed(_ chunk: ArraySlice<UInt8>) {
    let chunkStart = passed
    let chunkEnd = passed + chunk.count
    while format != nil {
      if held.count < wanted.count {
        let from = wanted.lowerBound + held.count
        guard from < chunkEnd else { break }
        // Behind us: only a file whose parts point backwards asks for that.
        guard from >= chunkStart else { return stop() }
        let to = min(wanted.upperBound, chunkEnd)
        held += chunk.dropFirst(from - chunkStart).prefix(to - from)
        guard held.count == wanted.count else { break }
      }
      step()
    }
    passed = chunkEnd
  }

  /// The file is over. What a range has of bytes may still tell something.
  package mutating func finish() {
    if !held.isEmpty { step() }
    stop()
  }

  private mutating func step() {
    steps += 1
    let next = format?.read(ByteReader(held), at: wanted.lowerBound, &header)
    guard let next, steps < Self.stepLimit, (1...Self.rangeLimitBytes).contains(next.count) else {
      return stop()
    }
    // A format that saw the beginning of something asks for the whole of it: the beginning is still here.
    let isHere = next.lowerBound >= wanted.lowerBound
    held =
      isHere ? Array(held.dropFirst(next.lowerBound - wanted.lowerBound).prefix(next.count)) : []
    wanted = next
  }

  private mutating func stop() { (format, held) = (nil, []) }
}

/// One image format as a machine that reads ranges.
protocol ImageFormat: Sendable {
  /// The range it wants to see first.
  var first: Range<Int> { get }

  /// Reads the bytes that it asked for, of which there may be fewer at the end of a file, and notes what it learned.
  /// Returns the next range; `nil` where it is done, or where the file makes no sense.
  mutating func read(_ bytes: ByteReader, at offset: Int, _ header: inout ImageHeader?) -> Range<
    Int
  >?
}

extension ImageFormat {
  /// `count` bytes from the offset on; `nil` where there is no such place.
  func range(_ offset: Int, _ count: Int) -> Range<Int>? {
    let (end, overflow) = offset.addingReportingOverflow(count)
    return overflow || count < 0 || offset < 0 ? nil : offset..<end
  }

  /// The offset `step` bytes further; `nil` where no number holds it.
  func advance(_ offset: Int, _ step: Int) -> Int? {
    let (sum, overflow) = offset.addingReportingOverflow(step)
    return overflow ? nil : sum
  }
}
