// The changes of a collection, one after another.

import Logging
import Synchronization

/// Which changes a stream gives.
public struct MongoChangeRequest: Sendable {
  public var collection: String
  public var start: MongoChangeStart
  /// Whether an update brings the whole document, which costs the server a look.
  public var looksUpDocuments = true
  /// Further stages, `$match` for one.
  public var pipeline: [BSONDocument] = []
  /// How many changes the server sends at once.
  public var batchSize = 1000
  /// How many changes wait for the reader before no more are fetched; one batch may come on top.
  public var queueLimit = 10_000

  public init(_ collection: String, start: MongoChangeStart = .now) {
    (self.collection, self.start) = (collection, start)
  }
}

/// An open change stream; one task reads it.
///
/// It goes on by itself after whatever can be got over, for as long as that takes. Closing it, letting go of it, or
/// cancelling the task that reads it ends its thread within about half a second (while the server is silent,
/// within the socket's timeout).
public final class MongoChangeStream: Sendable {
  /// From here on nothing is missed, even before the first change came.
  public let opening: BSONDocument
  private let feed: ChangeFeed

  init(opening: BSONDocument, feed: ChangeFeed) { (self.opening, self.feed) = (opening, feed) }

  deinit { feed.close() }

  /// The next change, in the server's order; `nil` after `close`.
  ///
  /// - Throws: `changeStreamHistoryLost` when the server no longer has what comes next: then only reading the
  ///   collection itself helps. Other kinds for what no resuming helps against (`unauthorized`, `invalid`).
  public func next() async throws(MongoError) -> MongoChange? { try await feed.next().get() }

  public func close() { feed.close() }
}

extension MongoClient {
  /// Opens a change stream. What changes after this was called is in it.
  ///
  /// - Throws: `busy` above the limit of streams; `changeStreamHistoryLost` for a position that is gone.
  public func changes(_ request: MongoChangeRequest) async throws(MongoError) -> MongoChangeStream {
    try streamThreads.begin(atMost: settings.changeStreamLimit)
    let feed = ChangeFeed(limit: request.queueLimit)
    openStreams.withLock { $0[ObjectIdentifier(feed)] = feed }
    // Closed between the two lines above: nobody else would close this one.
    if streamThreads.isClosed { feed.close() }
    let (settings, pool, logger, threads) = (settings, pool, logger, streamThreads)
    let opened: Result<BSONDocument, MongoError> = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        OwnThread.start(named: "mongo-changes") { [weak self] in
          Self.follow(request, settings, pool, feed, logger) { continuation.resume(returning: $0) }
          self?.openStreams.withLock { $0[ObjectIdentifier(feed)] = nil }
          threads.end()
        }
      }
    } onCancel: {
      feed.close()
    }
    return MongoChangeStream(opening: try opened.get(), feed: feed)
  }

  /// In a function of its own: at its end the thread's libmongoc client is given back.
  private static func follow(
    _ request: MongoChangeRequest, _ settings: MongoSettings, _ pool: ClientPool,
    _ feed: ChangeFeed, _ logger: Logger, opened: (Result<BSONDocument, MongoError>) -> Void
  ) {
    var follower: ChangeFollower
    do throws(MongoError) {
      follower = ChangeFollower(
        client: try PooledClient(pool), request: request, settings: settings, feed: feed,
        logger: logger)
      opened(.success(try follower.open()))
    } catch {
      return opened(.failure(error))
    }
    follower.follow()
  }
}
