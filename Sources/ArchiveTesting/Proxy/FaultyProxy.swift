// A reverse proxy that makes requests suffer, for tests against a real object store.

import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// An HTTP/1.1 proxy on a free port of 127.0.0.1 in front of a server, which passes everything as it is except
/// for the faults that it was told of.
///
/// The Host field stays as the client sent it, so signatures stay right. Bodies stream in both directions at the
/// pace of the slower side. Each request has a connection of its own to the server, so that a server that was
/// restarted is met by the next request. May be used from any thread.
public final class FaultyProxy: Sendable {
  /// Where it listens, on 127.0.0.1.
  public let port: Int
  private let plan: ProxyPlan
  private let listener: any Channel
  private let connections: ProxyConnections

  private init(
    port: Int, plan: ProxyPlan, listener: any Channel, connections: ProxyConnections
  ) {
    (self.port, self.plan, self.listener, self.connections) = (port, plan, listener, connections)
  }

  /// Listens; nothing is asked of the server yet.
  public static func start(upstreamHost: String, upstreamPort: Int) async throws -> FaultyProxy {
    let plan = ProxyPlan(host: upstreamHost, port: upstreamPort)
    let connections = ProxyConnections()
    let listener = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
      .serverChannelOption(.backlog, value: 256)
      .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
      .childChannelInitializer { channel in
        connections.add(channel)
        return channel.eventLoop.makeCompletedFuture {
          let pipeline = channel.pipeline.syncOperations
          try pipeline.addHandler(
            ByteToMessageHandler(HTTPRequestDecoder(leftOverBytesStrategy: .dropBytes)))
          try pipeline.addHandler(ProxyClientSide(plan: plan))
        }
      }
      .bind(host: "127.0.0.1", port: 0).get()
    return FaultyProxy(
      port: listener.localAddress?.port ?? 0, plan: plan, listener: listener,
      connections: connections)
  }

  /// `http://127.0.0.1:port`.
  public var endpoint: String { "http://127.0.0.1:\(port)" }

  /// The latest requests, 10,000 or more, in the order in which their heads arrived.
  public var requests: [ProxiedRequest] { plan.requests }

  /// The next so many requests of which the predicate is true suffer the fault; rules are asked in the order in
  /// which they were made. The predicate must not ask the proxy.
  public func inject(
    _ fault: ProxyFault, times: Int = 1,
    when applies: @escaping @Sendable (ProxiedRequest) -> Bool = { _ in true }
  ) {
    plan.add(fault, times: times, applies: applies)
  }

  /// About this part (0 to 1) of the requests for which there is no rule, and of which the predicate is true,
  /// suffers one of the faults. What is drawn depends on the seed and the order of the requests.
  public func setRandomFaults(
    rate: Double, seed: UInt64, among faults: [ProxyFault],
    when applies: @escaping @Sendable (ProxiedRequest) -> Bool = { _ in true }
  ) {
    plan.setRandom(rate: rate, seed: seed, faults: faults, applies: applies)
  }

  /// Nothing more is made to suffer; what suffers already goes on.
  public func clearFaults() { plan.clear() }

  /// Forgets the requests so far; numbers go on.
  public func forgetRequests() { plan.forgetRequests() }

  /// From the next request on the server is on another port.
  public func setUpstream(port: Int) { plan.setUpstream(port: port) }

  /// Ends all connections; requests under way are cut.
  public func breakConnections() async {
    for channel in connections.open { try? await channel.close() }
  }

  /// Stops listening and ends all connections.
  public func stop() async {
    try? await listener.close()
    await breakConnections()
  }
}

/// The connections of clients. The mutex guards the one field.
final class ProxyConnections: Sendable {
  private let channels = Mutex<[ObjectIdentifier: any Channel]>([:])

  var open: [any Channel] { channels.withLock { Array($0.values) } }

  func add(_ channel: any Channel) {
    let id = ObjectIdentifier(channel)
    channels.withLock { $0[id] = channel }
    channel.closeFuture.whenComplete { _ in
      self.channels.withLock { $0[id] = nil }
    }
  }
}
