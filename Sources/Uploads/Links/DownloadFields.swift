// The header fields of a file that goes out.

/// A file as a link hands it out, and what is said with it.
package struct DownloadFields: Sendable {
  package let content: SniffedContent
  package let name: FileName
  package let size: Int64
  package let tag: EntityTag
  package let modified: HTTPDate
  package let life: LinkLife
  /// Asked to be saved, whatever its kind.
  package let wantsAttachment: Bool

  package init(
    content: SniffedContent, name: FileName, size: Int64, tag: EntityTag, modified: HTTPDate,
    life: LinkLife, wantsAttachment: Bool = false
  ) {
    (self.content, self.name, self.size) = (content, name, size)
    (self.tag, self.modified, self.life) = (tag, modified, life)
    self.wantsAttachment = wantsAttachment
  }

  /// Inline only what is safe by its bytes.
  package var disposition: ContentDisposition {
    content.isSafeInline && !wantsAttachment ? .inline : .attachment
  }

  /// For a plan; in the order in which they are sent.
  package func fields(for plan: DownloadRequest.Plan) -> [(name: String, value: String)] {
    var fields = [("Cache-Control", Self.cacheControl(life))]
    switch plan {
    case .whole:
      fields += describing + [("Content-Length", "\(size)")]
    case .part(let range):
      fields += describing
      fields += [
        ("Content-Range", range.contentRange(of: size)), ("Content-Length", "\(range.count)"),
      ]
    case .notModified: fields.append(("ETag", tag.description))
    case .unsatisfiable: fields.append(("Content-Range", ByteRange.unsatisfiedRange(of: size)))
    case .preconditionFailed: break
    }
    return fields + Self.guarding(disposition == .inline ? content.kind : .unknown)
  }

  private var describing: [(name: String, value: String)] {
    [
      ("Content-Type", content.contentType),
      ("Content-Disposition", disposition.value(for: name)),
      ("ETag", tag.description), ("Last-Modified", modified.description),
      ("Accept-Ranges", "bytes"),
    ]
  }

  /// With every answer at a link's address, refusals too: the type is not guessed, nothing in the file runs or loads
  /// anything, the address with its token goes nowhere, and no search engine keeps it.
  ///
  /// - Parameter shown: what is shown inline; nothing is, in refusals and attachments.
  package static func guarding(_ shown: FileKind = .unknown) -> [(name: String, value: String)] {
    [
      ("X-Content-Type-Options", "nosniff"),
      ("Content-Security-Policy", shown == .pdf ? documentPolicy : policy),
      ("Referrer-Policy", "no-referrer"),
      ("X-Robots-Tag", "noindex, nofollow"),
    ]
  }

  /// Lets the browser's own frame around a picture or a film load that file and style itself.
  private static let policy =
    "sandbox; default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'; "
    + "form-action 'none'; frame-ancestors 'self'"

  /// Safari and Chrome do not run their viewers of PDF in a sandbox; and those viewers are one, which reaches nothing of
  /// the server's name. It may go when they do.
  private static let documentPolicy =
    "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; form-action 'none'; "
    + "frame-ancestors 'self'"

  /// In the reader's own cache only, and no longer than the link is good. A link with a limited number of uses, and one
  /// that is at its end, leave no copy: each use is one.
  ///
  /// A copy that a browser has does not go when the link is revoked: its owner had the file. An hour bounds it.
  package static func cacheControl(_ life: LinkLife) -> String {
    guard life.end == nil, life.uses.limit == nil else { return "private, no-store" }
    let seconds = min(life.remaining?.components.seconds ?? cacheLimitSeconds, cacheLimitSeconds)
    return seconds > 0 ? "private, max-age=\(seconds)" : "private, no-store"
  }

  private static let cacheLimitSeconds: Int64 = 3600
}
