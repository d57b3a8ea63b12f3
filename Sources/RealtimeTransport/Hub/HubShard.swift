// Everything of the hub that lives on one event loop.

import Gzip
import NIOCore
import RealtimeProtocol

/// The sessions, sockets and groups of one event loop, and what is to be flushed at the end of its turn.
// Only ever touched on its event loop, except for `loop`, `index`, `shared` and `counters`, which never change
// or are safe from any thread.
final class HubShard: @unchecked Sendable {
  let loop: any EventLoop
  let index: Int
  let shared: HubParts
  let counters = ShardCounters()

  /// Sessions that poll, by what clients call them. A session with a WebSocket cannot be asked for.
  private var polling: [String: RealtimeConnection] = [:]
  private var connections: [ObjectIdentifier: RealtimeConnection] = [:]
  private var sockets: [UInt64: ServedSocket] = [:]
  private var groups: [GroupKey: Group] = [:]
  private var lastNumber: UInt64 = 0
  private var broadcasts: UInt64 = 0

  private var unflushed: [WebSocketHandler] = []
  private var errands: [ObjectIdentifier: ErrandBatch] = [:]
  private var isFlushScheduled = false

  private lazy var wheel = DeadlineWheel(loop: loop, step: shared.settings.wheelStep) {
    connection, now in connection.wake(now)
  }
  private(set) lazy var deflater = MessageDeflater()
  private(set) lazy var inflater = MessageInflater()

  init(loop: any EventLoop, index: Int, shared: HubParts) {
    (self.loop, self.index, self.shared) = (loop, index, shared)
  }

  /// From any thread.
  var hasNoChannels: Bool { counters.channels.value == 0 }

  // MARK: Sessions

  /// Which shard a session is on can be read off its name, so no table is shared.
  func newSessionID() -> String { "\(shared.newID())_\(index)" }

  func add(_ connection: RealtimeConnection, isPolling: Bool) {
    connections[ObjectIdentifier(connection)] = connection
    if isPolling { polling[connection.id] = connection }
    counters.connections.up()
    counters.opened.up()
  }

  func pollingSession(_ id: String) -> RealtimeConnection? { polling[id] }

  /// Nobody can ask for the session any more.
  func forget(_ connection: RealtimeConnection) { polling[connection.id] = nil }

  func ended(_ connection: RealtimeConnection) {
    guard connections.removeValue(forKey: ObjectIdentifier(connection)) != nil else { return }
    forget(connection)
    counters.connections.down()
    shared.origins.remove(connection.client.countKey)
  }

  func watch(_ connection: RealtimeConnection) { wheel.watch(connection) }

  func closeAll(_ reason: CloseReason) {
    for connection in Array(connections.values) { connection.close(reason) }
  }

  func abortAll() {
    for connection in Array(connections.values) { connection.abort() }
  }

  // MARK: Sockets and groups

  func addSocket(_ namespace: String, _ connection: RealtimeConnection) -> ServedSocket {
    lastNumber += 1
    let id = SocketID(shard: index, number: lastNumber)
    let socket = ServedSocket(id: id, namespace: namespace, connection: connection)
    sockets[id.number] = socket
    counters.sockets.up()
    return socket
  }

  func removeSocket(_ socket: ServedSocket) {
    guard sockets.removeValue(forKey: socket.id.number) != nil else { return }
    counters.sockets.down()
    for group in socket.groups { drop(socket, from: group) }
    _ = socket.takeHeld()
    (socket.groups, socket.connection) = ([], nil)
  }

  func socket(_ id: SocketID) -> ServedSocket? { sockets[id.number] }

  func join(_ id: SocketID, _ keys: [GroupKey]) -> Bool {
    guard let socket = sockets[id.number] else { return false }
    join(socket, keys)
    return true
  }

  private func join(_ socket: ServedSocket, _ keys: [GroupKey]) {
    for key in keys {
      let group = groups[key] ?? Group(key)
      groups[key] = group
      guard !socket.groups.contains(where: { $0 === group }) else { continue }
      socket.groups.append(group)
      group.members.append(socket)
      shared.directory.note(key, shard: index, change: 1, count: group.members.count)
    }
  }

  func leave(_ id: SocketID, _ keys: [GroupKey]) {
    if let socket = sockets[id.number] { leave(socket, keys) }
  }

  func leave(membersOf key: GroupKey, _ keys: [GroupKey]) {
    for socket in groups[key]?.members ?? [] { leave(socket, keys) }
  }

  private func leave(_ socket: ServedSocket, _ keys: [GroupKey]) {
    for key in keys {
      guard let index = socket.groups.firstIndex(where: { $0.key == key }) else { continue }
      drop(socket, from: socket.groups.remove(at: index))
    }
  }

  func dissolve(_ key: GroupKey) { leave(membersOf: key, [key]) }

  private func drop(_ socket: ServedSocket, from group: Group) {
    group.remove(socket)
    shared.directory.note(group.key, shard: index, change: -1, count: group.members.count)
    if group.members.isEmpty { groups[group.key] = nil }
  }

  func members(of key: GroupKey) -> [ServedSocket] { groups[key]?.members ?? [] }

  // MARK: Sending

  func send(_ packet: OutgoingPacket, to id: SocketID) {
    guard let socket = sockets[id.number] else { return }
    socket.connection?.send(packet, to: socket)
  }

  func broadcast(_ packet: OutgoingPacket, _ keys: [GroupKey], except: [SocketID]) {
    broadcasts += 1
    for key in keys {
      // A copy: whoever is cut off for being slow leaves the group meanwhile.
      for socket in groups[key]?.members ?? [] {
        guard socket.lastBroadcast != broadcasts else { continue }
        socket.lastBroadcast = broadcasts
        if !except.isEmpty && except.contains(socket.id) { continue }
        socket.connection?.send(packet, to: socket)
      }
    }
  }

  // MARK: The end of a turn

  /// Has something done by a WebSocket, wherever it lives. What is ordered first is done first.
  func order(_ errand: WebSocketHandler.Errand, _ handler: WebSocketHandler) {
    if handler.shard === self { return handler.perform(errand) }
    let target = handler.shard
    errands[ObjectIdentifier(target), default: ErrandBatch(target: target)].items
      .append((handler, errand))
    scheduleFlush()
  }

  /// A WebSocket of this loop has written something. Everything written in one turn leaves together.
  func flushLater(_ handler: WebSocketHandler) {
    unflushed.append(handler)
    scheduleFlush()
  }

  private func scheduleFlush() {
    guard !isFlushScheduled else { return }
    isFlushScheduled = true
    loop.execute { self.flush() }
  }

  private func flush() {
    isFlushScheduled = false
    let batches = errands
    errands = [:]
    for batch in batches.values { batch.send() }
    let handlers = unflushed
    unflushed = []
    for handler in handlers { handler.flush() }
  }
}

/// What WebSockets of another event loop are to do, in order.
private struct ErrandBatch: Sendable {
  let target: HubShard
  var items: [(handler: WebSocketHandler, errand: WebSocketHandler.Errand)] = []

  func send() {
    target.loop.execute { for item in items { item.handler.perform(item.errand) } }
  }
}
