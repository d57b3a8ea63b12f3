// What clients say over their sockets, and what they hear in return.

import ArchiveCore
import Foundation
import HTTPTypes
import Logging
import NIOCore
import RealtimeProtocol

/// Answers the events of clients by the use cases that answer requests, under the same rights and limits.
///
/// An acknowledgement is `{ok: true, …}` or `{ok: false, problem, retryAfter?}`, where the problem is what a route would
/// answer. It leaves in its place among the socket's events.
struct AnswerEvent: Sendable {
  let gateway: RealtimeGateway
  let callers: Callers
  let limits: RateLimits
  let access: Access
  let join: JoinConversation
  let messages: MessageHandlers
  let surroundings: Surroundings
  let logger: Logger

  /// - Parameter request: what to acknowledge; `nil`: nobody asked for an answer.
  func callAsFunction(
    _ name: String, _ arguments: [EventValue], from socket: SocketID, request: Int64?
  ) async {
    var answer: [UInt8]?
    do {
      answer = try await self.answer(name, arguments, socket, request)
    } catch {
      answer = refusal(error)
    }
    guard let request, let answer else { return }
    gateway.acknowledge(request, with: answer, to: socket)
  }

  /// `nil` where it was answered already.
  private func answer(
    _ name: String, _ arguments: [EventValue], _ socket: SocketID, _ request: Int64?
  ) async throws -> [UInt8]? {
    let event = RealtimeEvent(rawValue: name)
    let known = try await gateway.enter(socket, event)
    guard let event else { throw ServiceError(.notFound, "there is no such event") }
    let caller = known.caller
    if let rule = event.rateRule { try limits.admit(rule, from: known.network, caller) }
    try RightsTable.rule(of: event).require(caller.role)
    let input = try EventInput(arguments)
    switch event {
    case .authenticate: return try await authenticate(socket, input)
    case .presence: return try await presence(socket, input)
    default: break
    }
    let id = try input.conversationID()
    switch event {
    case .joinConversation:
      let after = try input.optionalInteger("after")
      try await join(caller, socket, id, after: after.map { max(0, $0) }, request: request)
      return nil
    case .leaveConversation: return await leave(socket, id)
    case .sendMessage: return try await send(caller, socket, id, input)
    case .editMessage: return try await edit(caller, id, input)
    case .deleteMessage: return try await delete(caller, id, input)
    case .typing: return try await type(caller, id)
    case .markRead: return try await markRead(caller, id, input)
    case .authenticate, .presence: return nil
    }
  }

  private func refusal(_ error: any Error) -> [UInt8] {
    let (problem, wait) = problem(error)
    return Self.refusal(problem, retryAfter: wait, requestID: surroundings.newID().description)
  }

  /// What a client hears whose handshake is refused.
  func refusal(ofConnection error: any Error) -> (message: String, data: EventValue) {
    let (problem, wait) = problem(error)
    var data: JSONObject = JSONObject()
    data.fields.append(
      JSONObject.Field(name: "status", value: .integer(Int64(problem.status.code))))
    if let wait {
      data.fields.append(JSONObject.Field(name: "retryAfter", value: .integer(wait.wholeSecondsUp)))
    }
    return (problem.detail, .object(data))
  }

  private func problem(_ error: any Error) -> (Problem, retryAfter: Duration?) {
    let problem: Problem
    var wait: Duration?
    switch error {
    case let error as ServiceError: (problem, wait) = (Problem(error), error.retryAfter)
    case let error as StoreError:
      problem = Problem(error)
      if error.kind == .corrupt || problem.status.code == 500 {
        logger.critical("event failed", metadata: ["error": "\(error)"])
      } else if problem.status.code > 500 {
        logger.error("event failed", metadata: ["error": "\(error)"])
      }
    case is CancellationError:
      problem = Problem(.serviceUnavailable, "the server is shutting down")
    default:
      problem = Problem(.internalServerError, "something went wrong")
      logger.error("event failed", metadata: ["error": "\(error)"])
    }
    return (problem, wait)
  }

  private static func refusal(_ problem: Problem, retryAfter: Duration?, requestID: String)
    -> [UInt8]
  {
    var object = JSONObjectWriter()
    object.add("ok", false)
    let document = ProblemDocument(problem, requestID: requestID)
    object.add("problem") { $0.append(contentsOf: document.bytes.readableBytesView) }
    object.add("retryAfter", retryAfter?.wholeSecondsUp)
    return object.finish()
  }

  private static var done: [UInt8] { Array(#"{"ok":true}"#.utf8) }

  private static func done(_ name: StaticString, _ value: some Encodable) throws -> [UInt8] {
    var object = JSONObjectWriter()
    let json = try JSON.encoder.encode(value)
    object.add(name) { $0.append(contentsOf: json) }
    object.add("ok", true)
    return object.finish()
  }
}

// MARK: - One by one

extension AnswerEvent {
  private func send(
    _ caller: Caller, _ socket: SocketID, _ id: ConversationID, _ input: EventInput
  ) async throws -> [UInt8] {
    let message = PostMessage.Input(
      text: try input.optionalText("text"), files: try input.optionalTexts("files"),
      replyTo: try input.optionalInteger("replyTo"), clientId: try input.optionalText("clientId"))
    let ticket = await gateway.begin(
      socket, caller, id, message)
    do {
      let (view, isRepeat) = try await messages.postMessage(caller, in: id, message)
      await gateway.end(ticket, socket, id, seq: view.seq, isRepeat: isRepeat)
      return try Self.done("message", view)
    } catch {
      await gateway.end(ticket, socket, id, seq: nil, isRepeat: false)
      throw error
    }
  }

  private func edit(_ caller: Caller, _ id: ConversationID, _ input: EventInput) async throws
    -> [UInt8]
  {
    let change = EditMessage.Input(
      text: try input.optionalText("text"), files: try input.optionalTexts("files"))
    let view = try await messages.editMessage(
      caller, try input.integer("seq"), in: id, change)
    return try Self.done("message", view)
  }

  private func delete(_ caller: Caller, _ id: ConversationID, _ input: EventInput) async throws
    -> [UInt8]
  {
    try await messages.deleteMessage(caller, try input.integer("seq"), in: id)
    return Self.done
  }

  private func markRead(_ caller: Caller, _ id: ConversationID, _ input: EventInput) async throws
    -> [UInt8]
  {
    let view = try await messages.markRead(caller, in: id, seq: try input.integer("seq"))
    var object = JSONObjectWriter()
    object.add("ok", true)
    object.add("readSeq", view.readSeq)
    object.add("unread", view.unread)
    return object.finish()
  }

  private func type(_ caller: Caller, _ id: ConversationID) async throws -> [UInt8] {
    _ = try await access.member(caller, of: id, by: RightsTable.rule(of: .typing))
    await gateway.noteTyping(caller.userID, in: id, isOwn: true)
    return Self.done
  }

  /// Who was removed closes what is closed already, and hears nothing of what it was.
  private func leave(_ socket: SocketID, _ id: ConversationID) async -> [UInt8] {
    await gateway.close(id, on: socket)
    return Self.done
  }

  private func presence(_ socket: SocketID, _ input: EventInput) async throws -> [UInt8] {
    switch try input.text("status") {
    case "online": await gateway.setAway(false, on: socket)
    case "away": await gateway.setAway(true, on: socket)
    default: throw ServiceError.field("status", "is not one of online, away")
    }
    return Self.done
  }

  private func authenticate(_ socket: SocketID, _ input: EventInput) async throws -> [UInt8] {
    let (caller, expiry) = try await callers.admitted(token: try input.text("token"))
    try await gateway.renew(socket, caller, tokenExpiry: expiry)
    try await AdmitSocket(gateway: gateway, callers: callers).lookAgain(at: caller, socket)
    var object = JSONObjectWriter()
    object.add("expiresAt", expiry)
    object.add("ok", true)
    return object.finish()
  }
}

/// Lets a socket in whose handshake brought a good access token.
struct AdmitSocket: Sendable {
  let gateway: RealtimeGateway
  let callers: Callers

  /// Throws `notSignedIn`, and `tooMany` where the user has too many sockets already.
  func callAsFunction(_ socket: SocketID, token: String?, from network: IPNetwork?) async throws {
    guard let token else { throw ServiceError(.notSignedIn, "an access token is needed") }
    let (caller, expiry) = try await callers.admitted(token: token)
    try await gateway.admit(socket, caller, from: network, tokenExpiry: expiry)
    try await lookAgain(at: caller, socket)
  }

  /// A session that ended after its token was looked at, and before the gateway knew of the socket, was told to nobody.
  func lookAgain(at caller: Caller, _ socket: SocketID) async throws {
    do {
      _ = try await callers.caller(session: caller.sessionID, of: caller.userID)
    } catch {
      await gateway.remove(socket)
      throw error
    }
  }
}

extension RealtimeGateway {
  func begin(
    _ socket: SocketID, _ caller: Caller, _ id: ConversationID, _ message: PostMessage.Input
  ) -> SendsInFlight.Ticket {
    sends.begin(
      socket, of: caller.userID, in: id, text: message.text, files: message.files ?? [],
      replyTo: message.replyTo, clientID: message.clientId)
  }

  /// - Parameter isRepeat: the entry is an older one, which was handed out long ago.
  func end(
    _ ticket: SendsInFlight.Ticket, _ socket: SocketID, _ id: ConversationID, seq: Int64?,
    isRepeat: Bool
  ) {
    let isToCome = !isRepeat && seq.map { $0 > rooms[id]?.lastSeq ?? 0 } ?? false
    if let event = sends.end(ticket, in: id, seq: seq, isToCome: isToCome) {
      sender.send(event, to: socket)
    }
  }

  func close(_ id: ConversationID, on socket: SocketID) {
    sockets[socket]?.open.remove(id)
    leave(socket, id)
  }
}
