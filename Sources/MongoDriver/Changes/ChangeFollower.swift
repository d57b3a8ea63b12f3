// The thread's side of a change stream: opens it, fetches, and opens it again after a break.

import Logging

/// Follows the changes of one collection, on a thread of its own.
///
/// `position` moves only with what was handed to the feed; so a stream that is opened anew behind it has no gap and
/// nothing twice, whatever broke
/// (https://github.com/mongodb/specifications/blob/master/source/change-streams/change-streams.md#resume-process).
struct ChangeFollower {
  let client: PooledClient
  let request: MongoChangeRequest
  let settings: MongoSettings
  let feed: ChangeFeed
  let logger: Logger
  private var position: Position
  private var place: (cursor: Int64, server: UInt32) = (0, 0)

  private enum Position {
    case now
    case behind(BSONDocument)
    /// Behind the end of a collection that was dropped: only `startAfter` goes on there.
    case behindEnd(BSONDocument)
    case at(BSONTimestamp)
  }

  init(
    client: PooledClient, request: MongoChangeRequest, settings: MongoSettings, feed: ChangeFeed,
    logger: Logger
  ) {
    (self.client, self.request, self.settings) = (client, request, settings)
    (self.feed, self.logger) = (feed, logger)
    position =
      switch request.start {
      case .now: .now
      case .after(let token): .behindEnd(token)
      case .at(let moment): .at(moment)
      }
  }

  /// Opens the stream for the first time and gives the position from which on nothing is missed.
  mutating func open() throws(MongoError) -> BSONDocument {
    try openCursor()
    switch position {
    case .behind(let token), .behindEnd(let token): return token
    case .now, .at: throw .badAnswer("postBatchResumeToken")
    }
  }

  /// Fetches until the stream is closed or cannot go on.
  mutating func follow() {
    var failures = 0
    while feed.waitForRoom() {
      do throws(MongoError) {
        if place.cursor == 0 { try openCursor() } else { try fetch() }
        if failures > 0 {
          logger.notice("change stream goes on", metadata: ["collection": "\(request.collection)"])
        }
        failures = 0
      } catch {
        guard error.mayResume else { return feed.fail(error) }
        if failures == 0 { logBreak(error) }
        closeCursor()
        // 50 ms, doubled up to 3.2 s; the primary may take seconds to be elected.
        feed.pause(.milliseconds(50 << min(failures, 6)))
        failures += 1
      }
    }
    closeCursor()
  }

  private func logBreak(_ error: MongoError) {
    logger.warning(
      "change stream broke, resuming",
      metadata: ["collection": "\(request.collection)", "error": "\(error)"])
  }

  private mutating func openCursor() throws(MongoError) {
    let server = try client.selectServer()
    let answer = try client.send(opening, to: settings.database, server: server)
    let batch = try CursorBatch(answer)
    place = (batch.cursor, server)
    if batch.resumeToken == nil, case .now = position,
      case .timestamp(let moment) = answer["operationTime"]
    {
      position = .at(moment)
    }
    try take(batch)
  }

  private mutating func fetch() throws(MongoError) {
    let answer = try client.send(
      [
        "getMore": .int64(place.cursor), "collection": .string(request.collection),
        "batchSize": .int64(Int64(request.batchSize)), "maxTimeMS": .int64(500),
      ], to: settings.database, server: place.server)
    let batch = try CursorBatch(answer)
    place.cursor = batch.cursor
    try take(batch)
  }

  private mutating func take(_ batch: CursorBatch) throws(MongoError) {
    var changes: [MongoChange] = []
    changes.reserveCapacity(batch.documents.count)
    for event in batch.documents { changes.append(try MongoChange(event)) }
    // Before a reader hears of them.
    if let last = batch.documents.last { client.seen.note(change: last) }
    if !changes.isEmpty { feed.add(changes) }
    if let last = changes.last, last.kind == .invalidated {
      position = .behindEnd(last.position)
    } else if let token = batch.resumeToken ?? changes.last?.position {
      position = .behind(token)
    }
  }

  /// What fails here the server clears away by itself after ten minutes.
  private mutating func closeCursor() {
    guard place.cursor != 0 else { return }
    defer { place = (0, 0) }
    do throws(MongoError) {
      _ = try client.send(
        ["killCursors": .string(request.collection), "cursors": [.int64(place.cursor)]],
        to: settings.database, server: place.server)
    } catch {}
  }

  private var opening: BSONDocument {
    BSONDocument { writer in
      writer.append("aggregate", request.collection)
      writer.array("pipeline") { array in
        array.document { stage in
          stage.document("$changeStream") { options in
            if request.looksUpDocuments { options.append("fullDocument", "updateLookup") }
            switch position {
            case .now: break
            case .behind(let token): options.append("resumeAfter", token)
            case .behindEnd(let token): options.append("startAfter", token)
            case .at(let moment): options.append("startAtOperationTime", moment)
            }
          }
        }
        for stage in request.pipeline { array.append(stage) }
      }
      writer.document("cursor") { $0.append("batchSize", Int64(request.batchSize)) }
      writer.document("readConcern") { $0.append("level", "majority") }
      writer.append("maxTimeMS", Int64(settings.operationDeadline.optionMilliseconds))
    }
  }
}

extension MongoError {
  /// Whether a stream that failed so can go on behind its position.
  fileprivate var mayResume: Bool {
    if isBreak || labels.contains("ResumableChangeStreamError") { return true }
    switch kind {
    case .unreachable, .timedOut, .transient, .notPrimary, .cursorLost: return true
    default: return isWorthRepeating
    }
  }
}
