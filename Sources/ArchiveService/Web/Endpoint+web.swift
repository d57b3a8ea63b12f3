// The addresses of the web page.

import HTTPTypes

extension Endpoint {
  var webDescription: Description {
    let tag = "Web page"
    switch self {
    case .webPage:
      return Description(
        .get, "/", tag, "The web page", open: true, answers: [(200, "text/html", "The page.")])
    default:
      return Description(
        .get, "/web/{version}/{folder}/{file}", tag, "A file of the web page, which never changes",
        open: true, answers: [(200, "application/octet-stream", "The file.")])
    }
  }
}

extension OpenAPISchemas {
  static let webParameters: [String: JSONValue] = [
    "version": parameter("version", "path", text, "The version that the page names."),
    "folder": parameter("folder", "path", text, "A folder of the page."),
    "file": parameter("file", "path", text, "A file in it."),
  ]
}
