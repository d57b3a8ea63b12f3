// Reads what a client sends with an event.

import ArchiveCore
import RealtimeProtocol

/// What events carry: this module has another `JSONValue`, for documents.
typealias EventValue = RealtimeProtocol.JSONValue

/// The first argument of an event, which is an object. Fields that nobody asks for are ignored, as in bodies of requests;
/// `null` is the same as nothing.
struct EventInput: Sendable {
  private let object: JSONObject

  init(_ arguments: [EventValue]) throws {
    guard case .object(let object)? = arguments.first else {
      throw ServiceError(.invalid, "the event's first argument is not an object")
    }
    self.object = object
  }

  func optionalText(_ name: String) throws -> String? {
    try optional(name) { $0.string }
  }

  func text(_ name: String) throws -> String { try required(name, try optionalText(name)) }

  func optionalInteger(_ name: String) throws -> Int64? {
    try optional(name) { $0.integer }
  }

  func integer(_ name: String) throws -> Int64 {
    try required(name, try optionalInteger(name))
  }

  func optionalTexts(_ name: String) throws -> [String]? {
    try optional(name) { value in
      let texts = value.array?.map(\.string)
      return texts.flatMap { $0.contains(nil) ? nil : $0.compactMap { $0 } }
    }
  }

  /// What is no id is no conversation.
  func conversationID() throws -> ConversationID {
    guard let id = ConversationID(try text("conversationId")) else {
      throw ServiceError.noSuchConversation
    }
    return id
  }

  private func optional<Value>(_ name: String, _ read: (EventValue) -> Value?) throws -> Value? {
    guard let field = object[name], !field.isNull else { return nil }
    guard let value = read(field) else { throw ServiceError.field(name, "has a wrong type") }
    return value
  }

  private func required<Value>(_ name: String, _ value: Value?) throws -> Value {
    guard let value else { throw ServiceError.field(name, "is missing") }
    return value
  }
}
