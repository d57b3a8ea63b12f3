// Puts router, connections and limits together into a server.

import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore

/// Makes the HTTP server of the service.
enum HTTPServer {
  static func application(
    _ routes: Routes, settings: ServiceSettings.HTTP, newID: @escaping @Sendable () -> String,
    logger: Logger, onReady: @escaping @Sendable (_ address: String) async -> Void
  ) -> Application<RouterResponder<ServiceContext>> {
    let metrics = routes.observation.metrics
    var channel = HTTP1Channel.Configuration(
      additionalChannelHandlers: [
        ConnectionGuard(settings: settings, newID: newID) { status in
          metrics.record(method: "none", route: "malformed", status: status.code, took: .zero)
          logger.debug("refused a malformed request", metadata: ["status": "\(status.code)"])
        }
      ])
    channel.httpDecoder.maxHeaderListSize = settings.headerLimitBytes
    channel.httpDecoder.maxHeaderFieldSize = settings.headerLimitBytes
    channel.httpDecoder.maxHeaderFieldCount = settings.headerLimitCount
    return Application(
      router: routes.router(),
      server: .http1(configuration: channel),
      configuration: ApplicationConfiguration(
        address: .hostname(settings.host, port: settings.port), backlog: settings.backlog,
        availableConnectionsDelegate: MaximumAvailableConnections(
          settings.connectionLimit, logger: logger)),
      onServerRunning: { channel in
        let port = channel.localAddress?.port ?? settings.port
        let host = settings.host.contains(":") ? "[\(settings.host)]" : settings.host
        await onReady("http://\(host):\(port)")
      },
      logger: logger)
  }
}
