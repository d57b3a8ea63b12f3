// Files over HTTP: the one way on which their bytes leave the server.

import ArchiveCore
import HTTPTypes
import Hummingbird
import Logging
import Uploads

/// Answers GET and HEAD at `/d/{token}/{name}`. The token alone decides; the name is for people and their disks.
struct DownloadHandlers: Sendable {
  let open: OpenLink
  let send: SendFile

  /// Every answer here carries the same guard, refusals too.
  func download(_ request: Request, _ context: ServiceContext) async throws -> Response {
    do {
      do {
        return try await answer(request, context)
      } catch is PicturesForgotten {
        // Now they are made, while the browser waits: it would not ask again by itself.
        return try await answer(request, context)
      }
    } catch is PicturesForgotten {
      throw Problem(PictureMaking.busy).guarded
    } catch let problem as Problem {
      throw problem.guarded
    } catch let error as ServiceError {
      throw Problem(error).guarded
    } catch let error as StoreError {
      context.logger.error("a download failed", metadata: ["error": "\(error)"])
      throw Problem(error).guarded
    }
  }

  private func answer(_ request: Request, _ context: ServiceContext) async throws -> Response {
    let opened = try await open(context.parameters["token"].map(String.init) ?? "")
    let isHead = request.method == .head
    let values = HeaderValues(request.headers)
    // Neither a preview in another chat nor a browser that looks ahead may use up a link.
    if !isHead, opened.isLimited, !LinkVisitor(values.first).wantsFile { return Self.notice }
    let served = opened.served
    let fields = DownloadFields(
      content: served.content, name: served.name, size: served.sizeBytes, tag: served.tag,
      modified: opened.file.createdAt.httpDate, life: opened.life,
      wantsAttachment: try opened.wantsAttachment
        || QueryParameters(request).text("download") != nil)
    let plan = DownloadRequest(isHead: isHead, values.joined).plan(
      size: served.sizeBytes, tag: served.tag, modified: fields.modified)
    let headers = HTTPFields(fields.fields(for: plan))
    switch plan {
    case .whole where isHead: return Response(status: .ok, headers: headers)
    case .whole:
      let event = event(opened, nil, context)
      if let address = try await send.elsewhere(opened, fields, event) { return Self.to(address) }
      return Response(
        status: .ok, headers: headers, body: try await send.body(of: opened, nil, event))
    case .part(let range):
      let event = event(opened, range, context)
      return Response(
        status: .partialContent, headers: headers,
        body: try await send.body(of: opened, range, event))
    case .notModified:
      var response = Response(status: .notModified, headers: headers)
      response.headers[.contentLength] = nil
      return response
    case .preconditionFailed:
      throw Problem(.preconditionFailed, "the file is not the one that was asked for")
    case .unsatisfiable:
      throw Problem(
        .rangeNotSatisfiable, "the file ends before that range begins",
        headers: [.contentRange: headers[.contentRange] ?? ""])
    }
  }

  private static func to(_ address: String) -> Response {
    var headers = HTTPFields(DownloadFields.guarding())
    headers[.location] = address
    headers[.cacheControl] = "private, no-store"
    return Response(status: .temporaryRedirect, headers: headers)
  }

  /// What the audit log says of a use of a link that somebody handed out. What members look at in their own
  /// conversations is not an event.
  private func event(_ opened: OpenedFile, _ range: ByteRange?, _ context: ServiceContext)
    -> AuditEvent?
  {
    guard case .link(let link) = opened.right else { return nil }
    var detail = link.auditDetail
    if let range { detail["range"] = "\(range.first)-\(range.last)" }
    return AuditEvent(.linkUsed, subject: link.creatorID, from: context.origin, detail: detail)
  }

  /// Instead of the file, for programs that show what an address leads to.
  private static var notice: Response {
    var headers = HTTPFields(DownloadFields.guarding())
    headers[.contentType] = "text/plain; charset=utf-8"
    headers[.cacheControl] = "private, no-store"
    return Response(
      status: .ok, headers: headers,
      body: ResponseBody(byteBuffer: .init(string: "A file. Open the link to fetch it.\n")))
  }
}

/// A request's header fields by name, for readers that know nothing of HTTP's types.
struct HeaderValues {
  private let fields: HTTPFields

  init(_ fields: HTTPFields) { self.fields = fields }

  func first(_ name: String) -> String? {
    HTTPField.Name(name).flatMap { fields[values: $0].first }
  }

  /// All values of the field with commas between them.
  func joined(_ name: String) -> String? { HTTPField.Name(name).flatMap { fields[$0] } }
}

extension HTTPFields {
  init(_ fields: [(name: String, value: String)]) {
    self.init()
    for (name, value) in fields { self[.field(name)] = value }
  }
}

extension Problem {
  /// The same, fit for an address of a link.
  fileprivate var guarded: Problem {
    var problem = self
    for field in HTTPFields(DownloadFields.guarding()) { problem.headers[field.name] = field.value }
    return problem
  }
}
