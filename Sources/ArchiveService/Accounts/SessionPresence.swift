// When sessions were last seen, written down together.

import ArchiveCore
import Logging
import Synchronization

/// Notes that a session was used, and writes it every `interval`: one write for many sessions, once a minute for each.
///
/// Marks only raise `lastSeenAt`, so late or double ones do no harm; those of a crash are lost. Safe from any thread.
final class SessionPresence: Sendable {
  /// How late `lastSeenAt` may be.
  static let interval = Duration.seconds(60)
  /// Who was seen in that time is online: two marks, and what the writing takes.
  static let onlineWindow = Duration.seconds(150)
  private static let sessionsPerWrite = 100

  private let documents: any DocumentStore
  private let limit: Int
  private let surroundings: Surroundings
  private let logger: Logger
  private let marks = Mutex<[SessionID: Timestamp]>([:])

  init(
    documents: any DocumentStore, settings: ServiceSettings.Auth, surroundings: Surroundings,
    logger: Logger
  ) {
    (self.documents, self.surroundings, self.logger) = (documents, surroundings, logger)
    limit = settings.sessionCacheLimit
  }

  /// Beyond `sessionCacheLimit` sessions in one interval a mark is left out.
  func note(_ session: SessionID) {
    let now = surroundings.now()
    marks.withLock { marks in
      if marks.count < limit || marks[session] != nil { marks[session] = now }
    }
  }

  /// When a session was last seen, as far as it is not written yet.
  func unwritten(_ session: SessionID) -> Timestamp? { marks.withLock { $0[session] } }

  /// Writes the marks every interval, until cancelled.
  func run() async {
    while !Task.isCancelled {
      do { try await surroundings.sleep(Self.interval) } catch { return }
      do throws(StoreError) {
        try await settle()
      } catch {
        logger.warning(
          "when sessions were seen could not be written, will try again",
          metadata: ["error": "\(error)"])
      }
    }
  }

  /// Writes what is noted. What could not be written is noted again.
  func settle() async throws(StoreError) {
    let all = marks.withLock { marks in
      defer { marks = [:] }
      return Array(marks)
    }
    for start in stride(from: 0, to: all.count, by: Self.sessionsPerWrite) {
      let end = min(start + Self.sessionsPerWrite, all.count)
      do throws(StoreError) {
        try await documents.transact(all[start..<end].map(Self.step))
      } catch {
        keep(all[start...])
        throw error
      }
    }
  }

  private func keep(_ rest: ArraySlice<(key: SessionID, value: Timestamp)>) {
    marks.withLock { marks in
      for (session, time) in rest where marks.count < limit {
        marks[session] = max(marks[session] ?? time, time)
      }
    }
  }

  private static func step(_ session: SessionID, _ time: Timestamp) -> TransactionStep {
    .update(
      Update(
        Session.schema.name, where: .id(session.description), [.max("lastSeenAt", .time(time))]),
      mustMatch: false)
  }
}
