// The shapes of conversations, members, support and search in the OpenAPI document.

import ArchiveCore

extension OpenAPISchemas {
  static func conversations(_ settings: ServiceSettings) -> [String: JSONValue] {
    let memberRole = names(MemberRole.allCases.map(\.rawValue))
    let description = paragraphs(1, 2000)
    return [
      "NewConversation": newConversation(settings, description),
      "ConversationChange": object(
        ["title": orNull(line(1, 200)), "description": orNull(description)], required: []),
      "NewChatMessage": [
        "allOf": [reference("NewMessage"), object(["chatId": id], required: ["chatId"])]
      ],
      "MemberChange": object(
        [
          "role": orNull(memberRole),
          "history": orNull(names(SharedHistory.allCases.map(\.rawValue))),
        ], required: []),
      "Member": object(
        ["id": id, "name": text, "role": memberRole, "readSeq": count], required: ["id", "name"]),
      "LastMessage": object(
        [
          "seq": count, "senderId": id, "kind": text,
          "text": [
            "type": "string",
            "description": .text("The first \(LastMessage.shownScalars) characters."),
          ],
          "data": ["type": "object"], "createdAt": time, "editedAt": time, "deletedAt": time,
        ], required: ["seq", "kind", "createdAt"]),
      "Conversation": conversation(memberRole, description),
      "ConversationPage": page("Conversation"),
    ].merging(support) { first, _ in first }.merging(search) { first, _ in first }
  }

  /// One form for each kind: what the others have, it does not take.
  private static func newConversation(
    _ settings: ServiceSettings, _ description: JSONValue
  ) -> JSONValue {
    let null: JSONValue = ["type": "null"]
    // Who is named twice counts once, so a direct conversation's list has no longest length.
    let others: JSONValue = ["type": "array", "items": id, "minItems": 1]
    func members(_ least: Int, _ most: Int) -> JSONValue {
      ["type": "array", "items": id, "minItems": .number(least), "maxItems": .number(most)]
    }
    return [
      "oneOf": [
        object(
          [
            "kind": names(["direct"]), "members": others, "title": null, "description": null,
          ], required: ["kind", "members"]),
        object(
          [
            "kind": names(["group"]), "members": members(1, settings.conversations.groupLimit),
            "title": orNull(line(1, 200)), "description": orNull(description),
          ], required: ["kind", "members"]),
        object(
          [
            "kind": names(["support"]), "members": orNull(members(0, 0)),
            "title": orNull(line(1, 200)), "description": orNull(description),
          ], required: ["kind"]),
      ]
    ]
  }

  static var conversationParameters: [String: JSONValue] {
    [
      "memberId": parameter("userId", "path", id, "A user."),
      "words": parameter(
        "query", "query", text(1, SearchQuery.limitScalars),
        "Words, of which each must be found, whole or in part; neither case nor accents matter.",
        isRequired: true),
      "in": parameter(
        "in", "query", names(["users", "conversations"]), "What is searched.", isRequired: true),
    ]
  }

  private static func conversation(_ memberRole: JSONValue, _ description: JSONValue) -> JSONValue {
    object(
      [
        "id": id, "kind": names(ConversationKind.allCases.map(\.rawValue)), "title": text,
        "description": description, "support": reference("SupportState"), "role": memberRole,
        "members": list("Member"), "memberCount": count, "createdAt": time, "lastSeq": count,
        "lastActivityAt": time, "readSeq": count, "unread": count,
        "lastMessage": reference("LastMessage"),
      ],
      required: [
        "id", "kind", "role", "members", "memberCount", "createdAt", "lastSeq", "lastActivityAt",
        "readSeq", "unread",
      ])
  }

  private static var support: [String: JSONValue] {
    [
      "SupportState": object(
        [
          "status": names(SupportState.Status.allCases.map(\.rawValue)), "since": time,
          "customerId": id, "agentId": id,
        ], required: ["status", "since", "customerId"]),
      "HandOver": object(["userId": orNull(id)], required: []),
      "SupportRequest": object(
        [
          "id": id, "title": text, "customer": reference("Member"), "createdAt": time,
          "waitingSince": time, "lastMessage": reference("LastMessage"),
        ], required: ["id", "customer", "createdAt", "waitingSince"]),
      "SupportRequestPage": page("SupportRequest"),
    ]
  }

  private static var search: [String: JSONValue] {
    [
      "FoundUser": object(
        [
          "id": id, "name": text, "avatarFileId": id, "email": text,
          "role": names(Role.allCases.map(\.rawValue)),
        ], required: ["id", "name"]),
      "FoundUserPage": page("FoundUser"),
      "SearchPage": [
        "anyOf": [reference("FoundUserPage"), reference("ConversationPage")]
      ],
    ]
  }

  private static func names(_ names: [String]) -> JSONValue {
    ["type": "string", "enum": .list(names.map { .text($0) })]
  }

}
