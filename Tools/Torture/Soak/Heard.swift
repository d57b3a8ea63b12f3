// What the server says over a socket, as far as the soak needs it.

import Foundation

/// A message or a system entry.
struct Heard: Decodable, Sendable {
  let conversationId: String
  let seq: Int64
  let kind: String
  let senderId: String?
  let text: String?
  let clientId: String?

  /// Everything that all must see alike, in eight bytes; a thousand devices remember thousands of messages each.
  var digest: Int {
    var hasher = Hasher()
    hasher.combine(seq)
    hasher.combine(kind)
    hasher.combine(senderId)
    hasher.combine(text)
    hasher.combine(clientId)
    return hasher.finalize()
  }
}

/// What acknowledges an event.
struct Answered: Decodable, Sendable {
  let ok: Bool
  /// The message that was sent.
  let message: Heard?
  /// What was missed, and how far that goes.
  let messages: [Heard]?
  let lastSeq: Int64?
  let hasMore: Bool?
}

/// An event's name, and its entry where it is about one.
struct HeardEvent: Decodable, Sendable {
  let name: String
  let entry: Heard?

  private static let ofEntries: Set<String> = ["newMessage", "conversationChanged"]

  init(from decoder: any Decoder) throws {
    var array = try decoder.unkeyedContainer()
    name = try array.decode(String.self)
    entry = Self.ofEntries.contains(name) ? try array.decode(Heard.self) : nil
  }
}
