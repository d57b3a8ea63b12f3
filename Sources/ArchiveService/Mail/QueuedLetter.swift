// A letter as it waits in the outbox.

import ArchiveCore

/// A document of the outbox. It is deleted when the letter is taken over, or given up.
struct QueuedLetter: Sendable, Hashable, StoredDocument {
  /// A ULID; the mail's `id` too.
  let id: String
  /// `Letter.kind`.
  let kind: String
  let to: Mailbox
  let language: Language
  /// The letter, sealed by `LetterSeal`: links are as good as passwords.
  let sealed: String
  let createdAt: Timestamp
  /// Not tried before that time.
  let dueAt: Timestamp
  /// Not tried after that time.
  let giveUpAt: Timestamp
  /// How often its sending began.
  let attempts: Int64
  /// Who has it in hand, a new text each time; empty while it is free.
  let holder: String

  static let free = ""

  static let schema = CollectionSchema(
    "outbox",
    indexes: [CollectionIndex("due", on: [.ascending("holder"), .ascending("dueAt")])])
}

extension QueuedLetter {
  init(document: Document) throws(StoreError) {
    id = try document.field("id", \.asText)
    kind = try document.field("kind", \.asText)
    to = Mailbox(
      address: try document.field("address", \.asText), name: try document.field("name", \.asText))
    language = try document.field("language") { $0.asText.flatMap(Language.init) }
    sealed = try document.field("sealed", \.asText)
    createdAt = try document.field("createdAt", \.asTime)
    dueAt = try document.field("dueAt", \.asTime)
    giveUpAt = try document.field("giveUpAt", \.asTime)
    attempts = try document.field("attempts", \.asInteger)
    holder = try document.field("holder", \.asText)
  }

  func document() throws(StoreError) -> Document {
    Document([
      "id": .string(id), "kind": .string(kind), "address": .string(to.address),
      "name": .string(to.name), "language": .string(language.rawValue), "sealed": .string(sealed),
      "createdAt": .time(createdAt), "dueAt": .time(dueAt), "giveUpAt": .time(giveUpAt),
      "attempts": .integer(attempts), "holder": .string(holder),
    ])
  }

  /// This very state of it: whoever changed it meanwhile makes the condition false.
  var isUnchanged: Filter {
    .and([
      .id(id), .equal("holder", .string(holder)), .equal("attempts", .integer(attempts)),
    ])
  }
}
