// The shapes of links to files in the OpenAPI document.

extension OpenAPISchemas {
  static func links(_ settings: ServiceSettings.Links) -> [String: JSONValue] {
    let seconds = max(1, Int(clamping: settings.lifetimeLimit.components.seconds))
    func number(_ most: Int) -> JSONValue {
      ["type": "integer", "minimum": 1, "maximum": .number(most)]
    }
    return [
      "NewLink": input(
        ["expiresIn": number(seconds), "maxUses": number(settings.usesLimit)], required: []),
      "CreatedLink": object(
        ["id": id, "url": text, "token": text, "expiresAt": time, "maxUses": count],
        required: ["id", "url", "token", "expiresAt"]),
      "Link": object(
        [
          "id": id, "fileId": id, "creatorId": id, "createdAt": time, "expiresAt": time,
          "maxUses": count, "uses": count, "revokedAt": time,
          "end": ["type": "string", "enum": ["revoked", "expired", "usedUp"]],
        ], required: ["id", "fileId", "creatorId", "createdAt", "expiresAt", "uses"]),
      "LinkPage": page("Link"),
      "FileList": object(
        ["files": ["type": "array", "items": id, "maxItems": .number(settings.batchLimit)]],
        required: ["files"]),
      "OwnLink": object(
        ["id": id, "url": text, "previewURL": text, "thumbnailURL": text, "expiresAt": time],
        required: ["id", "url", "expiresAt"]),
      "OwnLinkPage": page("OwnLink"),
    ]
  }

  static let linkParameters: [String: JSONValue] = [
    "linkId": parameter("id", "path", id, "A link."),
    "linkToken": parameter("token", "path", text, "The secret of a link."),
    "fileName": parameter("name", "path", text, "For people; it decides nothing."),
    "download": parameter("download", "query", text, "Sent as an attachment, whatever it is."),
  ]
}
