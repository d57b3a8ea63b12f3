// The web page over HTTP.

import HTTPTypes
import Hummingbird

/// Hands out the index and the files that it names.
struct WebPageHandlers: Sendable {
  let page: WebPage
  /// Where the object store hands out files itself.
  var pictureOrigin: WebOrigin?

  /// Asked for anew each time, and sent only when it is another.
  func index(_ request: Request) -> Response {
    var headers: HTTPFields = [
      .eTag: page.indexTag, .cacheControl: "no-cache", .vary: "Accept-Encoding",
      .contentSecurityPolicy: WebPage.contentSecurityPolicy(picturesFrom: pictureOrigin),
    ]
    let known = request.headers[.ifNoneMatch]?.split(separator: ",") ?? []
    let isKnown = known.contains { each in
      let tag = each.trimmingPrefix { $0 == " " }
      return tag == page.indexTag || tag == "W/\(page.indexTag)"
    }
    if isKnown { return Response(status: .notModified, headers: headers) }
    headers[.contentType] = page.index.contentType
    return Self.response(page.index, headers, to: request)
  }

  /// The name says what is in it, so it never changes.
  func file(_ request: Request, _ parameters: Parameters) throws -> Response {
    let found = page.file(
      version: parameters["version"].map(String.init),
      folder: parameters["folder"].map(String.init),
      name: parameters["file"].map(String.init))
    guard let found else { throw ServiceError(.notFound, "there is no such file of the page") }
    return Self.response(
      found,
      [
        .contentType: found.contentType, .vary: "Accept-Encoding",
        .cacheControl: "public, max-age=31536000, immutable",
      ], to: request)
  }

  private static func response(_ file: WebPage.File, _ headers: HTTPFields, to request: Request)
    -> Response
  {
    guard takesGzip(request.headers[.acceptEncoding]) else {
      return Response(
        status: .ok, headers: headers, body: ResponseBody(byteBuffer: file.plain))
    }
    var headers = headers
    headers[.contentEncoding] = "gzip"
    return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: file.gzipped))
  }

  /// Whether it is named, and not with a weight of zero.
  private static func takesGzip(_ accepted: String?) -> Bool {
    (accepted ?? "").lowercased().split(separator: ",").contains { each in
      let parts = each.split(separator: ";").map { $0.filter { $0 != " " } }
      guard parts.first == "gzip" else { return false }
      return !parts.dropFirst().contains { $0.wholeMatch(of: /q=0(\.0*)?/) != nil }
    }
  }
}
