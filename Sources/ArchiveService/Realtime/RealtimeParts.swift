// How everything live is put together, and how it begins and ends.

import ArchiveCore
import Encodings
import Foundation
import Logging
import RealtimeProtocol
import RealtimeTransport

/// The hub, the gateway behind it, and what answers the events of clients.
struct RealtimeParts: Sendable {
  let hub: RealtimeHub
  let gateway: RealtimeGateway
  private let settings: ServiceSettings
  private let surroundings: Surroundings
  private let logger: Logger

  /// Entries count from here on.
  init(_ all: RealtimeGateway.Surrounding) {
    (settings, surroundings, logger) = (all.settings, all.surroundings, all.logger)
    hub = RealtimeHub(
      settings: TransportSettings(all.settings.realtime), logger: all.logger,
      newID: { [surroundings = all.surroundings] in
        Base64.url.text(surroundings.randomBytes(18))
      })
    gateway = RealtimeGateway(all, sender: HubSender(hub: hub))
  }

  /// What answers clients, made of what answers requests.
  func application(
    _ callers: Callers, _ talk: ConversationParts, _ limits: RateLimits,
    documents: any DocumentStore, log: ConversationLog, presence: SessionPresence
  ) -> SocketIOApplication {
    let access = Access(documents: documents)
    let join = JoinConversation(
      gateway: gateway, access: access,
      missed: MissedReader(log: log, settings: settings.realtime),
      lastSeen: LastSeen(documents: documents, presence: presence))
    return SocketIOApplication(
      gateway: gateway, admit: AdmitSocket(gateway: gateway, callers: callers),
      answer: AnswerEvent(
        gateway: gateway, callers: callers, limits: limits, access: access, join: join,
        messages: talk.messages, surroundings: surroundings, logger: logger))
  }

  /// Works until cancelled.
  func run(_ application: SocketIOApplication) async {
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await gateway.run() }
      group.addTask { await hub.run(application) }
    }
  }

  /// Sends everybody away, once the server takes no more connections.
  func drain() async { await hub.drain() }

  /// Whose a connection is, as far as we believe it. Called on event loops.
  var client: @Sendable (ClaimedOrigin) -> ClientOrigin {
    let proxies = TrustedProxies(networks: settings.http.trustedProxies)
    return { claimed in
      let address = proxies.address(
        peer: claimed.peer.flatMap { IPAddress($0) }, forwarded: claimed.forwardedFor)
      return ClientOrigin(
        address: address?.description, countKey: address?.subscriberNetwork.description,
        userAgent: RequestOrigin(address: nil, userAgent: claimed.userAgent).userAgent)
    }
  }
}

/// Stands between the hub and everything that answers.
struct SocketIOApplication: RealtimeApplication {
  let gateway: RealtimeGateway
  let admit: AdmitSocket
  let answer: AnswerEvent

  func connect(_ request: ConnectRequest) async -> ConnectDecision {
    let network = request.client.address.flatMap { IPAddress($0) }?.subscriberNetwork
    do {
      try await admit(request.socket, token: request.auth["token"]?.string, from: network)
      return .accepted
    } catch {
      let (message, data) = answer.refusal(ofConnection: error)
      return .refused(message: message, data: data)
    }
  }

  /// Acknowledged by the gateway, in its place among the socket's events.
  func event(_ event: IncomingEvent) async -> [EventValue]? {
    await answer(
      event.name, event.arguments, from: event.socket, request: event.acknowledgementID)
    return nil
  }

  func disconnected(_ socket: SocketID, _: CloseReason) async { await gateway.remove(socket) }
}

extension TransportSettings {
  init(_ realtime: ServiceSettings.Realtime) {
    self.init()
    sessions = RealtimeSettings(
      pingInterval: realtime.pingInterval, pingTimeout: realtime.pingTimeout,
      maxPayloadBytes: realtime.payloadLimitBytes, bufferLimitBytes: realtime.inFlightLimitBytes)
    (inFlightLimitBytes, drainDeadline) = (realtime.inFlightLimitBytes, realtime.drainDeadline)
    (connectionLimit, connectionsPerOrigin) = (
      realtime.connectionLimit, realtime.connectionsPerAddress
    )
    origins.allowsAny = realtime.origins.contains("*")
    origins.allowed = Set(realtime.origins.map { $0.lowercased() })
  }
}
