// The tus protocol: which request may do what.

/// The server's side of tus 1.0.0 with creation, creation-with-upload, creation-defer-length, termination, expiration
/// and checksum. Concatenation and checksums in trailers are not there.
///
/// Pure: it says what is to be done and what is answered; whoever drives it stores, locks and counts quotas. Access is
/// checked before: to somebody else's upload the answer is `unknown`.
package struct TusProtocol: Sendable {
  package static let version = "1.0.0"
  /// The type of a piece.
  package static let pieceType = "application/offset+octet-stream"
  private static let extensions =
    "creation,creation-with-upload,creation-defer-length,termination,expiration,checksum"

  /// The largest upload, in bytes.
  package let limitBytes: Int64

  package init(limitBytes: Int64) { self.limitBytes = limitBytes }

  /// For what does not exist, was never the caller's, or cannot be an id.
  package static let unknown = TusAnswer(404, reason: "there is no such upload")

  /// To OPTIONS, whatever its version.
  package var options: TusAnswer {
    let algorithms = TusChecksum.Algorithm.allCases.map(\.rawValue).joined(separator: ",")
    return TusAnswer(
      204,
      [
        ("Tus-Version", Self.version), ("Tus-Extension", Self.extensions),
        ("Tus-Max-Size", "\(limitBytes)"), ("Tus-Checksum-Algorithm", algorithms),
      ])
  }

  /// To every method but OPTIONS: `nil` where the version is ours.
  private func versionRefusal(_ fields: TusFields) -> TusAnswer? {
    if fields.version == Self.version { return nil }
    return TusAnswer(
      412, [("Tus-Version", Self.version)],
      reason: "the protocol's version is not `\(Self.version)`")
  }

  private static func refusal(_ status: Int, _ reason: String) -> TusAnswer {
    TusAnswer(status, reason: reason)
  }

  private var tooLarge: TusAnswer {
    Self.refusal(413, "the upload is larger than allowed limit=`\(limitBytes)`")
  }

  // MARK: Creation

  /// To POST at the collection.
  package func create(_ fields: TusFields) -> TusDecision<TusCreation> {
    if let refusal = versionRefusal(fields) ?? creationRefusal(fields) { return .answer(refusal) }
    return .go(
      TusCreation(
        length: fields.length.value, metadata: fields.metadata.value, hasPiece: fields.hasPiece,
        checksum: fields.checksum.value))
  }

  private func creationRefusal(_ fields: TusFields) -> TusAnswer? {
    if fields.concatenates { return Self.refusal(400, "concatenation is not supported") }
    if fields.metadata == .malformed { return Self.refusal(400, "Upload-Metadata is malformed") }
    let saysLength = fields.length.value != nil && fields.defersLength == .absent
    let defers = fields.length == .absent && fields.defersLength == .value(true)
    guard saysLength || defers else {
      return Self.refusal(400, "Upload-Length, or Upload-Defer-Length of 1, is needed")
    }
    if let length = fields.length.value, length > limitBytes { return tooLarge }
    return pieceRefusal(fields, at: 0, length: fields.length.value, isNeeded: false)
  }

  /// The answer to POST once the upload is stored, and its first piece, if any.
  package func created(_ upload: TusUpload, location: String) -> TusAnswer {
    TusAnswer(201, [("Location", location)] + state(upload))
  }

  // MARK: Pieces

  /// To PATCH at an upload, before any of its body is read.
  package func patch(_ fields: TusFields, _ upload: TusUpload, now: HTTPDate) -> TusDecision<
    TusPiece
  > {
    if let refusal = versionRefusal(fields) ?? goneRefusal(upload, now) { return .answer(refusal) }
    guard fields.hasPiece else {
      return .answer(Self.refusal(415, "the content type is not \(Self.pieceType)"))
    }
    guard let offset = fields.offset.value else {
      return .answer(Self.refusal(400, "Upload-Offset is missing or malformed"))
    }
    guard offset == upload.offset else {
      return .answer(
        TusAnswer(409, reason: "the upload goes on elsewhere offset=`\(upload.offset)`"))
    }
    let length = upload.length ?? fields.length.value
    if let refusal = lengthRefusal(fields, upload)
      ?? pieceRefusal(fields, at: offset, length: length, isNeeded: true)
    {
      return .answer(refusal)
    }
    return .go(TusPiece(offset: offset, length: length, checksum: fields.checksum.value))
  }

  /// Once a length was said, it stays.
  private func lengthRefusal(_ fields: TusFields, _ upload: TusUpload) -> TusAnswer? {
    switch fields.length {
    case .absent: return nil
    case .malformed: return Self.refusal(400, "Upload-Length is malformed")
    case .value(let length):
      if length > limitBytes { return tooLarge }
      let isPossible = upload.length.map { $0 == length } ?? (length >= upload.offset)
      return isPossible ? nil : Self.refusal(400, "Upload-Length cannot be changed")
    }
  }

  private func pieceRefusal(
    _ fields: TusFields, at offset: Int64, length: Int64?, isNeeded: Bool
  ) -> TusAnswer? {
    if fields.checksum == .malformed {
      return Self.refusal(400, "Upload-Checksum is malformed, or its algorithm not supported")
    }
    guard fields.hasPiece, let announced = fields.contentLength else { return nil }
    // What is announced to go beyond the end is refused before it comes.
    return announced > (length ?? limitBytes) - offset ? tooMuch : nil
  }

  private var tooMuch: TusAnswer {
    Self.refusal(413, "the body goes beyond the upload's length")
  }

  /// Begins to receive a piece.
  package func reception(of piece: TusPiece) -> TusReception {
    TusReception(piece, limitBytes: limitBytes, excess: tooMuch)
  }

  /// Begins to receive the piece that came with a creation.
  package func reception(of creation: TusCreation) -> TusReception {
    reception(of: TusPiece(offset: 0, length: creation.length, checksum: creation.checksum))
  }

  /// The answer to PATCH once the piece is durable.
  package func patched(_ upload: TusUpload) -> TusAnswer { TusAnswer(204, state(upload)) }

  // MARK: State and end

  /// To HEAD at an upload.
  package func head(_ fields: TusFields, _ upload: TusUpload, now: HTTPDate) -> TusAnswer {
    if let refusal = versionRefusal(fields) ?? goneRefusal(upload, now) { return refusal }
    var answer = [("Cache-Control", "no-store")] + state(upload)
    answer.append(
      upload.length.map { ("Upload-Length", "\($0)") } ?? ("Upload-Defer-Length", "1"))
    if let metadata = upload.metadata { answer.append(("Upload-Metadata", metadata)) }
    return TusAnswer(200, answer)
  }

  /// To DELETE at an upload: the answer is for when it has been ended.
  package func delete(_ fields: TusFields, _ upload: TusUpload, now: HTTPDate) -> TusDecision<
    TusAnswer
  > {
    if let refusal = versionRefusal(fields) ?? goneRefusal(upload, now) { return .answer(refusal) }
    return .go(TusAnswer(204))
  }

  private func goneRefusal(_ upload: TusUpload, _ now: HTTPDate) -> TusAnswer? {
    guard upload.isGone(at: now) else { return nil }
    return TusAnswer(
      410, [("Cache-Control", "no-store")],
      reason: upload.isTerminated ? "the upload was ended" : "the upload has expired")
  }

  /// The offset, and until when it must be complete.
  private func state(_ upload: TusUpload) -> [(name: String, value: String)] {
    var fields = [(name: "Upload-Offset", value: "\(upload.offset)")]
    if !upload.isComplete, let expires = upload.expires {
      fields.append(("Upload-Expires", expires.description))
    }
    return fields
  }
}
