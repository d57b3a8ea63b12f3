// The addresses of files and of resumable uploads.

import HTTPTypes

extension Endpoint {
  var fileDescription: Description {
    let tag = "Files"
    switch self {
    case .uploadFile:
      return Description(
        .post, "/api/files", tag,
        "Upload a file: the field `file` of a form. Its type is found in its content",
        takes: "multipart/form-data",
        answers: [
          (201, "File", "The file; nothing uses it yet, and so it goes after a day."),
          (413, "Problem", "It is too large, or your files would take too much together."),
          (415, "Problem", "The body is no form."),
        ])
    case .showFile:
      return Description(
        .get, "/api/files/{fileId}", tag,
        "What is known of your file, or of one in a message that you can read",
        answers: [(200, "File", "The file.")])
    default:
      return Description(
        .delete, "/api/files/{fileId}", tag,
        "Delete your file. Messages still name it; nobody fetches it any more",
        answers: [(204, nil, "Deleted.")])
    }
  }

  var tusDescription: Description {
    let (tag, one) = ("Resumable uploads (tus 1.0.0)", "/api/uploads/{fileId}")
    let piece = "application/offset+octet-stream"
    switch self {
    case .tusOptions:
      return Description(
        .options, "/api/uploads", tag, "What of the protocol is spoken here", open: true,
        answers: [(204, nil, "It is in the header.")])
    case .tusCreate:
      return Description(
        .post, "/api/uploads", tag,
        "Begin an upload, also with its first bytes. Complete, it is the file of the same id",
        takesIfAny: piece, query: ["tusVersion", "tusLength", "tusDefer", "tusMetadata"],
        answers: [
          (201, nil, "Begun; Location says where it goes on."),
          (412, "Problem", "Another version of the protocol."), (413, "Problem", "Too large."),
        ])
    case .tusHead:
      return Description(
        .head, one, tag, "How far an upload has come", query: ["tusVersion"],
        answers: [(200, nil, "Upload-Offset says it."), (410, nil, "It was ended, or is over.")])
    case .tusPatch:
      return Description(
        .patch, one, tag, "The next bytes of an upload", takes: piece,
        query: ["tusVersion", "tusOffset", "tusChecksum"],
        answers: [
          (204, nil, "They are durable; with the last of them, the file is there."),
          (409, "Problem", "The upload goes on elsewhere."),
          (410, "Problem", "It was ended, or is over."),
          (460, "Problem", "The checksum does not match."),
        ])
    case .tusDelete:
      return Description(
        .delete, one, tag, "End an upload; what came of it goes", query: ["tusVersion"],
        answers: [(204, nil, "Ended."), (410, "Problem", "It was ended, or is over.")])
    default:
      return Description(
        .post, one, tag, "Another method, named by X-HTTP-Method-Override", takesIfAny: piece,
        query: ["tusVersion", "tusOverride", "tusOffset", "tusChecksum"],
        answers: [
          (200, nil, "As the method answers."), (204, nil, "As the method answers."),
          (410, "Problem", "It was ended, or is over."),
        ])
    }
  }

  /// Whether the request brings a file, of any length, which takes as long as it takes.
  static func bringsFile(_ request: HTTPRequest) -> Bool {
    guard request.method == .post || request.method == .patch else { return false }
    let path = request.path?.prefix { $0 != "?" } ?? ""
    return path == "/api/files" || path == "/api/uploads" || path.hasPrefix("/api/uploads/")
  }
}
