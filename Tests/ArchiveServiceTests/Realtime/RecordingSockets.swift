// The port to sockets as a test sees it: groups kept as promised, and what each socket heard.

import ArchiveCore
import Foundation
import RealtimeProtocol
import RealtimeTransport
import Synchronization

@testable import ArchiveService

/// Keeps the contract of `RealtimeSender` in memory, in one order for all sockets.
final class RecordingSockets: RealtimeSender {
  enum Heard: Equatable {
    case event(LiveEvent)
    case answer(Int64, [UInt8])
  }

  private struct State {
    var groups: [LiveGroup: Set<SocketID>] = [:]
    var heard: [SocketID: [Heard]] = [:]
    var closed: [SocketID: SocketFate] = [:]
    var broadcasts = 0
  }

  private let state = Mutex(State())

  func send(_ event: LiveEvent, to socket: SocketID) { hand(.event(event), to: [socket]) }

  func acknowledge(_ request: Int64, with answer: [UInt8], to socket: SocketID) {
    hand(.answer(request, answer), to: [socket])
  }

  func broadcast(_ event: LiveEvent, to group: LiveGroup, except: [SocketID]) {
    let members = state.withLock { state in
      state.broadcasts += 1
      return state.groups[group] ?? []
    }
    hand(.event(event), to: members.subtracting(except))
  }

  private func hand(_ heard: Heard, to sockets: Set<SocketID>) {
    state.withLock { state in
      for socket in sockets where state.closed[socket] == nil {
        state.heard[socket, default: []].append(heard)
      }
    }
  }

  func join(_ socket: SocketID, _ groups: [LiveGroup]) {
    state.withLock { state in
      for group in groups { state.groups[group, default: []].insert(socket) }
    }
  }

  func leave(_ socket: SocketID, _ group: LiveGroup) {
    state.withLock { _ = $0.groups[group]?.remove(socket) }
  }

  func dissolve(_ group: LiveGroup) { state.withLock { $0.groups[group] = nil } }

  func close(_ socket: SocketID, _ fate: SocketFate) {
    state.withLock { state in
      if state.closed[socket] == nil { state.closed[socket] = fate }
      for group in state.groups.keys { state.groups[group]?.remove(socket) }
    }
  }

  // MARK: What tests ask

  var broadcasts: Int { state.withLock(\.broadcasts) }
  var groups: Set<LiveGroup> { state.withLock { Set($0.groups.filter { !$0.value.isEmpty }.keys) } }

  func fate(_ socket: SocketID) -> SocketFate? { state.withLock { $0.closed[socket] } }

  func heard(_ socket: SocketID) -> [Heard] { state.withLock { $0.heard[socket] ?? [] } }

  /// The events of that name, as JSON.
  func events(_ socket: SocketID, _ name: LiveEvent.Name) -> [EventValue] {
    heard(socket).compactMap { heard in
      guard case .event(let event) = heard, event.name == name else { return nil }
      return Self.json(event.json)
    }
  }

  func count(_ socket: SocketID, _ name: LiveEvent.Name) -> Int { events(socket, name).count }

  /// The seqs of the entries that the socket heard as events, edits and deletions by their message.
  func seqs(_ socket: SocketID, _ names: Set<LiveEvent.Name> = [.newMessage, .conversationChanged])
    -> [Int64]
  {
    heard(socket).compactMap { heard in
      guard case .event(let event) = heard, names.contains(event.name) else { return nil }
      return Self.json(event.json)["seq"]?.integer
    }
  }

  func answer(_ socket: SocketID, _ request: Int64) -> EventValue? {
    for case .answer(request, let json) in heard(socket) { return Self.json(json) }
    return nil
  }

  /// What the socket has of a conversation: what its answers said and what it heard behind the first, in the order of
  /// its hearing.
  func shown(_ socket: SocketID) -> [Int64] {
    var seqs: [Int64] = []
    var isJoined = false
    for heard in heard(socket) {
      switch heard {
      case .answer(_, let json):
        isJoined = true
        seqs += (Self.json(json)["messages"]?.array ?? []).compactMap { $0["seq"]?.integer }
      case .event(let event):
        guard isJoined, [.newMessage, .conversationChanged].contains(event.name) else { continue }
        seqs += [Self.json(event.json)["seq"]?.integer].compactMap { $0 }
      }
    }
    return seqs
  }

  static func json(_ bytes: [UInt8]) -> EventValue {
    do { return try JSONParser.value(bytes[...], limits: JSONLimits()) } catch { return .null }
  }
}
