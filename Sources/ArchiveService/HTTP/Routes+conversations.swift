// The part of the router that is about conversations, messages and searches.

import ArchiveCore
import Hummingbird

extension Routes {
  /// The answer of a route that is about conversations; `nil` where it is about something else.
  func answerAboutConversations(
    _ endpoint: Endpoint, _ request: Request, _ parameters: Parameters, _ caller: Caller
  ) async throws -> Response? {
    switch endpoint {
    case .listConversations: try await conversations.list(request, caller)
    case .createConversation: try await conversations.create(request, caller)
    case .openConversation: try await conversations.open(parameters, caller)
    case .changeConversation: try await conversations.change(request, parameters, caller)
    case .deleteConversation: try await conversations.delete(parameters, caller)
    case .putMember: try await conversations.putMember(request, parameters, caller)
    case .removeMember: try await conversations.removeMember(parameters, caller)
    case .listSupport: try await conversations.listSupport(request)
    case .takeSupport: try await conversations.take(parameters, caller)
    case .handOverSupport: try await conversations.handOver(request, parameters, caller)
    case .closeSupport: try await conversations.close(parameters, caller)
    case .searchUsers: try await search.searchUsers(request, caller)
    case .search: try await search.search(request, caller)
    default: try await answerAboutMessages(endpoint, request, parameters, caller)
    }
  }

  private func answerAboutMessages(
    _ endpoint: Endpoint, _ request: Request, _ parameters: Parameters, _ caller: Caller
  ) async throws -> Response? {
    switch endpoint {
    case .readHistory: try await messages.history(request, parameters, caller)
    case .postMessage: try await messages.post(request, parameters, caller)
    case .editMessage: try await messages.edit(request, parameters, caller)
    case .deleteMessage: try await messages.delete(parameters, caller)
    case .markRead: try await messages.read(request, parameters, caller)
    case .chatPost: try await chats.post(request, caller)
    default: nil
    }
  }
}
