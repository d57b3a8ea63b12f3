// The shapes of bodies and answers in the OpenAPI document.

/// Schemas and parameters by name.
enum OpenAPISchemas {
  static func all(_ settings: ServiceSettings) -> [String: JSONValue] {
    accounts.merging(conversations(settings)) { first, _ in first }
      .merging(messages(settings)) { first, _ in first }
      .merging(operation) { first, _ in first }
      .merging(audit) { first, _ in first }
      .merging(archives) { first, _ in first }
      .merging(links(settings.links)) { first, _ in first }
      .merging(files) { first, _ in first }
  }

  static func parameters(_ settings: ServiceSettings) -> [String: JSONValue] {
    let seq = wholeNumber(from: 0)
    let shared: [String: JSONValue] = [
      "userId": parameter("id", "path", id, "A user."),
      "conversationId": parameter("id", "path", id, "A conversation of which you are a member."),
      "seq": parameter("seq", "path", wholeNumber(from: 1), "A message's number."),
      "before": parameter("before", "query", seq, "The page that ends just before this seq."),
      "after": parameter("after", "query", seq, "The page that begins just after this seq."),
      "limit": parameter(
        "limit", "query",
        ["type": "integer", "minimum": 1, "maximum": .number(settings.messages.pageLimit)],
        "Items on a page, 50 unless told."),
      "listLimit": parameter(
        "limit", "query",
        ["type": "integer", "minimum": 1, "maximum": .number(settings.conversations.pageLimit)],
        "Items on a page."),
      "cursor": parameter("cursor", "query", text, "The `next` of the page before."),
    ]
    return shared.merging(auditParameters) { first, _ in first }
      .merging(linkParameters) { first, _ in first }
      .merging(accountParameters) { first, _ in first }
      .merging(conversationParameters) { first, _ in first }
      .merging(webParameters) { first, _ in first }
      .merging(archiveParameters(settings.archives)) { first, _ in first }
      .merging(fileParameters) { first, _ in first }
  }

  static let text: JSONValue = ["type": "string"]
  static let time: JSONValue = ["type": "string", "format": "date-time"]
  static let count: JSONValue = ["type": "integer", "minimum": 0]
  static let id: JSONValue = [
    "type": "string", "pattern": "^[0-7][0-9A-HJKMNP-TV-Z]{25}$",
  ]

  private static func messages(_ settings: ServiceSettings) -> [String: JSONValue] {
    let body: JSONValue = [
      "type": "string", "minLength": 1, "pattern": "\\S",
      "description": .text("At most \(settings.messages.textLimitBytes) bytes of UTF-8."),
    ]
    let files: [String: JSONValue] = [
      "type": "array", "items": id, "maxItems": .number(settings.uploads.filesPerMessage),
      "uniqueItems": true,
      "description": "Your own uploads, or files of messages that you can read.",
    ]
    return [
      "NewMessage": spoken(
        body, files, ["replyTo": wholeNumber(from: 1), "clientId": text(1, 128)], leastFiles: 1),
      "Edit": spoken(body, files, [:], leastFiles: 0),
      "Read": object(["seq": wholeNumber(from: 0)], required: ["seq"]),
      "ReadMark": object(["readSeq": count, "unread": count], required: ["readSeq", "unread"]),
      "Message": object(
        [
          "conversationId": id, "seq": count, "senderId": id, "kind": text, "text": text,
          "files": list("FileSummary"), "data": ["type": "object"], "replyTo": count,
          "clientId": text,
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

  /// As large as we take numbers: 64 bits.
  static func wholeNumber(from least: Int) -> JSONValue {
    ["type": "integer", "minimum": .number(least), "maximum": .number(.max)]
  }

  static let email: JSONValue = ["type": "string", "format": "email", "maxLength": 254]

  /// What no text may contain, as classes of a regular expression; a line has no tabs and no ends of lines either.
  private static let lineControls = "\\u0000-\\u001F\\u007F-\\u009F"
  private static let controls = "\\u0000-\\u0008\\u000B-\\u001F\\u007F-\\u009F"

  /// A text of one line that is not blank.
  static func line(_ least: Int, _ most: Int) -> JSONValue {
    text(least, most, without: lineControls)
  }

  /// The same with several lines.
  static func paragraphs(_ least: Int, _ most: Int) -> JSONValue {
    text(least, most, without: controls)
  }

  /// A text of one line, or of nothing.
  static func blankLine(_ most: Int) -> JSONValue {
    ["type": "string", "maxLength": .number(most), "pattern": "^[^\(lineControls)]*$"]
  }

  private static func text(_ least: Int, _ most: Int, without controls: String) -> JSONValue {
    [
      "type": "string", "minLength": .number(least), "maxLength": .number(most),
      "pattern": "^[^\(controls)]*[^\(controls)\\s][^\(controls)]*$",
    ]
  }

  static func orNull(_ schema: JSONValue) -> JSONValue {
    ["anyOf": [schema, ["type": "null"]]]
  }

  /// The body of a request: a field that may be missing may as well be null.
  static func input(_ properties: [String: JSONValue], required: [String]) -> JSONValue {
    var properties = properties
    for (name, schema) in properties where !required.contains(name) {
      properties[name] = orNull(schema)
    }
    return object(properties, required: required)
  }

  /// What is said: a text, files, or both.
  private static func spoken(
    _ text: JSONValue, _ files: [String: JSONValue], _ more: [String: JSONValue], leastFiles: Int
  ) -> JSONValue {
    func either(_ files: [String: JSONValue], _ required: String) -> JSONValue {
      input(
        more.merging(["text": text, "files": .object(files)]) { first, _ in first },
        required: [required])
    }
    let some = files.merging(["minItems": .number(leastFiles)]) { _, new in new }
    return ["anyOf": [either(files, "text"), either(some, "files")]]
  }

  static func text(_ least: Int, _ most: Int) -> JSONValue {
    ["type": "string", "minLength": .number(least), "maxLength": .number(most)]
  }

  static func reference(_ name: String) -> JSONValue {
    ["$ref": .text("#/components/schemas/\(name)")]
  }

  static func list(_ name: String) -> JSONValue {
    ["type": "array", "items": reference(name)]
  }

  static func page(_ name: String) -> JSONValue {
    object(
      ["items": list(name), "next": ["type": ["string", "null"]]], required: ["items", "next"])
  }

  static func object(_ properties: [String: JSONValue], required: [String]) -> JSONValue {
    [
      "type": "object", "properties": .object(properties),
      "required": .list(required.map { .text($0) }),
    ]
  }

  static func parameter(
    _ name: String, _ place: String, _ schema: JSONValue, _ meaning: String,
    isRequired: Bool = false
  ) -> JSONValue {
    [
      "name": .text(name), "in": .text(place), "required": .bool(place == "path" || isRequired),
      "schema": schema, "description": .text(meaning),
    ]
  }
}
