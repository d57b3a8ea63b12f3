// A log on the embedded engines in a directory of its own.

import ArchiveCore
import EmbeddedStore
import Foundation
import Gzip
import Logging
import Synchronization

/// A scratch archive; `remove()` deletes it.
struct BenchArchive {
  let directory: String
  let documents: SQLiteDocumentStore
  let objects: CountingObjectStore
  let log: ConversationLog
  let clock: BenchClock
  let sender = UserID(ULID(high: 1, low: 1))

  /// - Parameter clock: real unless the bench moves it.
  init(
    in parent: String, settings: LogSettings = LogSettings(), clock: BenchClock = BenchClock()
  ) async throws {
    directory = parent + "/archive-bench-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    self.clock = clock
    let surroundings = clock.surroundings
    documents = try SQLiteDocumentStore(
      directory: directory, surroundings: surroundings)
    objects = CountingObjectStore(try await DirectoryObjectStore(root: directory + "/objects"))
    try await documents.prepare(ConversationLog.schemas)
    guard let key = AnchorKey(Array(repeating: 1, count: 32)) else {
      preconditionFailure("32 bytes are enough for an anchor key")
    }
    log = ConversationLog(
      documents: documents, objects: objects, settings: settings, anchorKey: key,
      surroundings: surroundings, logger: Logger(label: "bench") { _ in SwiftLogNoOpLogHandler() })
  }

  func conversation(_ number: Int) -> ConversationID {
    ConversationID(ULID(high: 9, low: UInt64(number)))
  }

  func send(_ text: String, to number: Int, clientID: String? = nil) async throws {
    _ = try await log.append(
      EntryDraft(
        .message, in: conversation(number), by: sender, text: text, clientID: clientID))
  }

  /// Sends so many messages to so many conversations in turn.
  func fill(_ messages: Int, conversations: Int) async throws {
    var texts = BenchTexts()
    let drafts = (0..<messages).map { _ in texts.next() }
    try await withThrowingTaskGroup(of: Void.self) { group in
      for (index, text) in drafts.enumerated() {
        if index >= 256 { try await group.next() }
        group.addTask { try await send(text, to: index % conversations, clientID: "\(index)") }
      }
      try await group.waitForAll()
    }
  }

  /// The blocks of all objects, found as any reader of the plain format would find them.
  func blocks() async throws -> [(key: ObjectKey, range: Range<Int64>, plain: [UInt8])] {
    var blocks: [(key: ObjectKey, range: Range<Int64>, plain: [UInt8])] = []
    for object in try await objects.list(prefix: "", after: nil, limit: 1000) {
      let bytes = try await objects.get(object.key, range: nil).bytes(limitBytes: 1 << 30)
      var offset = 0
      while offset < bytes.count {
        let member = try Gzip.firstMember(of: bytes[offset...], limitBytes: 1 << 30)
        let range = Int64(offset)..<Int64(offset + member.length)
        blocks.append((object.key, range, member.plain))
        offset += member.length
      }
    }
    return blocks
  }

  func remove() async throws {
    await documents.close()
    try FileManager.default.removeItem(atPath: directory)
  }
}

/// A clock that runs by itself, or stands until the bench moves it.
final class BenchClock: Sendable {
  private let isManual: Bool
  private let offset = Mutex(Duration.zero)
  private let start = ContinuousClock().now

  init(isManual: Bool = false) { self.isManual = isManual }

  func advance(by duration: Duration) { offset.withLock { $0 += duration } }

  private var uptime: Duration {
    offset.withLock { $0 } + (isManual ? .zero : start.duration(to: ContinuousClock().now))
  }

  var surroundings: Surroundings {
    Surroundings(
      now: { Timestamp(milliseconds: 1_800_000_000_000).advanced(by: self.uptime) },
      uptime: { self.uptime },
      sleep: { try await Task.sleep(for: $0) },
      random: { UInt64.random(in: 0 ... .max) })
  }
}

/// Counts puts; passes everything on.
final class CountingObjectStore: ObjectStore {
  private let inner: any ObjectStore
  private let counts = Mutex((puts: 0, deletes: 0))

  init(_ inner: any ObjectStore) { self.inner = inner }

  var puts: Int { counts.withLock(\.puts) }
  /// Objects that are there: each key is put once.
  var objects: Int { counts.withLock { $0.puts - $0.deletes } }

  func put(_ key: ObjectKey, _ body: ObjectBody, mode: PutMode, type: String)
    async throws(StoreError)
  {
    counts.withLock { $0.puts += 1 }
    try await inner.put(key, body, mode: mode, type: type)
  }

  func get(_ key: ObjectKey, range: Range<Int64>?) async throws(StoreError) -> StoredObject {
    try await inner.get(key, range: range)
  }

  func head(_ key: ObjectKey) async throws(StoreError) -> ObjectInfo? { try await inner.head(key) }

  func delete(_ key: ObjectKey) async throws(StoreError) {
    counts.withLock { $0.deletes += 1 }
    try await inner.delete(key)
  }

  func list(prefix: String, after: ObjectKey?, limit: Int) async throws(StoreError) -> [ObjectInfo]
  {
    try await inner.list(prefix: prefix, after: after, limit: limit)
  }

  func ping() async throws(StoreError) { try await inner.ping() }
}

/// Texts as chats have them: words, some short, some long, the same in every run.
struct BenchTexts {
  private var state: UInt64

  init(seed: UInt64 = 42) { state = seed }

  mutating func next() -> String {
    let words = [
      "order", "please", "the", "delivery", "is", "late", "thanks", "picture", "когда", "invoice",
      "attached", "yes", "tomorrow", "address", "we", "will", "check", "спасибо", "size", "colour",
    ]
    let count = 3 + Int(random() % 24)
    return (0..<count).map { _ in words[Int(random() % UInt64(words.count))] }
      .joined(separator: " ") + " \(random() % 100_000)"
  }

  private mutating func random() -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return state >> 33
  }
}
