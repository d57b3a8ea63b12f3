// A server with a hub on a free port of this machine, for one test.

import HTTPTypes
import HummingbirdCore
import Logging
import NIOCore
import NIOPosix
import RealtimeProtocol
import ServiceLifecycle
import Synchronization

@testable import RealtimeTransport

/// A whole server: hubs in front, and behind them one that answers every other request with its path.
struct RunningServer: Sendable {
  let port: Int
  let hub: RealtimeHub
  let application: TestApplication
  /// Ends the server as a signal would.
  let stop: @Sendable () -> Void

  /// Returns when the hub counts what is wanted: it tells the application of an end a moment before it counts it.
  func until(_ isSo: (RealtimeMeasurements) -> Bool) async {
    while !isSo(hub.measurements) { await Task.yield() }
  }

  /// Runs `body` beside a server; both have ended when it returns.
  static func run(
    layer: RealtimeLayer = .sockets, _ change: (inout TransportSettings) -> Void = { _ in },
    _ body: @escaping @Sendable (RunningServer) async throws -> Void
  ) async throws {
    var settings = TransportSettings()
    settings.drainDeadline = .seconds(5)
    settings.connectionsPerOrigin = 10_000
    change(&settings)
    let counter = Atomic<Int>(0)
    let hub = RealtimeHub(
      settings: settings, layer: layer, logger: Logger(label: "test"),
      newID: { "session-with-the-number-\(counter.add(1, ordering: .relaxed).newValue)" })
    let application = TestApplication(hub: hub)
    let (ports, readiness) = AsyncStream<Int>.makeStream()
    let server = try Self.server(hub) { readiness.yield($0) }
    let stopping = ServiceGroup(
      configuration: ServiceGroupConfiguration(
        services: [
          .init(service: server), .init(service: HubService(hub: hub, application: application)),
        ], logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })))
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await stopping.run() }
      var iterator = ports.makeAsyncIterator()
      let port = await iterator.next() ?? 0
      let running = RunningServer(port: port, hub: hub, application: application) {
        Task { await stopping.triggerGracefulShutdown() }
      }
      do {
        try await body(running)
      } catch {
        group.cancelAll()
        throw error
      }
      await stopping.triggerGracefulShutdown()
      try await group.waitForAll()
    }
  }

  private static func server(_ hub: RealtimeHub, ready: @escaping @Sendable (Int) -> Void) throws
    -> any Service
  {
    try HTTPServerBuilder.http1(
      configuration: .init(), realtime: [hub],
      client: { ClientOrigin(address: $0.peer, countKey: $0.peer, userAgent: $0.userAgent) }
    ).buildServer(
      configuration: ServerConfiguration(address: .hostname("127.0.0.1", port: 0), backlog: 4096),
      eventLoopGroup: MultiThreadedEventLoopGroup.singleton, logger: Logger(label: "test")
    ) { request, writer, _ in
      let text = "\(request.method) \(request.uri.path)"
      var body = try await writer.writeHead(
        HTTPResponse(status: .ok, headerFields: [.contentLength: "\(text.utf8.count)"]))
      try await body.write(ByteBuffer(string: text))
      try await body.finish(nil)
    } onServerRunning: { channel in
      ready(channel.localAddress?.port ?? 0)
    }
  }
}

/// Asks the application until the server has stopped and everybody has gone.
private struct HubService: Service {
  let hub: RealtimeHub
  let application: TestApplication

  func run() async throws {
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await hub.run(application) }
      group.addTask {
        do { try await gracefulShutdown() } catch { return }
        await hub.drain()
      }
      await group.next()
      group.cancelAll()
    }
  }
}

/// Sends back what it gets, and remembers what it was told.
final class TestApplication: RealtimeApplication {
  struct Told: Sendable {
    var connected: [SocketID] = []
    var events: [String] = []
    var disconnected: [(SocketID, CloseReason)] = []
  }

  let hub: RealtimeHub
  private let told = Mutex(Told())
  private let changes = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))

  init(hub: RealtimeHub) { self.hub = hub }

  var memory: Told { told.withLock { $0 } }

  /// Returns when what is remembered is as wanted. The test's time limit ends what never becomes so.
  func until(_ isSo: (Told) -> Bool) async {
    if isSo(memory) { return }
    for await _ in changes.stream where isSo(memory) { return }
  }

  private func remember(_ change: (inout Told) -> Void) {
    told.withLock { change(&$0) }
    changes.continuation.yield()
  }

  func connect(_ request: ConnectRequest) async -> ConnectDecision {
    if let text = request.auth["refuse"]?.string {
      return .refused(message: text, data: ["kind": "test"])
    }
    for name in request.auth["groups"]?.array ?? [] {
      await hub.join(request.socket, [GroupKey(name.string ?? "")])
      hub.broadcast(.event("joined", [name]), to: GroupKey(name.string ?? ""))
    }
    remember { $0.connected.append(request.socket) }
    return .accepted
  }

  func event(_ event: IncomingEvent) async -> [JSONValue]? {
    remember { $0.events.append(event.name) }
    switch event.name {
    case "message":
      hub.send(
        .event("message-back", event.arguments, namespace: event.namespace), to: event.socket)
      return nil
    case "message-with-ack": return event.arguments
    case "say":
      hub.broadcast(.event("said", event.arguments), to: GroupKey("room"))
      return ["ok"]
    default: return nil
    }
  }

  func disconnected(_ socket: SocketID, _ reason: CloseReason) async {
    remember { $0.disconnected.append((socket, reason)) }
  }
}
