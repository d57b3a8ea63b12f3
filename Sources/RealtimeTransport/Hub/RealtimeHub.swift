// The hub: who is connected, who hears what, and how the application is asked.

package import Logging
package import NIOCore
import NIOPosix
package import RealtimeProtocol
import Synchronization

/// What a hub speaks with its clients.
package enum RealtimeLayer: Sendable {
  /// Socket.IO; the application decides and answers.
  case sockets
  /// Engine.IO alone, for its test suite: every message goes back to where it came from.
  case echo
}

/// What all shards of a hub use. Safe from any thread.
final class HubParts: Sendable {
  let settings: TransportSettings
  let layer: RealtimeLayer
  let newID: @Sendable () -> String
  let directory = GroupDirectory()
  let origins: Origins
  let calls = PendingCalls()

  init(
    settings: TransportSettings, layer: RealtimeLayer, newID: @escaping @Sendable () -> String
  ) {
    (self.settings, self.layer, self.newID) = (settings, layer, newID)
    origins = Origins(
      limit: settings.connectionLimit, limitPerOrigin: settings.connectionsPerOrigin)
  }
}

/// Serves realtime connections. Every call may be made from any task or thread; none blocks.
///
/// Connections are spread over event loops and stay where they are. What one caller does in a row (send, broadcast,
/// join, leave, close) takes effect on each socket in that order. A broadcast encodes once, visits the loops that have
/// members, and compresses at most once.
package final class RealtimeHub: Sendable {
  let shared: HubParts
  private let logger: Logger
  private let shards: [HubShard]

  /// - Parameters:
  ///   - newID: at least 120 random bits as letters, digits, `-` and `_`: what a session is known by, and a secret.
  ///   - group: the event loops of the server that serves the hub.
  package init(
    settings: TransportSettings = TransportSettings(), layer: RealtimeLayer = .sockets,
    logger: Logger, newID: @escaping @Sendable () -> String,
    group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton
  ) {
    let shared = HubParts(settings: settings, layer: layer, newID: newID)
    (self.shared, self.logger) = (shared, logger)
    shards = Array(group.makeIterator()).enumerated().map {
      HubShard(loop: $0.element, index: $0.offset, shared: shared)
    }
  }

  package var settings: TransportSettings { shared.settings }

  // MARK: Sending

  package func send(_ packet: EncodedPacket, to socket: SocketID) {
    let outgoing = outgoing(packet)
    at(socket) { $0.send(outgoing, to: socket) }
  }

  /// Acknowledges an event, in its place among what else is sent to the socket.
  package func acknowledge(
    _ id: Int64, _ arguments: [JSONValue], namespace: String = "/", to socket: SocketID
  ) {
    send(.acknowledgement(id, arguments, namespace: namespace), to: socket)
  }

  package func broadcast(
    _ packet: EncodedPacket, to group: GroupKey, except: [SocketID] = []
  ) {
    broadcast(packet, to: [group], except: except)
  }

  /// A socket that is in several of the groups hears it once.
  package func broadcast(
    _ packet: EncodedPacket, to groups: [GroupKey], except: [SocketID] = []
  ) {
    let visited = shared.directory.shards(of: groups)
    guard visited != 0 else { return }
    let outgoing = outgoing(packet)
    at(visited) { $0.broadcast(outgoing, groups, except: except) }
  }

  private func outgoing(_ packet: EncodedPacket) -> OutgoingPacket {
    OutgoingPacket(packet, compressionFloorBytes: shared.settings.compressionFloorBytes)
  }

  // MARK: Groups

  /// `false` where the socket is gone. When it returns, whatever is broadcast to the groups reaches the socket.
  @discardableResult
  package func join(_ socket: SocketID, _ groups: [GroupKey]) async -> Bool {
    guard let shard = shard(socket.shard) else { return false }
    return await withCheckedContinuation { waiting in
      shard.loop.execute { waiting.resume(returning: shard.join(socket, groups)) }
    }
  }

  /// The same without waiting: what the same caller broadcasts next reaches the socket. Nothing happens where it is gone.
  package func enter(_ socket: SocketID, _ groups: [GroupKey]) {
    guard let shard = shard(socket.shard) else { return }
    shared.directory.expect(groups, shard: shard.index)
    shard.loop.execute {
      _ = shard.join(socket, groups)
      self.shared.directory.settle(groups)
    }
  }

  package func leave(_ socket: SocketID, _ groups: [GroupKey]) {
    at(socket) { $0.leave(socket, groups) }
  }

  /// All sockets of one group leave others. What is broadcast after the call is not heard by them.
  package func leave(membersOf group: GroupKey, _ groups: [GroupKey]) {
    at(.max) { $0.leave(membersOf: group, groups) }
  }

  package func dissolve(_ group: GroupKey) { at(.max) { $0.dissolve(group) } }

  package func members(of group: GroupKey) async -> [SocketID] {
    var members: [SocketID] = []
    for shard in shards(in: shared.directory.shards(of: [group])) {
      members += await withCheckedContinuation { waiting in
        shard.loop.execute { waiting.resume(returning: shard.members(of: group).map(\.id)) }
      }
    }
    return members
  }

  package func memberCount(of group: GroupKey) -> Int { shared.directory.memberCount(of: group) }

  // MARK: Ends

  package func close(_ socket: SocketID, _ end: SocketEnd) {
    at(socket) { shard in
      guard let served = shard.socket(socket) else { return }
      served.connection?.end(served, end)
    }
  }

  package func close(membersOf group: GroupKey, _ end: SocketEnd) {
    at(.max) { shard in
      for served in shard.members(of: group) { served.connection?.end(served, end) }
    }
  }

  // MARK: The application

  /// Asks the application, until the task is cancelled; then what waits is still asked. Once in the hub's life.
  package func run(_ application: any RealtimeApplication) async {
    await withTaskCancellationHandler {
      await withDiscardingTaskGroup { group in
        for _ in 0..<settings.eventConcurrency {
          group.addTask { await self.work(application) }
        }
      }
    } onCancel: {
      shared.calls.end()
    }
  }

  private func work(_ application: any RealtimeApplication) async {
    while let connection = await shared.calls.next() {
      while true {
        let calls = connection.calls.withLock { $0.take() }
        if calls.isEmpty { break }
        for call in calls { await ask(application, call, for: connection) }
      }
    }
  }

  private func ask(
    _ application: any RealtimeApplication, _ call: PendingCall, for connection: RealtimeConnection
  ) async {
    let loop = connection.shard.loop
    switch call {
    case .connect(let request):
      let decision = await application.connect(request)
      loop.execute { connection.decided(decision, request) }
    case .event(let event):
      let packet = await answer(to: event, application)
      loop.execute { connection.answered(packet, to: event.socket) }
    case .disconnected(let socket, let reason):
      await application.disconnected(socket, reason)
      loop.execute { connection.callEnded() }
    }
  }

  private func answer(to event: IncomingEvent, _ application: any RealtimeApplication) async
    -> OutgoingPacket?
  {
    let arguments = await application.event(event)
    guard let arguments, let id = event.acknowledgementID else { return nil }
    return outgoing(.acknowledgement(id, arguments, namespace: event.namespace))
  }

  // MARK: The end of the server

  /// Lets nobody in any more, closes every session, and waits until they are gone and the application knows, or until
  /// `drainDeadline` has passed. Call it when the server takes no more connections, before `run` is cancelled.
  package func drain() async {
    stop()
    guard let first = shards.first else { return }
    let deadline = NIODeadline.now() + TimeAmount(settings.drainDeadline)
    while NIODeadline.now() < deadline, !isEmpty {
      await withCheckedContinuation { waiting in
        _ = first.loop.scheduleTask(in: .milliseconds(10)) { waiting.resume() }
      }
    }
    if !isEmpty {
      logger.warning("realtime connections did not close in time, and are cut")
    }
    at(.max) { $0.abortAll() }
  }

  /// Begins the end: every session is told.
  func stop() {
    shared.origins.stop()
    at(.max) { $0.closeAll(.serverShuttingDown) }
  }

  private var isEmpty: Bool { shared.calls.isIdle && shards.allSatisfy(\.hasNoChannels) }

  package var measurements: RealtimeMeasurements {
    var sum = RealtimeMeasurements()
    for shard in shards { shard.counters.add(to: &sum) }
    return sum
  }

  // MARK: Shards

  func shard(of loop: any EventLoop) -> HubShard? {
    shards.first { $0.loop === loop }
  }

  func shard(_ index: Int) -> HubShard? {
    shards.indices.contains(index) ? shards[index] : nil
  }

  /// The shard that a session's name names.
  func shard(session id: String) -> HubShard? {
    guard let mark = id.utf8.lastIndex(of: UInt8(ascii: "_")),
      let index = Int(id[id.utf8.index(after: mark)...])
    else { return nil }
    return shard(index)
  }

  private func shards(in mask: UInt64) -> [HubShard] {
    shards.filter { mask & GroupDirectory.bit($0.index) != 0 }
  }

  private func at(_ socket: SocketID, _ work: @escaping @Sendable (HubShard) -> Void) {
    guard let shard = shard(socket.shard) else { return }
    shard.loop.execute { work(shard) }
  }

  private func at(_ mask: UInt64, _ work: @escaping @Sendable (HubShard) -> Void) {
    for shard in shards(in: mask) { shard.loop.execute { work(shard) } }
  }
}
