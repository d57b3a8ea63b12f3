// Serves the official test suites of Engine.IO and Socket.IO: ./dev conformance.

import ArgumentParser
import Glibc
import HTTPTypes
import HummingbirdCore
import Logging
import NIOCore
import NIOPosix
import RealtimeProtocol
import RealtimeTransport
import ServiceLifecycle
import UnixSignals

/// Our protocols and transports with the behaviour that the suites expect of a server: bare Engine.IO that echoes at
/// `/engine.io/`, and Socket.IO with two namespaces at `/socket.io/`.
@main
struct Conformance: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "conformance",
    abstract: "Serves the protocols' official test suites until it is interrupted.")

  @Option(help: "Where it listens; the suites expect 3000.")
  var port = 3000

  @Option(help: "The interval of pings, in milliseconds.")
  var pingInterval = 300

  @Option(help: "How long a client may take for a pong, in milliseconds.")
  var pingTimeout = 200

  func run() async throws {
    var logger = Logger(label: "conformance")
    logger.logLevel = .warning
    let (engine, sockets) = (
      hub(.echo, "/engine.io/", logger), hub(.sockets, "/socket.io/", logger)
    )
    let server = try HTTPServerBuilder.http1(
      configuration: .init(), realtime: [engine, sockets],
      client: { ClientOrigin(address: $0.peer, countKey: nil, userAgent: $0.userAgent) }
    ).buildServer(
      configuration: ServerConfiguration(
        address: .hostname("127.0.0.1", port: port), backlog: 4096),
      eventLoopGroup: MultiThreadedEventLoopGroup.singleton, logger: logger
    ) { _, writer, _ in
      let body = try await writer.writeHead(HTTPResponse(status: .notFound))
      try await body.finish(nil)
    } onServerRunning: { channel in
      print("ready on http://127.0.0.1:\(channel.localAddress?.port ?? 0)")
      // In a pipe nothing would be seen until the end.
      fflush(nil)
    }
    let group = ServiceGroup(
      services: [server, Serving(hub: sockets), Serving(hub: engine)],
      gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
    try await group.run()
  }

  private func hub(_ layer: RealtimeLayer, _ path: String, _ logger: Logger) -> RealtimeHub {
    var settings = TransportSettings()
    settings.path = path
    settings.sessions = RealtimeSettings(
      pingInterval: .milliseconds(pingInterval), pingTimeout: .milliseconds(pingTimeout),
      connectTimeout: .seconds(1), maxPayloadBytes: 1_000_000, namespaces: ["/", "/custom"])
    settings.origins.allowsAny = true
    return RealtimeHub(settings: settings, layer: layer, logger: logger) {
      var generator = SystemRandomNumberGenerator()
      return String(generator.next(), radix: 36) + String(generator.next(), radix: 36)
    }
  }
}

/// Asks the application of the suites until the server has stopped and everybody has gone.
private struct Serving: Service {
  let hub: RealtimeHub

  func run() async throws {
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await hub.run(SuiteApplication(hub: hub)) }
      group.addTask {
        do { try await gracefulShutdown() } catch { return }
        await hub.drain()
      }
      await group.next()
      group.cancelAll()
    }
  }
}
