// Somebody changes a conversation's title or description.

import ArchiveCore

/// Changes what a group or a support conversation is called; an entry for each.
struct ChangeConversation: Sendable {
  let changes: ConversationChanges
  let open: OpenConversation

  /// What a client gives.
  struct Input: Decodable {
    let title: FieldChange
    let description: FieldChange

    private enum Key: CodingKey { case title, description }

    init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: Key.self)
      title = try FieldChange(.title, of: container)
      description = try FieldChange(.description, of: container)
    }
  }

  func callAsFunction(_ caller: Caller, _ id: ConversationID, _ input: Input) async throws
    -> ConversationView
  {
    var errors = FieldErrors()
    if case .set(let title) = input.title { ConversationRules.check(title: title, &errors) }
    if case .set(let text) = input.description {
      ConversationRules.check(description: text, &errors)
    }
    try errors.check()
    try await change(caller, id, .titleChanged, "title", \.title, input.title)
    try await change(
      caller, id, .descriptionChanged, "description", \.description, input.description)
    return try await open(caller, id, for: .changeConversation)
  }

  private func change(
    _ caller: Caller, _ id: ConversationID, _ kind: EntryKind, _ name: String,
    _ field: any WritableKeyPath<Conversation, String?> & Sendable, _ change: FieldChange
  ) async throws {
    try await changes(id, by: caller.userID) { record in
      try RightsTable.rule(of: .changeConversation).require(try record.member(caller))
      guard [.group, .support].contains(record.conversation.kind) else {
        throw ServiceError(.conflict, "this kind of conversation has no title of its own")
      }
      let present = record.conversation[keyPath: field]
      let wanted = change.applied(to: present)
      if wanted == present { return nil }
      var after = record
      after.conversation[keyPath: field] = wanted
      return PlannedChange(
        kind: kind, data: wanted.map { [name: .string($0)] } ?? [:], record: after)
    }
  }
}

/// A field that a client may leave alone, take away, or set.
enum FieldChange: Sendable, Hashable {
  case unchanged, cleared
  case set(String)

  init<Key>(_ key: Key, of container: KeyedDecodingContainer<Key>) throws {
    guard container.contains(key) else {
      self = .unchanged
      return
    }
    self = try container.decodeIfPresent(String.self, forKey: key).map { .set($0) } ?? .cleared
  }

  fileprivate func applied(to present: String?) -> String? {
    switch self {
    case .unchanged: present
    case .cleared: nil
    case .set(let text): text
    }
  }
}

/// What titles and descriptions must look like, noted in `FieldErrors`.
enum ConversationRules {
  static func check(title: String, _ errors: inout FieldErrors) {
    let isShort = title.utf8.count <= 800 && title.unicodeScalars.count <= 200
    errors.require(isShort, "title", "is longer than 200 characters")
    errors.require(!AccountRules.isBlank(title), "title", "is empty")
    errors.require(
      !isShort || !AccountRules.hasControls(title), "title", "contains control characters")
  }

  /// A description may have several lines.
  static func check(description: String, _ errors: inout FieldErrors) {
    let isShort = description.utf8.count <= 8000 && description.unicodeScalars.count <= 2000
    errors.require(isShort, "description", "is longer than 2000 characters")
    errors.require(!AccountRules.isBlank(description), "description", "is empty")
    let hasControls = description.unicodeScalars.contains {
      $0.properties.generalCategory == .control && $0 != "\n" && $0 != "\t"
    }
    errors.require(!isShort || !hasControls, "description", "contains control characters")
  }
}
