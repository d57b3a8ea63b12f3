// Puts router, connections and limits together into a server.

import HTTPTypes
import Hummingbird
import HummingbirdCore
import HummingbirdTLS
import Logging
import NIOCore
import RealtimeTransport

/// Makes the HTTP server of the service.
enum HTTPServer {
  /// Throws `InvalidSettings` where HTTPS is wanted and its files are no use.
  static func application(
    _ routes: Routes, _ realtime: RealtimeParts, settings: ServiceSettings.HTTP,
    stallDeadline: Duration,
    newID: @escaping @Sendable () -> String,
    logger: Logger, onReady: @escaping @Sendable (_ address: String) async -> Void
  ) throws -> Application<RouterResponder<ServiceContext>> {
    let metrics = routes.observation.metrics
    var channel = HTTP1Channel.Configuration(
      additionalChannelHandlers: [
        ConnectionGuard(settings: settings, stallDeadline: stallDeadline, newID: newID) { status in
          metrics.record(method: "none", route: "malformed", status: status.code, took: .zero)
          logger.debug("refused a malformed request", metadata: ["status": "\(status.code)"])
        }
      ])
    channel.httpDecoder.maxHeaderListSize = settings.headerLimitBytes
    channel.httpDecoder.maxHeaderFieldSize = settings.headerLimitBytes
    channel.httpDecoder.maxHeaderFieldCount = settings.headerLimitCount
    let plain = HTTPServerBuilder.http1(
      configuration: channel, realtime: [realtime.hub], client: realtime.client)
    let certificate = try ServerCertificate.configuration(settings.tls)
    return Application(
      router: routes.router(),
      server: try certificate.map { try .tls(plain, tlsConfiguration: $0) } ?? plain,
      configuration: ApplicationConfiguration(
        address: .hostname(settings.host, port: settings.port), backlog: settings.backlog,
        availableConnectionsDelegate: MaximumAvailableConnections(
          settings.connectionLimit, logger: logger)),
      onServerRunning: { channel in
        let port = channel.localAddress?.port ?? settings.port
        let host = settings.host.contains(":") ? "[\(settings.host)]" : settings.host
        await onReady("\(settings.scheme)://\(host):\(port)")
      },
      logger: logger)
  }
}
