// The log on the MongoDB that the environment names, open for one measurement.

import ArchiveCore
import Glibc
import Logging
import MongoDriver
import MongoStore

/// A log that runs as in a server, hearing what it writes itself from the server again, except that nothing falls due for
/// a flush while it is measured.
struct BenchLog: Sendable {
  let log: ConversationLog
  let documents: MongoDocumentStore
  let client: MongoClient

  static let sender = UserID(ULID(high: 1, low: 1))

  /// The body gets the log once it hears the server's changes; all is closed when it returns.
  static func run(_ body: @escaping @Sendable (BenchLog) async throws -> Void) async throws {
    var settings = MongoSettings(
      uri: MongoURI(try variable("ARCHIVE_MONGO_URI")),
      database: try variable("ARCHIVE_MONGO_DATABASE"))
    settings.applicationName = "archive-bench-mongo"
    let client = try MongoClient(settings, logger: silent)
    let outcome: Result<Void, any Error>
    do {
      _ = try await client.checkDeployment()
      outcome = .success(try await body(BenchLog(client)))
    } catch {
      outcome = .failure(error)
    }
    await client.close()
    try outcome.get()
  }

  private init(_ client: MongoClient) {
    self.client = client
    documents = MongoDocumentStore(client)
    var settings = LogSettings()
    (settings.idle, settings.maxAge) = (.seconds(86_400), .seconds(86_400))
    settings.maxBytes = .max
    guard let key = AnchorKey(Array(repeating: 1, count: 32)) else {
      preconditionFailure("32 bytes are enough for an anchor key")
    }
    log = ConversationLog(
      documents: documents, objects: NoObjects(), settings: settings, anchorKey: key,
      surroundings: Self.surroundings, logger: Self.silent)
  }

  /// Empties the database, makes what the log needs, and has the server write down all it holds, so that every
  /// measurement begins alike.
  func prepare() async throws {
    try await client.run(within: .seconds(120)) { (connection) throws(MongoError) in
      _ = try connection.run(["dropDatabase": 1])
    }
    try await documents.prepare(ConversationLog.schemas)
    try await client.run(within: .seconds(120)) { (connection) throws(MongoError) in
      _ = try connection.run(["fsync": 1], on: "admin")
    }
  }

  /// Runs the work while the log runs, as soon as it follows the changes: before, it trusts no head that it knows.
  func whileFollowing<Value: Sendable>(
    _ work: @escaping @Sendable () async throws -> Value
  ) async throws -> Value {
    try await withThrowingTaskGroup(of: Value?.self) { group in
      group.addTask {
        await log.run()
        return nil
      }
      while !log.measurements.isFollowing { try await Task.sleep(for: .milliseconds(10)) }
      group.addTask { try await work() }
      defer { group.cancelAll() }
      while let value = try await group.next() {
        if let value { return value }
      }
      throw BenchError("the log has stopped")
    }
  }

  static func conversation(_ number: Int) -> ConversationID {
    ConversationID(ULID(high: 9, low: UInt64(number)))
  }

  /// As the web client sends: every message has an id of its own.
  func send(_ number: Int, to conversation: Int, _ text: String) async throws {
    _ = try await log.append(
      EntryDraft(
        .message, in: Self.conversation(conversation), by: Self.sender, text: text,
        clientID: "message-\(number)"))
  }

  /// Whether all that was acknowledged is stored, and nothing else.
  func check(_ expected: Int) async throws {
    let count = try await client.run(within: .seconds(120)) { (connection) throws(MongoError) in
      try connection.count("entries")
    }
    guard count == expected else { throw BenchError("stored=`\(count)` expected=`\(expected)`") }
  }

  /// Writes the buffered entries into a file, one BSON document behind the other, in the order of their insertion.
  func writeStored(to path: String) async throws {
    try await client.run(within: .seconds(120)) { (connection) throws(MongoError) in
      let file = fopen(path, "w")
      defer { if let file { fclose(file) } }
      try connection.forEachBatch(of: MongoQuery("entries")) { (batch) throws(MongoError) in
        guard let file else { return false }
        for document in batch { fwrite(document.bytes, 1, document.bytes.count, file) }
        return true
      }
    }
  }

  private static func variable(_ name: String) throws(BenchError) -> String {
    guard let value = getenv(name) else { throw BenchError("\(name) is not set") }
    return String(cString: value)
  }

  private static var silent: Logger { Logger(label: "bench") { _ in SwiftLogNoOpLogHandler() } }

  private static var surroundings: Surroundings {
    let start = ContinuousClock().now
    return Surroundings(
      now: {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
      },
      uptime: { start.duration(to: ContinuousClock().now) },
      sleep: { try await Task.sleep(for: $0) },
      random: { UInt64.random(in: 0 ... .max) })
  }
}

/// An object store that is never asked for anything: nothing is archived meanwhile.
private struct NoObjects: ObjectStore {
  func put(_ key: ObjectKey, _ body: ObjectBody, mode: PutMode, type: String)
    async throws(StoreError)
  { throw Self.refusal }

  func get(_ key: ObjectKey, range: Range<Int64>?) async throws(StoreError) -> StoredObject {
    throw Self.refusal
  }

  func head(_ key: ObjectKey) async throws(StoreError) -> ObjectInfo? { nil }
  func delete(_ key: ObjectKey) async throws(StoreError) { throw Self.refusal }
  func list(prefix: String, after: ObjectKey?, limit: Int) async throws(StoreError) -> [ObjectInfo]
  { [] }
  func ping() async throws(StoreError) {}

  private static let refusal = StoreError(.refused, "nothing is archived while it is measured")
}
