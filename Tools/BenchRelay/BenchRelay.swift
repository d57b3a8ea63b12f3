// archive-bench-relay: our transport with no archive behind it, beside the peers of `./dev bench realtime`.

import CAllocator
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

/// `archive-bench-relay PORT`: rooms and their fan-out, as the peers do it; the token of the handshake is the room.
@main
struct BenchRelay {
  static func main() async throws {
    // As the server does.
    _ = allocator_keep_freed_memory(4 << 20)
    guard CommandLine.arguments.count == 2, let port = Int(CommandLine.arguments[1]) else {
      print("usage: archive-bench-relay PORT")
      return
    }
    let logger = Logger(label: "relay") { _ in SwiftLogNoOpLogHandler() }
    let hub = Self.hub(logger)
    let server = try HTTPServerBuilder.http1(
      configuration: .init(), realtime: [hub],
      client: { ClientOrigin(address: $0.peer, countKey: nil, userAgent: $0.userAgent) }
    ).buildServer(
      configuration: .init(address: .hostname("127.0.0.1", port: port), backlog: 4096),
      eventLoopGroup: MultiThreadedEventLoopGroup.singleton, logger: logger
    ) { _, writer, _ in
      let body = try await writer.writeHead(HTTPResponse(status: .notFound))
      try await body.finish(nil)
    } onServerRunning: { _ in
      print("listens")
      fflush(nil)
    }
    let group = ServiceGroup(
      services: [server, Relay(hub: hub)], gracefulShutdownSignals: [.sigterm], logger: logger)
    try await group.run()
  }

  private static func hub(_ logger: Logger) -> RealtimeHub {
    var settings = TransportSettings()
    settings.connectionLimit = 100_000
    return RealtimeHub(settings: settings, logger: logger) {
      var generator = SystemRandomNumberGenerator()
      return String(generator.next(), radix: 36) + String(generator.next(), radix: 36)
    }
  }
}

/// Hands every message to all others in its room, in the form that the server gives it.
private struct Relay: Service, RealtimeApplication {
  let hub: RealtimeHub

  func run() async throws { await cancelWhenGracefulShutdown { await hub.run(self) } }

  func connect(_ request: ConnectRequest) async -> ConnectDecision {
    guard let room = request.auth["token"]?.string else { return .refused(message: "no token") }
    await hub.join(request.socket, [GroupKey(room)])
    return .accepted
  }

  func event(_ event: IncomingEvent) async -> [JSONValue]? {
    guard let order = event.arguments.first, let text = order["text"]?.string,
      let room = order["conversationId"]?.string
    else { return nil }
    let message: JSONValue = [
      "conversationId": .string(room), "createdAt": "2026-11-21T12:33:23.450Z", "files": [],
      "kind": "message", "senderId": "somebody", "seq": 1, "text": .string(text),
    ]
    hub.broadcast(.event("newMessage", [message]), to: GroupKey(room), except: [event.socket])
    return [["ok": true]]
  }

  func disconnected(_ socket: SocketID, _ reason: CloseReason) async {}
}
