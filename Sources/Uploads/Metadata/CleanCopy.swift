// A file without some of its bytes.

import Encodings

/// How a file is handed out without its metadata: runs of the original's bytes, and some bytes in between that are new.
/// Nothing is decoded and nothing is stored twice; any range of the copy can be told from it.
package struct CleanCopy: Sendable, Hashable {
  package enum Piece: Sendable, Hashable {
    /// Those bytes of the original.
    case original(Range<Int64>)
    case new([UInt8])

    package var sizeBytes: Int64 {
      switch self {
      case .original(let range): range.upperBound - range.lowerBound
      case .new(let bytes): Int64(bytes.count)
      }
    }
  }

  /// More than any camera or program needs; a file in more pieces has no copy.
  package static let pieceLimit = 64

  /// One behind the other, none of them empty.
  package let pieces: [Piece]
  package let sizeBytes: Int64

  /// `nil` where it would have no pieces, or too many.
  init?(_ pieces: [Piece]) {
    let pieces = pieces.filter { $0.sizeBytes > 0 }
    guard (1...Self.pieceLimit).contains(pieces.count) else { return nil }
    self.pieces = pieces
    sizeBytes = pieces.reduce(0) { $0 + $1.sizeBytes }
  }

  /// What stands in a range of the copy; what lies behind its end is nothing.
  package func pieces(in range: Range<Int64>) -> [Piece] {
    var found: [Piece] = []
    var start: Int64 = 0
    for piece in pieces {
      let wanted = range.clamped(to: start..<(start + piece.sizeBytes))
      if !wanted.isEmpty {
        let (from, to) = (wanted.lowerBound - start, wanted.upperBound - start)
        switch piece {
        case .original(let place):
          found.append(.original((place.lowerBound + from)..<(place.lowerBound + to)))
        case .new(let bytes): found.append(.new(Array(bytes[Int(from)..<Int(to)])))
        }
      }
      start += piece.sizeBytes
    }
    return found
  }

  /// The copy of an original that is in memory.
  package func bytes(of original: [UInt8]) -> [UInt8] {
    let all = 0..<Int64(original.count)
    return pieces.flatMap { piece -> ArraySlice<UInt8> in
      switch piece {
      case .original(let range):
        let present = range.clamped(to: all)
        return original[Int(present.lowerBound)..<Int(present.upperBound)]
      case .new(let bytes): return bytes[...]
      }
    }
  }
}

extension CleanCopy {
  /// To be stored: runs as `from-to`, the end not among them, and new bytes in base 64 behind `=`.
  package var text: String {
    pieces.map { piece in
      switch piece {
      case .original(let range): "\(range.lowerBound)-\(range.upperBound)"
      case .new(let bytes): "=" + Base64.standard.text(bytes)
      }
    }.joined(separator: " ")
  }

  /// `nil` for what `text` did not write.
  package init?(text: String) {
    var pieces: [Piece] = []
    for word in text.split(separator: " ") {
      if word.first == "=" {
        guard let bytes = Base64.standard.bytes(word.dropFirst().utf8) else { return nil }
        pieces.append(.new(bytes))
      } else {
        let ends = word.split(separator: "-", omittingEmptySubsequences: false)
        guard ends.count == 2, let from = Int64(ends[0]), let to = Int64(ends[1]), 0 <= from,
          from <= to
        else { return nil }
        pieces.append(.original(from..<to))
      }
    }
    self.init(pieces)
  }
}
