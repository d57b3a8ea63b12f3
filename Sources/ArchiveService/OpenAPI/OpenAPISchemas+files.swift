// The shapes of files and of resumable uploads in the OpenAPI document.

extension OpenAPISchemas {
  static let files: [String: JSONValue] = [
    "File": object(
      fileFields.merging(["sha256": sha256, "createdAt": time]) { first, _ in first },
      required: ["id", "name", "contentType", "size", "sha256", "createdAt"]),
    "FileSummary": object(fileFields, required: ["id", "name", "contentType", "size"]),
  ]

  private static let fileFields: [String: JSONValue] = [
    "id": id, "name": ["type": "string", "description": "Clean; at most 255 bytes."],
    "contentType": ["type": "string", "description": "Found in the content."], "size": count,
    "width": ["type": "integer", "description": "Of pictures, as they are shown."],
    "height": count,
  ]

  private static let sha256: JSONValue = ["type": "string", "pattern": "^[0-9a-f]{64}$"]

  /// The form of an upload.
  static let form: JSONValue = object(
    ["file": ["type": "string", "format": "binary"]], required: ["file"])

  static let fileParameters: [String: JSONValue] = [
    "fileId": parameter("fileId", "path", id, "A file, or the upload that becomes it."),
    "tusVersion": parameter(
      "Tus-Resumable", "header", ["type": "string", "enum": ["1.0.0"]],
      "The protocol's version.", isRequired: true),
    "tusLength": parameter(
      "Upload-Length", "header", wholeNumber(from: 0), "The whole length, or Upload-Defer-Length."),
    "tusDefer": parameter(
      "Upload-Defer-Length", "header", ["type": "integer", "enum": [1]],
      "The length comes with a later piece."),
    "tusMetadata": parameter(
      "Upload-Metadata", "header", text, "`filename` and others, each in Base 64."),
    "tusOffset": parameter(
      "Upload-Offset", "header", wholeNumber(from: 0), "Where the bytes begin."),
    "tusChecksum": parameter(
      "Upload-Checksum", "header", text, "`sha256`, `sha1` or `md5`, and the digest in Base 64."),
    "tusOverride": parameter(
      "X-HTTP-Method-Override", "header",
      ["type": "string", "enum": ["HEAD", "PATCH", "DELETE", "OPTIONS"]],
      "The method that is meant.", isRequired: true),
  ]
}
