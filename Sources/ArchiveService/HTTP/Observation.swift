// What happens to every request and every answer: an id, a log line, a count, security headers.

import ArchiveCore
import Foundation
import HTTPTypes
import Hummingbird
import Logging

/// The outermost middleware. Logs method, path, status and time; never a query, a body or a token.
struct Observation: RouterMiddleware {
  let logger: Logger
  let metrics: Metrics
  let surroundings: Surroundings
  let proxies: TrustedProxies
  private let hint = ProxyHint()

  init(
    logger: Logger, metrics: Metrics, surroundings: Surroundings,
    proxies: TrustedProxies = TrustedProxies(networks: [])
  ) {
    (self.logger, self.metrics, self.surroundings) = (logger, metrics, surroundings)
    self.proxies = proxies
  }

  func handle(
    _ request: Request, context: ServiceContext,
    next: (Request, ServiceContext) async throws -> Response
  ) async throws -> Response {
    let started = surroundings.uptime()
    var context = context
    context.requestID = requestID(request)
    context.origin = proxies.origin(of: request, peer: context.peer)
    tellOfProxy(request, context)
    context.logger = logger
    context.logger[metadataKey: "requestId"] = "\(context.requestID)"
    var response = try await next(request, context)
    response.headers[.requestID] = context.requestID
    context.standings.write(to: &response.headers)
    for field in HTTPFields.security where !response.headers.contains(field.name) {
      response.headers.append(field)
    }
    note(request, response, context, took: surroundings.uptime() - started)
    // Also of a refusal: bytes behind the head would be taken for the next answer.
    return request.method == .head ? response.createHeadResponse() : response
  }

  private func tellOfProxy(_ request: Request, _ context: ServiceContext) {
    let isForwarded = request.headers.contains(.forwardedFor)
    if let proxy = hint.news(peer: context.peer, isForwarded: isForwarded, trusted: proxies) {
      logger.warning(
        "a proxy seems to stand in front; name it in http.trustedProxies, or all its callers share one limit",
        metadata: ["proxy": "\(proxy)"])
    }
  }

  /// The client's own id where it is a sane one.
  private func requestID(_ request: Request) -> String {
    if let id = request.headers[.requestID], Self.isSane(id) { return id }
    return surroundings.newID().description
  }

  static func isSane(_ id: String) -> Bool {
    (1...64).contains(id.utf8.count)
      && id.utf8.allSatisfy {
        switch $0 {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"),
          UInt8(ascii: "."):
          true
        default: false
        }
      }
  }

  /// A path as logs may have it. Those of links hold tokens, also where no route takes them.
  static func shown(_ path: String, route: String?) -> String {
    if let route, route.contains("{token}") { return route }
    let hidden = path.split(separator: "/").first.map { $0.removingPercentEncoding ?? "d" }
    return hidden?.lowercased() == "d" ? "/d/…" : String(path.prefix(200))
  }

  private func note(
    _ request: Request, _ response: Response, _ context: ServiceContext, took: Duration
  ) {
    let route = context.endpointPath ?? "none"
    metrics.record(
      method: request.method.rawValue, route: route, status: response.status.code, took: took)
    context.logger.info(
      "request",
      metadata: [
        "method": "\(request.method.rawValue.prefix(20))",
        "path": "\(Self.shown(request.uri.path, route: context.endpointPath))",
        "status": "\(response.status.code)", "ms": "\(took.wholeMilliseconds)",
      ])
  }
}
