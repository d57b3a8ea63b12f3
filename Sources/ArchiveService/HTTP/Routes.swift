// The router: every address of the service and what answers it.

import ArchiveCore
import HTTPTypes
import Hummingbird

/// Joins each `Endpoint` to the code that answers it.
struct Routes: Sendable {
  let accounts: AccountHandlers
  let profiles: ProfileHandlers
  let letterPages: AccountPageHandlers
  let conversations: ConversationHandlers
  let messages: MessageHandlers
  let search: SearchHandlers
  let chats: GroupChatHandlers
  let files: FileHandlers
  let resumable: TusHandlers
  let operation: OperationHandlers
  let web: WebPageHandlers
  let callers: Callers
  let observation: Observation
  let limits: RateLimits
  let audit: AuditHandlers
  let archives: ArchiveHandlers
  let links: LinkParts

  func router() -> Router<ServiceContext> {
    let router = Router(context: ServiceContext.self, options: .autoGenerateHeadEndpoints)
    router.add(middleware: observation)
    router.add(middleware: ErrorMiddleware())
    for endpoint in Endpoint.allCases {
      let description = endpoint.description
      router.on(RouterPath(description.path), method: description.method) { request, context in
        // Under another name it is the same door, with the same limits.
        let original = endpoint.original ?? endpoint
        let rule = RightsTable.rule(of: endpoint)
        guard !rule.isOpen else {
          try limits.admit(original, context)
          return try await answer(original, request, context)
        }
        let caller = try await caller(of: request)
        try limits.admit(original, context, caller)
        try rule.require(caller.role)
        return try await answer(endpoint, request, context, caller)
      }
    }
    return router
  }

  /// What everybody may ask.
  private func answer(_ endpoint: Endpoint, _ request: Request, _ context: ServiceContext)
    async throws -> Response
  {
    if let answer = try await answerAboutAccounts(endpoint, request, context) { return answer }
    switch endpoint {
    case .health: return try operation.health()
    case .readiness: return try await operation.ready()
    case .metrics: return await operation.showMetrics()
    case .openAPI: return operation.openAPI()
    case .docs: return operation.docsPage()
    case .docsStyle: return operation.docsStyle()
    case .docsScript: return operation.docsScript()
    case .webPage: return web.index(request)
    case .webFile: return try web.file(request, context.parameters)
    case .download: return try await links.downloads.download(request, context)
    case .tusOptions: return resumable.options(context)
    default: throw ServiceError(.notSignedIn, "sign in first")
    }
  }

  /// What only signed-in users may ask.
  private func answer(
    _ endpoint: Endpoint, _ request: Request, _ context: ServiceContext, _ caller: Caller
  ) async throws -> Response {
    if let answer = try await answerAboutAccounts(endpoint, request, context, caller) {
      return answer
    }
    if let answer = try await answerAboutConversations(
      endpoint, request, context.parameters, caller)
    {
      return answer
    }
    if let answer = try await answerAboutLinks(endpoint, request, context, caller) { return answer }
    if let answer = try await answerAboutFiles(endpoint, request, context, caller) {
      return answer
    }
    if let answer = try await answerAboutArchives(endpoint, request, context, caller) {
      return answer
    }
    switch endpoint {
    case .chatEditUser: try chats.requireOwn(context.parameters, caller)
    case .listAudit: return try await audit.list(request, caller)
    case .exportAudit: return try await audit.export(request, context.origin, caller)
    default: break
    }
    guard let original = endpoint.original else {
      return try await answer(endpoint, request, context)
    }
    return try await answer(original, request, context, caller)
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
