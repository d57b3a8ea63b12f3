// The type of a file, from its bytes alone.

/// What a file is, as far as its first `prefixLimitBytes` tell. What the sender declared, and the name, take no part.
package struct SniffedContent: Sendable, Equatable {
  /// How much of a file is looked at: documents of office programs name themselves in the fourth entry of their zip.
  package static let prefixLimitBytes = 4 << 10

  package let kind: FileKind
  /// Of texts: `utf-8`, `utf-16le`, `utf-16be`; `nil` for one in no charset that could be told, and for all else.
  package let charset: String?

  package init(_ kind: FileKind, charset: String? = nil) {
    (self.kind, self.charset) = (kind, charset)
  }

  /// Reads what `contentType` wrote, as a store keeps it; anything else is `unknown`.
  package init(contentType: String) {
    let parts = contentType.split(separator: "; charset=", maxSplits: 1).map(String.init)
    let kind = parts.first.flatMap { type in FileKind.allCases.first { $0.mediaType == type } }
    let charset = parts.count == 2 ? parts[1] : nil
    let isKnown = charset.map { Self.charsets.contains($0) } ?? true
    self.init(isKnown ? kind ?? .unknown : .unknown, charset: isKnown ? charset : nil)
  }

  private static let charsets = ["utf-8", "utf-16le", "utf-16be"]

  /// - Parameters:
  ///   - prefix: the file's first bytes; those behind the limit are not looked at.
  ///   - isWhole: whether that is all of it. A text may otherwise end in the middle of a character.
  package init(prefix: [UInt8], isWhole: Bool) {
    let reader = ByteReader(prefix.prefix(Self.prefixLimitBytes))
    let isCut = !isWhole || prefix.count > Self.prefixLimitBytes
    if let text = TextSniffer.byMark(reader) {
      self = text
    } else if let kind = Signature.kind(of: reader) {
      self.init(kind)
    } else {
      self = TextSniffer.sniff(reader, isCut: isCut) ?? SniffedContent(.unknown)
    }
  }

  /// For the field Content-Type: the media type, with the charset of a text.
  package var contentType: String {
    charset.map { "\(kind.mediaType); charset=\($0)" } ?? kind.mediaType
  }

  package var isSafeInline: Bool { kind.isSafeInline }
}

/// Keeps the first bytes of a stream for `SniffedContent`.
package struct PrefixCollector: Sendable {
  private(set) package var bytes: [UInt8] = []
  private let limitBytes: Int

  package init(limitBytes: Int = SniffedContent.prefixLimitBytes) { self.limitBytes = limitBytes }

  package var isFull: Bool { bytes.count >= limitBytes }

  package mutating func feed(_ chunk: ArraySlice<UInt8>) {
    if !isFull { bytes += chunk.prefix(limitBytes - bytes.count) }
  }
}
