// The service as a whole: what it is made of, how it starts, and in which order it stops.

public import ArchiveCore
import Hummingbird
public import Logging
import ServiceLifecycle

/// Serves the chat over HTTP, on whatever stores it is given.
public struct ArchiveService: Sendable {
  /// The service's own collections; the log has others.
  public static let schemas: [CollectionSchema] = [
    User.schema.snapshotted, Session.schema, Conversation.schema.snapshotted,
    Member.schema.snapshotted,
  ]

  /// The collections without which the archive would be nobody's. They are kept beside it, in the object store.
  /// Sessions are not: after a restoration people sign in again.
  public static let snapshotted: [CollectionName] = [
    User.schema.name, Conversation.schema.name, Member.schema.name,
  ]

  /// The store through which `snapshotted` collections are written, whoever writes them.
  public static func marking(_ documents: any DocumentStore, surroundings: Surroundings)
    -> any DocumentStore
  {
    MarkingDocumentStore(documents, marking: snapshotted, surroundings: surroundings)
  }

  /// Settings with which the service will not start.
  public struct InvalidSettings: Error, Sendable, CustomStringConvertible {
    public let description: String
  }

  private let documents: any DocumentStore
  private let objects: any ObjectStore
  private let log: ConversationLog
  private let settings: ServiceSettings
  private let surroundings: Surroundings
  private let logger: Logger
  private let extraMetrics: @Sendable () async -> [MetricSample]

  /// `extraMetrics` is asked for each view of `/metrics`.
  public init(
    documents: any DocumentStore, objects: any ObjectStore, log: ConversationLog,
    settings: ServiceSettings, surroundings: Surroundings, logger: Logger,
    extraMetrics: @escaping @Sendable () async -> [MetricSample] = { [] }
  ) {
    self.documents = Self.marking(documents, surroundings: surroundings)
    (self.objects, self.log) = (objects, log)
    (self.settings, self.surroundings, self.logger) = (settings, surroundings, logger)
    self.extraMetrics = extraMetrics
  }

  /// The OpenAPI document of exactly the routes that the service answers.
  public static func openAPIDocument(settings: ServiceSettings) -> String {
    OpenAPIDocument.text(settings: settings)
  }

  /// Serves until the task's graceful shutdown, and returns when everything has stopped.
  ///
  /// `onReady` gets the address once the port is open; connections wait until it returns.
  ///
  /// The order of the end:
  /// 1. readiness says no, the port closes, requests in flight finish, within `drainDeadline`;
  /// 2. activity that waits is written;
  /// 3. the log's background work stops; what is not flushed is durable in the buffer.
  public func run(onReady: @escaping @Sendable (_ address: String) async -> Void) async throws {
    try checkSettings()
    try await documents.prepare(Self.schemas + ConversationLog.schemas)
    let readiness = Readiness(
      documents: documents, objects: objects, deadline: settings.http.readinessDeadline,
      surroundings: surroundings)
    let activity = ActivityRecorder(
      documents: documents, log: log, settings: settings.conversations,
      surroundings: surroundings, logger: logger)
    let routes = await routes(readiness, activity)
    try await withThrowingTaskGroup(of: Void.self) { background in
      background.addTask { await log.run() }
      background.addTask { await activity.run() }
      background.addTask {
        do { try await gracefulShutdown() } catch { return }
        await readiness.drain()
      }
      let served = await serve(routes, onReady)
      await settle(activity)
      background.cancelAll()
      try await background.waitForAll()
      try served.get()
    }
  }

  private func checkSettings() throws {
    guard settings.auth.secret.bytes.count >= 32 else {
      throw InvalidSettings(description: "auth.secret is shorter than 32 bytes")
    }
  }

  /// Serves HTTP; when requests do not finish within the drain deadline they are cancelled.
  private func serve(
    _ routes: Routes, _ onReady: @escaping @Sendable (_ address: String) async -> Void
  ) async -> Result<Void, any Error> {
    let application = HTTPServer.application(
      routes, settings: settings.http,
      newID: { [surroundings] in surroundings.newID().description }, logger: logger,
      onReady: onReady)
    do {
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await application.run() }
        group.addTask {
          try await gracefulShutdown()
          try await surroundings.sleep(settings.http.drainDeadline + .seconds(1))
          logger.warning("requests did not finish in time and are cancelled")
        }
        let first = await group.nextResult()
        group.cancelAll()
        try first?.get()
      }
      return .success(())
    } catch {
      return .failure(error)
    }
  }

  private func settle(_ activity: ActivityRecorder) async {
    do {
      try await activity.settleAll()
    } catch {
      logger.warning("activity could not be written", metadata: ["error": "\(error)"])
    }
  }
}

// MARK: What it is made of

extension ArchiveService {
  private func routes(_ readiness: Readiness, _ activity: ActivityRecorder) async -> Routes {
    let tokens = await AccessTokens(settings: settings.auth, surroundings: surroundings)
    let callers = Callers(
      tokens: tokens, documents: documents, settings: settings.auth, surroundings: surroundings)
    let metrics = Metrics(started: surroundings.now())
    return Routes(
      accounts: accounts(tokens, callers),
      conversations: conversations(activity),
      messages: messages(activity),
      operation: OperationHandlers(
        readiness: readiness, metrics: metrics,
        extraMetrics: { [log, extraMetrics] in await LogMetrics.samples(of: log) + extraMetrics() },
        openAPIDocument: Self.openAPIDocument(settings: settings)),
      callers: callers,
      observation: Observation(logger: logger, metrics: metrics, surroundings: surroundings))
  }

  private func accounts(_ tokens: AccessTokens, _ callers: Callers) -> AccountHandlers {
    let passwords = Passwords(settings: settings.auth, surroundings: surroundings)
    let sessions = Sessions(
      documents: documents, tokens: tokens, callers: callers, settings: settings.auth,
      surroundings: surroundings)
    let users = Collection(User.self, in: documents)
    return AccountHandlers(
      registration: SignUp(
        createUser: CreateUser(
          documents: documents, passwords: passwords, surroundings: surroundings),
        sessions: sessions),
      entrance: SignIn(users: users, passwords: passwords, sessions: sessions),
      sessions: sessions, users: ShowUser(users: users),
      bodyLimitBytes: settings.http.bodyLimitBytes)
  }

  private func conversations(_ activity: ActivityRecorder) -> ConversationHandlers {
    let open = OpenConversation(
      access: Access(documents: documents), documents: documents, log: log, activity: activity,
      settings: settings.conversations)
    return ConversationHandlers(
      createConversation: CreateConversation(
        documents: documents, open: open, settings: settings.conversations,
        surroundings: surroundings),
      listConversations: ListConversations(documents: documents, log: log, activity: activity),
      openConversation: open, settings: settings.conversations,
      bodyLimitBytes: settings.http.bodyLimitBytes)
  }

  private func messages(_ activity: ActivityRecorder) -> MessageHandlers {
    let access = Access(documents: documents)
    return MessageHandlers(
      postMessage: PostMessage(
        access: access, log: log, activity: activity, settings: settings.messages),
      editMessage: EditMessage(access: access, log: log, settings: settings.messages),
      deleteMessage: DeleteMessage(access: access, log: log),
      readHistory: ReadHistory(access: access, log: log),
      markRead: MarkRead(access: access, documents: documents, log: log, activity: activity),
      settings: settings.messages, bodyLimitBytes: settings.http.bodyLimitBytes)
  }
}
