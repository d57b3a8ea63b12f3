// Lists that are shown a page at a time.

import ArchiveCore
import Encodings

/// A page of a list as clients see it.
struct PageView<Item: Encodable>: Encodable {
  let items: [Item]
  let next: String?

  private enum Key: CodingKey { case items, next }

  /// By hand, because `next` is written as null where there is none.
  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(items, forKey: .items)
    try container.encode(next, forKey: .next)
  }
}

/// What was found by who asked for one more than a page has, to know whether there is a next one.
struct FoundPage<Item> {
  let items: ArraySlice<Item>
  private let hasMore: Bool

  init(_ found: [Item], limit: Int) {
    items = found.prefix(limit)
    hasMore = found.count > limit
  }

  /// What the next page begins behind, made of this page's last item.
  func next(_ cursor: (Item) -> String?) -> String? { hasMore ? items.last.flatMap(cursor) : nil }
}

/// Where a page ended of a list that goes by a time: opaque to clients.
struct TimeCursor<Subject> {
  let time: Timestamp
  let id: Identifier<Subject>

  init(_ time: Timestamp, _ id: Identifier<Subject>) { (self.time, self.id) = (time, id) }

  /// Throws `invalidCursor`.
  init(_ text: String) throws {
    let parts = CursorText.content(of: text)?.split(separator: " ") ?? []
    guard parts.count == 2, let time = Timestamp(parts[0]),
      let id = Identifier<Subject>(String(parts[1]))
    else { throw ServiceError.invalidCursor }
    self.init(time, id)
  }

  var text: String { CursorText.text("\(time) \(id)") }

  /// The place in the order of that time.
  var position: PageCursor { PageCursor(values: [.time(time), id.stored]) }
}

/// The outside of every cursor: Base64, so that nobody is tempted to make one.
enum CursorText {
  private static let limitBytes = 1024

  static func text(_ content: String) -> String { Base64.url.text(content.utf8) }

  static func content(of text: String) -> String? {
    guard text.utf8.count <= limitBytes else { return nil }
    return Base64.url.bytes(text.utf8).flatMap { String(validating: $0, as: UTF8.self) }
  }
}

extension ServiceError {
  static let invalidCursor = ServiceError.field("cursor", "is not a cursor of this list")
}
