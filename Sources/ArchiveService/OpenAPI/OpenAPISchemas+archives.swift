// The shapes of archives and verifications in the OpenAPI document.

extension OpenAPISchemas {
  static let archives: [String: JSONValue] = [
    "ArchivedConversation": object(
      [
        "id": id, "kind": conversationKind, "title": text, "members": list("Member"),
        "memberCount": count, "createdAt": time, "lastActivityAt": time, "deletedAt": time,
        "lastSeq": count, "archivedSeq": count, "messageCount": count,
        "extent": object(
          ["segments": count, "storedBytes": count, "plainBytes": count],
          required: ["segments", "storedBytes", "plainBytes"]),
      ],
      required: [
        "id", "kind", "members", "memberCount", "createdAt", "lastActivityAt", "lastSeq",
        "archivedSeq", "messageCount",
      ]),
    "ArchivedConversationPage": page("ArchivedConversation"),
    "Segment": object(
      [
        "firstSeq": count, "lastSeq": count, "key": text, "isPack": ["type": "boolean"],
        "storedBytes": count, "plainBytes": count, "blocks": count, "objectBytes": count,
        "objectSha256": text, "headBefore": text, "headAfter": text, "createdAt": time,
      ],
      required: [
        "firstSeq", "lastSeq", "key", "isPack", "storedBytes", "plainBytes", "blocks",
        "objectBytes", "objectSha256", "headBefore", "headAfter", "createdAt",
      ]),
    "SegmentPage": page("Segment"),
    "NewVerification": input(["conversationId": id], required: []),
    "Verification": object(
      [
        "id": id, "conversationId": id, "startedBy": id, "createdAt": time, "finishedAt": time,
        "state": [
          "type": "string",
          "enum": .list(Verification.State.allCases.map { .text($0.rawValue) }),
        ],
        "done": count, "total": count, "reason": text, "found": found,
      ], required: ["id", "startedBy", "createdAt", "state", "done", "total"]),
    "VerificationPage": page("Verification"),
  ]

  private static let found: JSONValue = object(
    [
      "conversations": count, "archivedEntries": count, "bufferedEntries": count,
      "segments": count, "objects": count, "snapshots": count, "orphans": count,
      "problemCount": count,
      "problems": [
        "type": "array",
        "items": object(
          [
            "kind": text, "conversation": text, "object": text, "line": count, "document": text,
            "detail": text,
          ], required: ["kind", "detail"]),
      ],
    ], required: ["conversations", "segments", "problemCount", "problems"])

  static func archiveParameters(_ settings: ServiceSettings.Archives) -> [String: JSONValue] {
    func limit(_ most: Int) -> JSONValue {
      parameter(
        "limit", "query", ["type": "integer", "minimum": 1, "maximum": .number(most)],
        "Items on a page, 50 unless told.")
    }
    return [
      "archiveId": parameter("id", "path", id, "A conversation, of whomever."),
      "verificationId": parameter("id", "path", id, "A verification."),
      "firstSeq": parameter(
        "firstSeq", "path", wholeNumber(from: 1), "The seq with which a segment begins."),
      "archivePerson": parameter("person", "query", id, "Conversations that this user is in."),
      "archiveKind": parameter("kind", "query", conversationKind, "Conversations of this kind."),
      "archiveFrom": parameter(
        "from", "query", exactTime, "Those in which something happened at this moment or later."),
      "archiveBefore": parameter("before", "query", exactTime, "Those begun before this moment."),
      "archiveLimit": limit(settings.pageLimit),
      "segmentLimit": limit(settings.segmentPageLimit),
    ]
  }

  private static let conversationKind: JSONValue = [
    "type": "string", "enum": .list(ConversationKind.allCases.map { .text($0.rawValue) }),
  ]
}
