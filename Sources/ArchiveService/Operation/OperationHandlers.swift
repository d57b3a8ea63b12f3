// Health, metrics and documentation over HTTP.

import CDocsPage
import HTTPTypes
import Hummingbird
import NIOCore

/// Answers what operators and their tools ask.
struct OperationHandlers: Sendable {
  let readiness: Readiness
  let metrics: Metrics
  let extraMetrics: @Sendable () async -> [MetricSample]
  /// The description of the interface, made once.
  let openAPIDocument: String

  private struct Health: Encodable { let status = "ok" }

  /// Touches no store: it only says that the process answers.
  func health() throws -> Response { try JSON.response(Health()) }

  func ready() async throws -> Response {
    let report = await readiness.check()
    var response = try JSON.response(report, report.isReady ? .ok : .serviceUnavailable)
    if !report.isReady { response.headers[.retryAfter] = "2" }
    return response
  }

  func showMetrics() async -> Response {
    Self.response(
      ByteBuffer(string: metrics.text(extra: await extraMetrics())),
      type: "text/plain; version=0.0.4; charset=utf-8", cache: "no-store")
  }

  func openAPI() -> Response {
    Self.response(ByteBuffer(string: openAPIDocument), type: "application/json; charset=utf-8")
  }

  func docsPage() -> Response {
    var response = Self.response(
      Self.file(cdocs_page_html, cdocs_page_html_length), type: "text/html; charset=utf-8")
    response.headers[.contentSecurityPolicy] =
      "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
      + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    return response
  }

  func docsStyle() -> Response {
    Self.response(
      Self.file(cdocs_style_css, cdocs_style_css_length), type: "text/css; charset=utf-8")
  }

  func docsScript() -> Response {
    Self.response(
      Self.file(cdocs_page_js, cdocs_page_js_length), type: "text/javascript; charset=utf-8")
  }

  private static func response(_ body: ByteBuffer, type: String, cache: String = "no-cache")
    -> Response
  {
    Response(
      status: .ok, headers: [.contentType: type, .cacheControl: cache],
      body: ResponseBody(byteBuffer: body))
  }

  /// The bytes are constants of the binary and live as long as the process.
  private static func file(_ bytes: UnsafePointer<UInt8>, _ length: Int) -> ByteBuffer {
    ByteBuffer(bytes: UnsafeBufferPointer(start: bytes, count: length))
  }
}
