// An upload between its pieces.

/// What is known of an upload on every node: the state that a store keeps.
package struct TusUpload: Sendable, Equatable {
  /// The whole length; `nil` while the client has not said it («Creation With Defer Length»).
  package var length: Int64?
  /// How many bytes are durable, and have passed their checksum.
  package var offset: Int64
  /// The field `Upload-Metadata` as it came.
  package var metadata: String?
  /// When it goes, unfinished.
  package var expires: HTTPDate?
  /// Ended by its owner. Kept for a time, so that a client is told so.
  package var isTerminated: Bool

  package init(
    length: Int64?, offset: Int64 = 0, metadata: String? = nil, expires: HTTPDate? = nil,
    isTerminated: Bool = false
  ) {
    (self.length, self.offset, self.metadata) = (length, offset, metadata)
    (self.expires, self.isTerminated) = (expires, isTerminated)
  }

  package var isComplete: Bool { length == offset }

  /// Whether it is there no more. A complete one does not expire by this protocol.
  package func isGone(at now: HTTPDate) -> Bool {
    isTerminated || !isComplete && expires.map { $0 <= now } ?? false
  }
}

/// What a client wants made, checked.
package struct TusCreation: Sendable, Equatable {
  /// `nil` where it comes later.
  package let length: Int64?
  package let metadata: TusMetadata?
  /// Whether the request's body is the first piece («Creation With Upload»): receive it into a `TusReception`.
  package let hasPiece: Bool
  package let checksum: TusChecksum?
}

/// A piece that may come.
package struct TusPiece: Sendable, Equatable {
  /// Where it begins.
  package let offset: Int64
  /// The upload's whole length; may be news.
  package let length: Int64?
  package let checksum: TusChecksum?
}

/// What is to be done with a request.
package enum TusDecision<Step: Sendable & Equatable>: Sendable, Equatable {
  case go(Step)
  case answer(TusAnswer)
}
