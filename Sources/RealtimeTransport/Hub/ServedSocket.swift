// One socket as the hub keeps it, and the groups it is in.

import RealtimeProtocol

/// One namespace on one connection. Lives on its shard's event loop.
final class ServedSocket {
  let id: SocketID
  let namespace: String
  /// Set to `nil` when the socket is gone: nothing reaches it any more.
  var connection: RealtimeConnection?
  /// Whether the client was told that it is in. Until then packets wait.
  var isAccepted = false
  private var held: [OutgoingPacket] = []
  private var heldBytes = 0
  /// Somebody wanted its end before it was accepted.
  var end: SocketEnd?
  var groups: [Group] = []
  /// The number of the broadcast that reached it last, where one goes to several groups.
  var lastBroadcast: UInt64 = 0

  init(id: SocketID, namespace: String, connection: RealtimeConnection) {
    (self.id, self.namespace, self.connection) = (id, namespace, connection)
  }

  /// Has a packet wait; `false` where more would wait than may: then none does.
  func hold(_ packet: OutgoingPacket, limitBytes: Int) -> Bool {
    held.append(packet)
    heldBytes += packet.packet.byteCount
    if heldBytes <= limitBytes, held.count <= 1_000 { return true }
    _ = takeHeld()
    return false
  }

  func takeHeld() -> [OutgoingPacket] {
    defer { (held, heldBytes) = ([], 0) }
    return held
  }
}

/// The sockets of one shard that are in one group. Lives on the shard's event loop.
final class Group {
  let key: GroupKey
  var members: [ServedSocket] = []

  init(_ key: GroupKey) { self.key = key }

  /// The newest leave soonest, as a rule, so the search begins at the end. Order means nothing.
  func remove(_ socket: ServedSocket) {
    guard let index = members.lastIndex(where: { $0 === socket }) else { return }
    members.swapAt(index, members.count - 1)
    members.removeLast()
  }
}
