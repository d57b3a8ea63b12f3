// How requests to the path of Engine.IO are answered.

import HTTPTypes
import NIOCore
import NIOHTTPTypes
import RealtimeProtocol

/// One HTTP answer, whole.
struct EngineAnswer: Sendable {
  var status: HTTPResponse.Status
  var contentType: String?
  var body: [UInt8]
  var closesConnection = false

  static func packets(_ body: [UInt8]) -> EngineAnswer {
    EngineAnswer(status: .ok, contentType: "text/plain; charset=UTF-8", body: body)
  }

  static let accepted = EngineAnswer(status: .ok, contentType: "text/html", body: Array("ok".utf8))
  static let preflight = EngineAnswer(status: .noContent, contentType: nil, body: [])

  static func refused(_ refusal: EngineRefusal, status: HTTPResponse.Status? = nil) -> EngineAnswer
  {
    EngineAnswer(
      status: status ?? HTTPResponse.Status(code: refusal.status), contentType: "application/json",
      body: refusal.body)
  }

  /// The session goes on without the request; a connection that still sends a body ends.
  static let tooLarge = EngineAnswer(
    status: .contentTooLarge, contentType: "application/json", body: EngineRefusal.badRequest.body,
    closesConnection: true)
  static let stopping = EngineAnswer(
    status: .serviceUnavailable, contentType: "application/json",
    body: EngineRefusal.forbidden("the server stops").body, closesConnection: true)

  /// The head; `cross` are the fields for pages of other origins.
  func head(_ cross: HTTPFields) -> HTTPResponse {
    var fields = cross
    if let contentType { fields[.contentType] = contentType }
    if status != .noContent { fields[.contentLength] = "\(body.count)" }
    fields[.cacheControl] = "no-store"
    fields[.xContentTypeOptions] = "nosniff"
    if closesConnection { fields[.connection] = "close" }
    return HTTPResponse(status: status, headerFields: fields)
  }
}

/// What lets pages of other origins read the answers: the CORS protocol of the Fetch standard. No cookies, ever.
enum CrossOrigin {
  static func fields(_ request: HTTPRequest) -> HTTPFields {
    guard let origin = request.headerFields[.origin] else { return [:] }
    var fields: HTTPFields = [.accessControlAllowOrigin: origin, .vary: "Origin"]
    guard request.method == .options else { return fields }
    fields[.accessControlAllowMethods] = "GET, POST"
    if let wanted = request.headerFields[.accessControlRequestHeaders], isList(wanted) {
      fields[.accessControlAllowHeaders] = wanted
    }
    fields[.accessControlMaxAge] = "600"
    return fields
  }

  private static func isList(_ text: String) -> Bool {
    text.utf8.count <= 1000
      && text.utf8.allSatisfy {
        switch $0 {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"),
          UInt8(ascii: ","), UInt8(ascii: " "):
          true
        default: false
        }
      }
  }
}
