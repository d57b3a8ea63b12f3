// The shapes of the audit log in the OpenAPI document.

extension OpenAPISchemas {
  static let audit: [String: JSONValue] = [
    "AuditEntry": object(
      [
        "id": id, "at": time, "kind": auditKind, "actorId": id, "subjectId": id,
        "conversationId": id, "sessionId": id, "address": text, "device": text,
        "detail": ["type": "object", "additionalProperties": text],
      ], required: ["id", "at", "kind", "detail"]),
    "AuditPage": page("AuditEntry"),
  ]

  static let auditParameters: [String: JSONValue] = [
    "auditKind": parameter(
      "kind", "query", ["type": "array", "items": auditKind, "minItems": 1],
      "Entries of these kinds."
    ).joinedByCommas,
    "auditActor": parameter("actor", "query", id, "What this user did."),
    "auditSubject": parameter("subject", "query", id, "What concerns this user."),
    "auditConversation": parameter(
      "conversation", "query", id, "What concerns this conversation."),
    "auditFrom": parameter("from", "query", exactTime, "Entries of this moment and later."),
    "auditBefore": parameter("before", "query", exactTime, "Entries before this moment."),
  ]

  private static let auditKind: JSONValue = [
    "type": "string", "enum": .list(AuditKind.allCases.map { .text($0.rawValue) }),
  ]

  /// A time in the one form that is taken: UTC, with milliseconds.
  static let exactTime: JSONValue = [
    "type": "string", "format": "date-time",
    "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{3}Z$",
  ]
}

extension JSONValue {
  /// A list in one parameter, with commas between its items.
  fileprivate var joinedByCommas: JSONValue {
    guard case .object(var fields) = self else { return self }
    fields["style"] = "form"
    fields["explode"] = false
    return .object(fields)
  }
}
