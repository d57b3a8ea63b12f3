// One piece as it comes in.

/// Counts and checks the bytes of one PATCH, or of the body of a creation.
///
/// Feed it each chunk before it is stored. A piece with a checksum counts only as a whole: until `finish` says so its
/// bytes must be kept apart from the upload. One without counts as far as it came, whatever ended it: that is what
/// resuming means.
package struct TusReception: Sendable {
  /// What becomes of the bytes.
  package enum Outcome: Sendable, Equatable {
    /// The upload goes on at this offset; what came is to be made durable first.
    case keep(offset: Int64)
    /// Nothing of the piece counts, and this is answered. The offset stays.
    case discard(TusAnswer)
  }

  /// The status for a checksum that does not match.
  private static let checksumMismatch = 460

  private let start: Int64
  private let endLimit: Int64
  private let excess: TusAnswer
  private var digest: TusDigest?
  private var hasExcess = false
  /// How many bytes of the piece came.
  package private(set) var receivedBytes: Int64 = 0

  init(_ piece: TusPiece, limitBytes: Int64, excess: TusAnswer) {
    start = piece.offset
    endLimit = min(piece.length ?? limitBytes, limitBytes)
    digest = piece.checksum.map { TusDigest($0) }
    self.excess = excess
  }

  /// The next bytes. Returns what of them belongs to the upload; where that is less than all, the body is too long: stop
  /// reading and finish.
  package mutating func feed(_ chunk: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    let room = max(0, endLimit - start - receivedBytes)
    hasExcess = hasExcess || Int64(chunk.count) > room
    let taken = chunk.prefix(Int(clamping: room))
    receivedBytes += Int64(taken.count)
    digest?.update(taken)
    return taken
  }

  /// Whether more came than there is room for.
  package var isTooLong: Bool { hasExcess }

  /// The body is over.
  ///
  /// - Parameter isCut: whether the connection ended before the body did.
  package func finish(isCut: Bool) -> Outcome {
    if hasExcess {
      var answer = excess
      answer.closesConnection = true
      return .discard(answer)
    }
    guard let digest else { return .keep(offset: start + receivedBytes) }
    if isCut {
      // Nobody is there to read it; half a piece has no digest that could be checked.
      return .discard(TusAnswer(400, reason: "the body broke off before its checksum was due"))
    }
    guard digest.matches else {
      return .discard(TusAnswer(Self.checksumMismatch, reason: "the checksum does not match"))
    }
    return .keep(offset: start + receivedBytes)
  }
}
