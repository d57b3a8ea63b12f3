// The shapes of bodies and answers in the OpenAPI document.

/// Schemas and parameters by name.
enum OpenAPISchemas {
  static func all(_ settings: ServiceSettings) -> [String: JSONValue] {
    accounts.merging(conversations(settings)) { first, _ in first }
      .merging(messages(settings)) { first, _ in first }
      .merging(operation) { first, _ in first }
  }

  static func parameters(_ settings: ServiceSettings) -> [String: JSONValue] {
    let seq: JSONValue = ["type": "integer", "minimum": 0]
    return [
      "userId": parameter("id", "path", id, "A user."),
      "conversationId": parameter("id", "path", id, "A conversation of which you are a member."),
      "seq": parameter("seq", "path", ["type": "integer", "minimum": 1], "A message's number."),
      "before": parameter("before", "query", seq, "The page that ends just before this seq."),
      "after": parameter("after", "query", seq, "The page that begins just after this seq."),
      "limit": parameter(
        "limit", "query",
        ["type": "integer", "minimum": 1, "maximum": .number(settings.messages.pageLimit)],
        "Items on a page, 50 unless told; conversations at most \(settings.conversations.pageLimit)."
      ),
      "cursor": parameter("cursor", "query", text, "The `next` of the page before."),
    ]
  }

  private static let text: JSONValue = ["type": "string"]
  private static let time: JSONValue = ["type": "string", "format": "date-time"]
  private static let count: JSONValue = ["type": "integer", "minimum": 0]
  private static let id: JSONValue = [
    "type": "string", "pattern": "^[0-7][0-9A-HJKMNP-TV-Z]{25}$",
  ]

  private static let accounts: [String: JSONValue] = [
    "SignUp": object(
      ["email": text(1, 254), "name": text(1, 64), "password": text(8, 1024)],
      required: ["email", "name", "password"]),
    "SignIn": object(
      ["email": text, "password": text, "device": text(0, 200)], required: ["email", "password"]),
    "Refresh": object(["refreshToken": text], required: ["refreshToken"]),
    "SignedIn": object(
      [
        "user": reference("User"), "accessToken": text, "refreshToken": text, "expiresIn": count,
      ], required: ["user", "accessToken", "refreshToken", "expiresIn"]),
    "User": object(
      [
        "id": id, "email": text, "name": text, "createdAt": time,
        "role": [
          "type": "string", "enum": .list(Role.allCases.map { .text($0.rawValue) }),
        ],
      ], required: ["id", "email", "name", "role", "createdAt"]),
    "PublicUser": object(["id": id, "name": text], required: ["id", "name"]),
  ]

  private static func conversations(_ settings: ServiceSettings) -> [String: JSONValue] {
    let kind: JSONValue = ["type": "string", "enum": ["direct", "group"]]
    return [
      "NewConversation": object(
        [
          "kind": kind, "title": text(1, 200),
          "members": [
            "type": "array", "items": id, "minItems": 1,
            "maxItems": .number(settings.conversations.groupLimit),
          ],
        ], required: ["kind", "members"]),
      "Member": object(
        ["id": id, "name": text, "role": ["type": "string", "enum": ["owner", "member"]]],
        required: ["id", "name"]),
      "Conversation": object(
        [
          "id": id, "kind": kind, "title": text, "members": list("Member"), "memberCount": count,
          "createdAt": time, "lastSeq": count, "lastActivityAt": time, "readSeq": count,
          "unread": count,
        ],
        required: [
          "id", "kind", "members", "memberCount", "createdAt", "lastSeq", "lastActivityAt",
          "readSeq", "unread",
        ]),
      "ConversationPage": page("Conversation"),
    ]
  }

  private static func messages(_ settings: ServiceSettings) -> [String: JSONValue] {
    let body: JSONValue = [
      "type": "string", "minLength": 1,
      "description": .text("At most \(settings.messages.textLimitBytes) bytes of UTF-8."),
    ]
    return [
      "NewMessage": object(
        ["text": body, "replyTo": count, "clientId": text(1, 128), "files": list("File")],
        required: ["text"]),
      "Edit": object(["text": body], required: ["text"]),
      "Read": object(["seq": count], required: ["seq"]),
      "ReadMark": object(["readSeq": count, "unread": count], required: ["readSeq", "unread"]),
      "File": object(["id": id], required: ["id"]),
      "Message": object(
        [
          "conversationId": id, "seq": count, "senderId": id, "kind": text, "text": text,
          "files": list("File"), "data": ["type": "object"], "replyTo": count, "clientId": text,
          "createdAt": time, "editedAt": time, "deletedAt": time,
        ], required: ["conversationId", "seq", "kind", "files", "createdAt"]),
      "MessagePage": page("Message"),
    ]
  }

  private static let operation: [String: JSONValue] = [
    "Health": object(["status": text], required: ["status"]),
    "Readiness": object(
      [
        "status": ["type": "string", "enum": ["ready", "unready"]],
        "checks": ["type": "object", "additionalProperties": text],
      ], required: ["status", "checks"]),
    "Problem": object(
      [
        "type": text, "title": text, "status": count, "detail": text, "requestId": text,
        "errors": [
          "type": "array",
          "items": object(["field": text, "message": text], required: ["field", "message"]),
        ],
      ], required: ["type", "title", "status", "detail", "requestId"]),
  ]

  private static func text(_ least: Int, _ most: Int) -> JSONValue {
    ["type": "string", "minLength": .number(least), "maxLength": .number(most)]
  }

  private static func reference(_ name: String) -> JSONValue {
    ["$ref": .text("#/components/schemas/\(name)")]
  }

  private static func list(_ name: String) -> JSONValue {
    ["type": "array", "items": reference(name)]
  }

  private static func page(_ name: String) -> JSONValue {
    object(
      ["items": list(name), "next": ["type": ["string", "null"]]], required: ["items", "next"])
  }

  private static func object(_ properties: [String: JSONValue], required: [String]) -> JSONValue {
    [
      "type": "object", "properties": .object(properties),
      "required": .list(required.map { .text($0) }),
    ]
  }

  private static func parameter(
    _ name: String, _ place: String, _ schema: JSONValue, _ meaning: String
  ) -> JSONValue {
    [
      "name": .text(name), "in": .text(place), "required": .bool(place == "path"),
      "schema": schema, "description": .text(meaning),
    ]
  }
}
