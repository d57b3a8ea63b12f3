// The hub as the port through which everything live leaves.

import ArchiveCore
import RealtimeProtocol
import RealtimeTransport

/// Encodes each event once and hands it to the hub, which keeps the order of the calls.
struct HubSender: RealtimeSender {
  let hub: RealtimeHub

  func send(_ event: LiveEvent, to socket: SocketID) { hub.send(packet(event), to: socket) }

  func broadcast(_ event: LiveEvent, to group: LiveGroup, except: [SocketID]) {
    hub.broadcast(packet(event), to: key(group), except: except)
  }

  func acknowledge(_ request: Int64, with answer: [UInt8], to socket: SocketID) {
    hub.send(.acknowledgement(request, json: answer), to: socket)
  }

  func join(_ socket: SocketID, _ groups: [LiveGroup]) { hub.enter(socket, groups.map(key)) }

  func leave(_ socket: SocketID, _ group: LiveGroup) { hub.leave(socket, [key(group)]) }

  func dissolve(_ group: LiveGroup) { hub.dissolve(key(group)) }

  func close(_ socket: SocketID, _ fate: SocketFate) {
    switch fate {
    case .over: hub.close(socket, .ended("session over"))
    case .interrupted: hub.close(socket, .interrupted("entries may have been missed"))
    }
  }

  private func packet(_ event: LiveEvent) -> EncodedPacket {
    .event(event.name.rawValue, json: event.json)
  }

  private func key(_ group: LiveGroup) -> GroupKey {
    switch group {
    case .user(let id): GroupKey("u\(id)")
    case .conversation(let id): GroupKey("c\(id)")
    case .viewers(let id): GroupKey("v\(id)")
    }
  }
}
