// Finds metadata in a picture while it streams by.

/// What of a picture is metadata: where it was taken, when, with what and by whom, comments, smaller copies, whatever
/// stands behind its end.
package enum MetadataFinding: Sendable, Hashable {
  /// The file has none.
  case none
  /// The file without it. How a camera was held stays, and so do colours and animations.
  case removable(CleanCopy)
  /// Nobody can tell: the format is not among those that are understood here, or the file breaks its rules.
  case unknown
}

/// Walks the blocks of JPEG, PNG, GIF and WebP files, in one pass and bounded memory, and says which to leave out. What is
/// not known to be needed for showing the picture is left out. No input traps.
package struct MetadataScan: Sendable {
  private static let headLimitBytes = 128 << 10

  private enum State { case reading, inPixels, ended, failed }

  private var format: any MetadataFormat
  private var state = State.reading
  /// Bytes of the file that have passed.
  private var position: Int64 = 0
  /// The beginning of the present block, and how much of it is needed.
  private var held: [UInt8] = []
  private var needed: Int
  /// What is left of a block that is decided on.
  private var skipped: Int64 = 0
  private var pieces: [CleanCopy.Piece] = []
  private var foundSomething = false
  /// Of JPEG: where the compressed pixels began, and whether their last byte was 0xFF.
  private var pixelStart: Int64 = 0
  private var sawMark = false

  /// `nil` for a kind that is not understood here.
  package init?(_ kind: FileKind) {
    switch kind {
    case .jpeg: self.init(JPEGMetadata())
    case .png: self.init(PNGMetadata())
    case .gif: self.init(GIFMetadata())
    case .webp: self.init(WebPMetadata())
    default: return nil
    }
  }

  private init(_ format: any MetadataFormat) {
    (self.format, needed) = (format, format.headBytes)
  }

  /// A whole WebP file in sRGB, which needs no profile, without that and its metadata; `nil` where nobody can tell what
  /// is in it. libvips 8.14 writes Exif although it is told not to, and a profile of 7 KB.
  package static func bareWebP(_ file: [UInt8]) -> [UInt8]? {
    var scan = MetadataScan(WebPMetadata(keepsProfile: false))
    scan.feed(file[...])
    switch scan.finish() {
    case .none: return file
    case .removable(let copy): return copy.bytes(of: file)
    case .unknown: return nil
    }
  }

  /// The next bytes of the file.
  package mutating func feed(_ chunk: ArraySlice<UInt8>) {
    var rest = chunk
    while !rest.isEmpty {
      if skipped > 0 {
        let count = Int(min(skipped, Int64(rest.count)))
        skipped -= Int64(count)
        pass(count, of: &rest)
        continue
      }
      switch state {
      case .reading: readHead(&rest)
      case .inPixels: readPixels(&rest)
      case .ended, .failed:
        foundSomething = true
        pass(rest.count, of: &rest)
      }
    }
  }

  /// The file is over, wherever it was cut off.
  package mutating func finish() -> MetadataFinding {
    if state == .inPixels, pixelStart < position { keep(pixelStart..<position) }
    guard state != .failed, format.isBegun, pieces.count <= CleanCopy.pieceLimit else {
      return .unknown
    }
    if !held.isEmpty { foundSomething = true }
    guard foundSomething else { return .none }
    let end = position
    let present = pieces.map { piece -> CleanCopy.Piece in
      guard case .original(let range) = piece else { return piece }
      return .original(range.clamped(to: 0..<end))
    }
    return CleanCopy(format.seal(present)).map { .removable($0) } ?? .unknown
  }

  private mutating func pass(_ count: Int, of rest: inout ArraySlice<UInt8>) {
    rest = rest.dropFirst(count)
    position += Int64(count)
  }

  // MARK: Blocks

  private mutating func readHead(_ rest: inout ArraySlice<UInt8>) {
    let count = min(needed - held.count, rest.count)
    held += rest.prefix(count)
    pass(count, of: &rest)
    while state == .reading, skipped == 0, held.count >= needed { decide() }
  }

  private mutating func decide() {
    let start = position - Int64(held.count)
    switch format.read(held) {
    case .need(let count):
      guard count > held.count, count <= Self.headLimitBytes else { return fail() }
      needed = count
    case .keep(let count):
      keep(start..<(start + count))
      leave(count)
    case .drop(let count, let new):
      foundSomething = true
      if !new.isEmpty { pieces.append(.new(new)) }
      leave(count)
    case .putBack(let count): leave(count)
    case .pixels(let count):
      keep(start..<(start + count))
      leave(count)
      (state, pixelStart, sawMark) = (.inPixels, start + count, false)
    case .end(let count):
      keep(start..<(start + count))
      leave(count)
      state = .ended
      if !held.isEmpty { foundSomething = true }
      held = []
    case nil: fail()
    }
    if pieces.count > CleanCopy.pieceLimit { fail() }
  }

  private mutating func fail() { (state, held, pieces) = (.failed, [], []) }

  /// Goes behind the first `count` bytes of the present block.
  private mutating func leave(_ count: Int64) {
    skipped = max(0, count - Int64(held.count))
    held = Array(held.dropFirst(Int(min(count, Int64(held.count)))))
    needed = format.headBytes
  }

  private mutating func keep(_ range: Range<Int64>) {
    guard !range.isEmpty else { return }
    if case .original(let last)? = pieces.last, last.upperBound == range.lowerBound {
      pieces[pieces.count - 1] = .original(last.lowerBound..<range.upperBound)
    } else {
      pieces.append(.original(range))
    }
  }

  /// Compressed pixels go on to the next marker: 0xFF, and then neither 0 nor a restart (ITU-T T.81, B.1.1.5).
  private mutating func readPixels(_ rest: inout ArraySlice<UInt8>) {
    guard sawMark else {
      guard let mark = rest.firstIndex(of: 0xFF) else { return pass(rest.count, of: &rest) }
      pass(mark - rest.startIndex + 1, of: &rest)
      sawMark = true
      return
    }
    guard let byte = rest.first else { return }
    pass(1, of: &rest)
    switch byte {
    case 0xFF: break
    case 0, 0xD0...0xD7: sawMark = false
    default:
      keep(pixelStart..<(position - 2))
      (state, held, needed) = (.reading, [0xFF, byte], format.headBytes)
      while state == .reading, skipped == 0, held.count >= needed { decide() }
    }
  }
}

/// One format, block by block.
protocol MetadataFormat: Sendable {
  /// What it must see of each block at least.
  var headBytes: Int { get }
  /// It has seen how files of its format begin.
  var isBegun: Bool { get }
  /// What becomes of the block of which these are the first bytes; `nil` where no such block can be.
  mutating func read(_ head: [UInt8]) -> MetadataStep?
  /// What was put back, put where it belongs.
  func seal(_ pieces: [CleanCopy.Piece]) -> [CleanCopy.Piece]
}

extension MetadataFormat {
  func seal(_ pieces: [CleanCopy.Piece]) -> [CleanCopy.Piece] { pieces }
}

/// What becomes of a block, whose length counts from its first byte.
enum MetadataStep: Sendable {
  /// It must see that much of the block first.
  case need(Int)
  case keep(Int64)
  /// Leaves it out, and puts something else in its place.
  case drop(Int64, for: [UInt8] = [])
  /// `seal` brings it in again.
  case putBack(Int64)
  /// Keeps it; compressed pixels follow, up to a marker.
  case pixels(Int64)
  /// Keeps it; whatever follows belongs to no picture.
  case end(Int64)
}
