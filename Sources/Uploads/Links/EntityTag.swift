// Entity tags and lists of them.

/// The validator of one version of a file (RFC 9110, 8.8.3).
package struct EntityTag: Sendable, Hashable, CustomStringConvertible {
  package let isWeak: Bool
  /// Between the quotes.
  package let opaque: String

  /// A strong one; files never change, so the hash of the content is one. Anything that cannot stand in a tag is dropped.
  package init(strong opaque: String) {
    let bytes = opaque.utf8.filter { $0 > 0x20 && $0 < 0x7F && $0 != 0x22 }
    (isWeak, self.opaque) = (false, String(decoding: bytes, as: UTF8.self))
  }

  private init(isWeak: Bool, opaque: ArraySlice<UInt8>) {
    (self.isWeak, self.opaque) = (isWeak, String(decoding: opaque, as: UTF8.self))
  }

  package var description: String { (isWeak ? "W/" : "") + "\"\(opaque)\"" }

  /// Byte for byte the same file.
  func isStronglyEqual(to other: EntityTag) -> Bool {
    !isWeak && !other.isWeak && opaque == other.opaque
  }

  func isWeaklyEqual(to other: EntityTag) -> Bool { opaque == other.opaque }

  /// Takes one tag off the front.
  fileprivate static func take(from rest: inout ArraySlice<UInt8>) -> EntityTag? {
    let isWeak = rest.starts(with: "W/".utf8)
    if isWeak { rest = rest.dropFirst(2) }
    guard rest.popFirst() == 0x22 else { return nil }
    let opaque = rest.prefix { $0 != 0x22 }
    rest = rest.dropFirst(opaque.count)
    guard rest.popFirst() == 0x22, opaque.allSatisfy({ $0 > 0x20 && $0 != 0x7F }) else {
      return nil
    }
    return EntityTag(isWeak: isWeak, opaque: opaque)
  }

  /// Exactly one tag.
  init?(_ text: String) {
    var rest = Array(text.utf8)[...]
    guard let tag = Self.take(from: &rest), rest.isEmpty else { return nil }
    self = tag
  }
}

/// The value of If-Match and If-None-Match (RFC 9110, 13.1.1 and 13.1.2).
enum EntityTagList: Sendable, Equatable {
  case any
  case tags([EntityTag])

  private static let (limitBytes, limitTags) = (8 << 10, 64)

  /// `nil` where it is malformed or too long: then it matches nothing.
  init?(_ text: String) {
    guard text.utf8.count <= Self.limitBytes else { return nil }
    var rest = ASCII.trimmed(Array(text.utf8)[...])
    if rest.elementsEqual("*".utf8) {
      self = .any
      return
    }
    var tags: [EntityTag] = []
    while !rest.isEmpty {
      guard tags.count < Self.limitTags, let tag = EntityTag.take(from: &rest) else { return nil }
      tags.append(tag)
      rest = rest.drop(while: ASCII.isBlank)
      guard rest.isEmpty || rest.first == UInt8(ascii: ",") else { return nil }
      rest = rest.drop { ASCII.isBlank($0) || $0 == UInt8(ascii: ",") }
    }
    guard !tags.isEmpty else { return nil }
    self = .tags(tags)
  }

  func holdsStrongly(_ tag: EntityTag) -> Bool {
    switch self {
    case .any: true
    case .tags(let tags): tags.contains { $0.isStronglyEqual(to: tag) }
    }
  }

  func holdsWeakly(_ tag: EntityTag) -> Bool {
    switch self {
    case .any: true
    case .tags(let tags): tags.contains { $0.isWeaklyEqual(to: tag) }
    }
  }
}
