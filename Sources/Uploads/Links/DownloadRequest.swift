// What a request for a file is answered with.

/// The fields of a GET or HEAD that decide how much is sent (RFC 9110, 13 and 14).
package struct DownloadRequest: Sendable {
  /// What is sent.
  package enum Plan: Sendable, Equatable {
    /// 200.
    case whole
    /// 206.
    case part(ByteRange)
    /// 304.
    case notModified
    /// 412.
    case preconditionFailed
    /// 416.
    case unsatisfiable

    package var status: Int {
      switch self {
      case .whole: 200
      case .part: 206
      case .notModified: 304
      case .preconditionFailed: 412
      case .unsatisfiable: 416
      }
    }
  }

  private let isHead: Bool
  private let value: [String: String]

  /// - Parameter value: a field's values joined with commas, or `nil`.
  package init(isHead: Bool, _ value: (_ name: String) -> String?) {
    self.isHead = isHead
    let names = [
      "If-Match", "If-None-Match", "If-Modified-Since", "If-Unmodified-Since", "If-Range", "Range",
    ]
    self.value = names.reduce(into: [:]) { $0[$1] = value($1) }
  }

  /// The order of RFC 9110, 13.2.2.
  ///
  /// - Parameters:
  ///   - modified: when the file was stored.
  package func plan(size: Int64, tag: EntityTag, modified: HTTPDate) -> Plan {
    if let field = value["If-Match"] {
      guard EntityTagList(field)?.holdsStrongly(tag) ?? false else { return .preconditionFailed }
    } else if let date = value["If-Unmodified-Since"].flatMap({ HTTPDate($0) }), modified > date {
      return .preconditionFailed
    }
    if let field = value["If-None-Match"] {
      if EntityTagList(field)?.holdsWeakly(tag) ?? false { return .notModified }
    } else if let date = value["If-Modified-Since"].flatMap({ HTTPDate($0) }), modified <= date {
      return .notModified
    }
    // Range is defined for GET alone (14.2).
    guard !isHead, rangeApplies(tag, modified) else { return .whole }
    switch ByteRange.read(value["Range"], size: size) {
    case .whole: return .whole
    case .part(let range): return .part(range)
    case .unsatisfiable: return .unsatisfiable
    }
  }

  /// If-Range (13.1.5): the very same bytes as those that the client has a part of, or all of them anew.
  private func rangeApplies(_ tag: EntityTag, _ modified: HTTPDate) -> Bool {
    guard let field = value["If-Range"].map({ ASCII.trimmed($0) }) else { return true }
    if let wanted = EntityTag(field) { return wanted.isStronglyEqual(to: tag) }
    return HTTPDate(field) == modified
  }
}
