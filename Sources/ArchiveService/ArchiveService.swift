// The service as a whole: what it is made of, how it starts, and in which order it stops.

public import ArchiveCore
import Hummingbird
public import Logging
import RealtimeTransport
import ServiceLifecycle

/// Serves the chat over HTTP, on whatever stores it is given.
public struct ArchiveService: Sendable {
  /// The service's own collections; the log has others.
  public static let schemas: [CollectionSchema] =
    [
      User.schema.snapshotted, Session.schema, Conversation.schema.snapshotted,
      Member.schema.snapshotted, AuditEntry.schema.snapshotted, SignInCount.schema,
      LastMessageDocument.schema, UserTerm.schema, UserIndexing.stateSchema,
      MailedToken.schema, SigningKeyRecord.schema, QueuedLetter.schema, ToldAlert.schema,
      LiveSignal.schema, FileLink.schema, FileVerdict.schema, Verification.schema,
    ] + Files.schemas

  /// The collections without which the archive would be nobody's. They are kept beside it, in the object store.
  /// Sessions are not: after a restoration people sign in again.
  public static let snapshotted: [CollectionName] =
    [
      User.schema.name, Conversation.schema.name, Member.schema.name, AuditEntry.schema.name,
    ] + Files.snapshotted

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
  private let mail: (any MailSender)?
  private let pictures: (any PictureMaker)?
  private let scanner: (any VirusScanner)?
  private let direct: DirectAddress?
  private let freeBytes: @Sendable () -> Int64?

  /// - Parameters:
  ///   - mail: takes letters; without it they go to the log.
  ///   - pictures: makes previews; without it there are none.
  ///   - scanner: finds viruses; without it nobody looks.
  ///   - direct: signs addresses of the object store.
  ///   - freeBytes: how much is free where the data directory lies; `nil` where nobody knows.
  ///   - extraMetrics: asked for each view of `/metrics`.
  public init(
    documents: any DocumentStore, objects: any ObjectStore, log: ConversationLog,
    settings: ServiceSettings, surroundings: Surroundings, logger: Logger,
    mail: (any MailSender)? = nil, pictures: (any PictureMaker)? = nil,
    scanner: (any VirusScanner)? = nil, direct: DirectAddress? = nil,
    freeBytes: @escaping @Sendable () -> Int64? = { nil },
    extraMetrics: @escaping @Sendable () async -> [MetricSample] = { [] }
  ) {
    (self.mail, self.pictures, self.scanner) = (mail, pictures, scanner)
    (self.freeBytes, self.direct) = (freeBytes, direct)
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
  /// 2. sockets are closed, and what waits for them leaves;
  /// 3. activity and session marks that wait are written;
  /// 4. background work stops: letters in hand go back to the outbox; what is not flushed is durable in the buffer.
  public func run(onReady: @escaping @Sendable (_ address: String) async -> Void) async throws {
    try checkSettings()
    try await documents.prepare(Self.schemas + ConversationLog.schemas)
    let readiness = Readiness(
      documents: documents, objects: objects, deadline: settings.http.readinessDeadline,
      surroundings: surroundings)
    let activity = ActivityRecorder(
      documents: documents, log: log, settings: settings.conversations,
      surroundings: surroundings, logger: logger)
    let common = commonParts()
    let accounts = try await AccountParts(common)
    let realtime = realtimeParts(accounts)
    let files = FileParts(common.files)
    let talk = conversationParts(activity, common, realtime, files)
    let links = linkParts(common, accounts.callers)
    let archives = ArchiveParts(common, log: log, activity: activity, callers: accounts.callers)
    let routes = routes(readiness, common, accounts, talk, realtime, files, links, archives)
    let application = realtime.application(
      accounts.callers, talk, common.limits, documents: documents, log: log,
      presence: accounts.presence)
    let alerts = operatorAlerts(common)
    try await withThrowingTaskGroup(of: Void.self) { background in
      background.addTask { await log.run() }
      background.addTask { await activity.run() }
      background.addTask { await talk.stranded.run() }
      background.addTask { await files.care.run() }
      background.addTask {
        await UserIndexing(documents: documents, surroundings: surroundings, logger: logger).run()
      }
      background.addTask {
        await common.outbox.run { kind in await alerts.raise(.lettersGivenUp(kind: kind)) }
      }
      background.addTask { await alertWatch(alerts, common.audit, readiness).run() }
      background.addTask { await accounts.run() }
      background.addTask { await realtime.run(application) }
      background.addTask { await links.run() }
      background.addTask { await archives.verifications.run() }
      background.addTask {
        do { try await gracefulShutdown() } catch { return }
        await readiness.drain()
      }
      let served = await serve(routes, realtime, onReady)
      await realtime.drain()
      await settle(activity)
      await accounts.settle()
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
    _ routes: Routes, _ realtime: RealtimeParts,
    _ onReady: @escaping @Sendable (_ address: String) async -> Void
  ) async -> Result<Void, any Error> {
    do {
      let application = try HTTPServer.application(
        routes, realtime, settings: settings.http, stallDeadline: settings.uploads.stallDeadline,
        newID: { [surroundings] in surroundings.newID().description }, logger: logger,
        onReady: onReady)
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
  /// What several features use.
  private func commonParts() -> AccountParts.Surrounding {
    let audit = AuditLog(
      documents: documents, settings: settings.audit, surroundings: surroundings)
    return AccountParts.Surrounding(
      documents: documents,
      outbox: MailOutbox(
        documents: documents, carrier: carrier,
        secret: settings.auth.secret, settings: settings.mail, surroundings: surroundings,
        logger: logger),
      audit: audit, limits: RateLimits(settings: settings.limits, surroundings: surroundings),
      delays: SignInDelays(
        documents: documents, audit: audit, settings: settings.limits, surroundings: surroundings),
      settings: settings, surroundings: surroundings, logger: logger,
      files: Files(
        documents: documents, objects: objects, settings: settings.uploads,
        surroundings: surroundings, logger: logger))
  }

  /// Who takes letters out of the outbox.
  private var carrier: any LetterCarrier {
    mail.map { MailingCarrier(sender: $0, siteName: settings.mail.siteName) }
      ?? LoggingCarrier(logger: logger)
  }

  private func operatorAlerts(_ common: AccountParts.Surrounding) -> Alerts {
    Alerts(
      documents: documents, outbox: common.outbox, sender: mail, settings: settings,
      surroundings: surroundings, logger: logger)
  }

  private func alertWatch(_ alerts: Alerts, _ audit: AuditLog, _ readiness: Readiness)
    -> AlertWatch
  {
    AlertWatch(
      alerts: alerts, audit: audit, readiness: readiness,
      flushFailures: { [log] in log.measurements.flushFailuresInARow }, freeBytes: freeBytes,
      settings: settings.alerts, surroundings: surroundings, logger: logger)
  }

  private func realtimeParts(_ accounts: AccountParts) -> RealtimeParts {
    RealtimeParts(
      RealtimeGateway.Surrounding(
        documents: documents, log: log, ends: accounts.ends, sessionPresence: accounts.presence,
        settings: settings, surroundings: surroundings, logger: logger))
  }

  private func conversationParts(
    _ activity: ActivityRecorder, _ common: AccountParts.Surrounding, _ realtime: RealtimeParts,
    _ files: FileParts
  ) -> ConversationParts {
    ConversationParts(
      documents: documents, log: log, activity: activity, audit: common.audit,
      attach: files.attach, settings: settings, surroundings: surroundings, logger: logger,
      onRead: { await realtime.gateway.noteRead($0, in: $1, $2, isOwn: true) })
  }

  private func linkParts(_ common: AccountParts.Surrounding, _ callers: Callers) -> LinkParts {
    let desk = PictureDesk(
      files: common.files, maker: pictures, settings: settings.pictures, logger: logger)
    let scan = FileScan(
      files: common.files, scanner: scanner, audit: common.audit, settings: settings.scanning)
    return LinkParts(common, desk: desk, scan: scan, callers: callers, direct: direct)
  }

  private func routes(
    _ readiness: Readiness, _ common: AccountParts.Surrounding, _ accounts: AccountParts,
    _ talk: ConversationParts, _ realtime: RealtimeParts, _ files: FileParts, _ links: LinkParts,
    _ archives: ArchiveParts
  ) -> Routes {
    let metrics = Metrics(started: surroundings.now())
    let (limits, delays, outbox) = (common.limits, common.delays, common.outbox)
    return Routes(
      accounts: accounts.accounts, profiles: accounts.profiles,
      letterPages: accounts.letterPages,
      conversations: talk.conversations, messages: talk.messages, search: talk.search,
      chats: talk.chats, files: files.handlers, resumable: files.resumable,
      operation: OperationHandlers(
        readiness: readiness, metrics: metrics,
        extraMetrics: { [log, extraMetrics] in
          let live = RealtimeMetrics.samples(
            of: await realtime.gateway.measurements, realtime.hub.measurements)
          return await LogMetrics.samples(of: log) + outbox.measurements.samples + limits.samples
            + delays.samples + live + extraMetrics()
        },
        openAPIDocument: Self.openAPIDocument(settings: settings)),
      web: WebPageHandlers(
        page: .embedded, pictureOrigin: WebOrigin(ofFilesAt: direct, settings.links)),
      callers: accounts.callers,
      observation: Observation(
        logger: logger, metrics: metrics, surroundings: surroundings,
        proxies: TrustedProxies(networks: settings.http.trustedProxies)),
      limits: limits,
      audit: AuditHandlers(
        log: common.audit, callers: accounts.callers, settings: settings.audit,
        surroundings: surroundings),
      archives: archives.handlers, links: links)
  }
}
