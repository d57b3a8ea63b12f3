// The router: every address of the service and what answers it.

import ArchiveCore
import HTTPTypes
import Hummingbird

/// Joins each `Endpoint` to the code that answers it.
struct Routes: Sendable {
  let accounts: AccountHandlers
  let conversations: ConversationHandlers
  let messages: MessageHandlers
  let operation: OperationHandlers
  let callers: Callers
  let observation: Observation

  func router() -> Router<ServiceContext> {
    let router = Router(context: ServiceContext.self, options: .autoGenerateHeadEndpoints)
    router.add(middleware: observation)
    router.add(middleware: ErrorMiddleware())
    for endpoint in Endpoint.allCases {
      let description = endpoint.description
      router.on(RouterPath(description.path), method: description.method) { request, context in
        guard description.needsSignIn else { return try await answer(endpoint, request) }
        let caller = try await caller(of: request)
        return try await answer(endpoint, request, context.parameters, caller)
      }
    }
    return router
  }

  /// What everybody may ask.
  private func answer(_ endpoint: Endpoint, _ request: Request) async throws -> Response {
    switch endpoint {
    case .signUp: return try await accounts.signUp(request)
    case .signIn: return try await accounts.signIn(request)
    case .refreshSession: return try await accounts.refresh(request)
    case .health: return try operation.health()
    case .readiness: return try await operation.ready()
    case .metrics: return await operation.showMetrics()
    case .openAPI: return operation.openAPI()
    case .docs: return operation.docsPage()
    case .docsStyle: return operation.docsStyle()
    case .docsScript: return operation.docsScript()
    default: throw ServiceError(.notSignedIn, "sign in first")
    }
  }

  /// What only signed-in users may ask.
  private func answer(
    _ endpoint: Endpoint, _ request: Request, _ parameters: Parameters, _ caller: Caller
  ) async throws -> Response {
    switch endpoint {
    case .signOut: return try await accounts.signOut(caller)
    case .showOwnUser: return try await accounts.own(caller)
    case .showUser: return try await accounts.show(parameters)
    case .listConversations: return try await conversations.list(request, caller)
    case .createConversation: return try await conversations.create(request, caller)
    case .openConversation: return try await conversations.open(parameters, caller)
    case .readHistory: return try await messages.history(request, parameters, caller)
    case .postMessage: return try await messages.post(request, parameters, caller)
    case .editMessage: return try await messages.edit(request, parameters, caller)
    case .deleteMessage: return try await messages.delete(parameters, caller)
    case .markRead: return try await messages.read(request, parameters, caller)
    default: return try await answer(endpoint, request)
    }
  }

  private func caller(of request: Request) async throws -> Caller {
    let values = request.headers[values: .authorization]
    guard values.count == 1 else { throw ServiceError(.notSignedIn, "an access token is needed") }
    let parts = values[0].split(separator: " ", maxSplits: 1)
    guard parts.count == 2, parts[0].lowercased() == "bearer" else {
      throw ServiceError(.notSignedIn, "an access token is needed")
    }
    return try await callers.caller(token: String(parts[1]))
  }
}

extension Parameters {
  /// The conversation that the path names; what is no id is no conversation.
  func conversationID() throws -> ConversationID {
    guard let id = ConversationID(self["id"].map(String.init) ?? "") else {
      throw ServiceError.noSuchConversation
    }
    return id
  }

  func seq() throws -> Int64 {
    guard let seq = Digits.number(self["seq"] ?? ""), seq > 0 else {
      throw ServiceError.noSuchMessage
    }
    return seq
  }
}
