// The paths of the group-chat specification, for clients written to it: the same doors under other names.

import ArchiveCore
import HTTPTypes
import Hummingbird

extension Endpoint {
  /// The address of our own that this one stands for; `nil` for our own. It takes and answers the same.
  var original: Endpoint? {
    switch self {
    case .chatSignUp: .signUp
    case .chatSignIn: .signIn
    case .chatResetPassword: .forgotPassword
    case .chatShowUser: .showUser
    case .chatEditUser: .editOwnUser
    case .chatList: .listConversations
    case .chatCreate: .createConversation
    case .chatOpen: .openConversation
    case .chatPost: .postMessage
    case .chatHistory: .readHistory
    default: nil
    }
  }

  var groupChatDescription: Description {
    switch self {
    case .chatSignUp: of(.signUp, at: "/auth/signup")
    case .chatSignIn: of(.signIn, at: "/auth/login")
    case .chatResetPassword: of(.forgotPassword, at: "/auth/reset-password")
    case .chatShowUser: of(.showUser, at: "/users/{id}")
    case .chatEditUser: of(.editOwnUser, .put, at: "/users/{id}", "Change your own profile")
    case .chatList: of(.listConversations, at: "/chats")
    case .chatCreate: of(.createConversation, at: "/chats")
    case .chatOpen: of(.openConversation, at: "/chats/{id}")
    case .chatPost: of(.postMessage, at: "/messages", takes: "NewChatMessage")
    default: of(.readHistory, at: "/messages/{id}")
    }
  }

  private func of(
    _ original: Endpoint, _ method: HTTPRequest.Method? = nil, at path: String,
    _ summary: String? = nil, takes: String? = nil
  ) -> Description {
    let known = original.description
    return Description(
      method ?? known.method, path, "Group-chat specification", summary ?? known.summary,
      open: !known.needsSignIn, takes: takes ?? known.takes, query: known.query,
      answers: known.answers)
  }
}

/// What of these paths is not word for word the same.
struct GroupChatHandlers: Sendable {
  let messages: MessageHandlers

  /// A message that names its conversation in the body.
  private struct NewMessage: Decodable {
    let chatId: String
    let message: PostMessage.Input

    private enum Key: CodingKey { case chatId }

    init(from decoder: any Decoder) throws {
      chatId = try decoder.container(keyedBy: Key.self).decode(String.self, forKey: .chatId)
      message = try PostMessage.Input(from: decoder)
    }
  }

  func post(_ request: Request, _ caller: Caller) async throws -> Response {
    let body = try await JSON.read(
      NewMessage.self, of: request, limitBytes: messages.textBodyLimitBytes)
    guard let id = ConversationID(body.chatId) else { throw ServiceError.noSuchConversation }
    return try await messages.post(body.message, in: id, caller)
  }

  /// Nobody edits somebody else here.
  func requireOwn(_ parameters: Parameters, _ caller: Caller) throws {
    guard UserID(parameters["id"].map(String.init) ?? "") == caller.userID else {
      throw ServiceError(.forbidden, "only your own profile is yours to change")
    }
  }
}
