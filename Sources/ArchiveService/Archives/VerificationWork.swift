// Verifications in the background: one at a time on each node.

import ArchiveCore
import Logging
import Synchronization

/// Carries out what was asked for, in order, and says in the documents how far it is.
///
/// A verification is cancelled by its document: whoever carries it out looks there whenever it says how far it is, so
/// every node can cancel. What a node leaves behind that dies is seen by its silence.
actor VerificationWork {
  private let verifier: ArchiveVerifier
  private let verifications: Collection<Verification>
  private let settings: ServiceSettings.Archives
  private let surroundings: Surroundings
  private let logger: Logger

  private var waiting: [Verification] = []
  /// Places of those whose documents are being written.
  private var promised = 0
  private var running: (id: VerificationID, work: Task<VerificationReport, any Error>)?
  private let bell: AsyncStream<Void>.Continuation
  private let rings: AsyncStream<Void>
  private let progress = VerificationProgress()

  init(
    verifier: ArchiveVerifier, documents: any DocumentStore, settings: ServiceSettings.Archives,
    surroundings: Surroundings, logger: Logger
  ) {
    (self.verifier, verifications) = (verifier, Collection(in: documents))
    (self.settings, self.surroundings, self.logger) = (settings, surroundings, logger)
    (rings, bell) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
  }

  /// Puts one behind those that wait; throws `busy` where that are too many. Durable when this returns.
  func add(_ verification: Verification, _ audit: TransactionStep) async throws {
    guard waiting.count + promised < settings.verificationQueueLimit else {
      throw ServiceError(.busy, "other verifications are waiting", retryAfter: .seconds(10))
    }
    // Promised before the document is written, so that many at once cannot all find room.
    promised += 1
    defer { promised -= 1 }
    try await verifications.store.transact([
      .insert(try verification.document(), into: Verification.schema.name), audit,
    ])
    waiting.append(verification)
    bell.yield()
  }

  /// Until cancelled.
  func run() async {
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await self.work() }
      group.addTask { await self.tell() }
    }
  }

  private func work() async {
    for await _ in rings {
      while let next = waiting.first, !Task.isCancelled {
        waiting.removeFirst()
        await carryOut(next)
      }
    }
  }

  private func carryOut(_ verification: Verification) async {
    guard await noteProgress(verification.id, 0) else { return }
    progress.begin()
    let work = Task<VerificationReport, any Error> { [verifier, progress] in
      try await verifier.verify(
        verification.conversationId, onSegment: { progress.advance() })
    }
    running = (verification.id, work)
    defer { running = nil }
    let outcome = await withTaskCancellationHandler {
      await work.result
    } onCancel: {
      work.cancel()
    }
    guard !work.isCancelled, !Task.isCancelled else { return }
    await finish(verification, outcome)
  }

  private func finish(
    _ verification: Verification, _ outcome: Result<VerificationReport, any Error>
  )
    async
  {
    var changes: [DocumentChange] = [.set("finishedAt", .time(surroundings.now()))]
    do {
      let report = try outcome.get()
      let found = Verification.Found(report, problemLimit: settings.problemLimit)
      changes += [
        .set("state", .string(Verification.State.done.rawValue)),
        .set("done", .integer(Int64(verification.total))), .set("found", try found.stored()),
      ]
      logger.log(
        level: report.isGood ? .info : .critical, "an archive was verified",
        metadata: ["verification": "\(verification.id)", "problems": "\(report.problems.count)"])
    } catch {
      logger.warning(
        "an archive could not be verified",
        metadata: ["verification": "\(verification.id)", "error": "\(error)"])
      changes += [
        .set("state", .string(Verification.State.failed.rawValue)),
        .set("reason", .string((error as? StoreError)?.message ?? "something went wrong")),
      ]
    }
    await write(verification.id, changes)
  }

  /// Says again and again how far it is, of those that wait too, so that they are known to be alive.
  private func tell() async {
    while !Task.isCancelled {
      do { try await surroundings.sleep(settings.verificationInterval) } catch { return }
      for verification in waiting {
        if await noteProgress(verification.id, nil) { continue }
        waiting.removeAll { $0.id == verification.id }
      }
      if let running, await !noteProgress(running.id, progress.count) { running.work.cancel() }
    }
  }

  /// Whether it still goes on: nobody cancelled it. A store that does not answer changes nothing.
  private func noteProgress(_ id: VerificationID, _ done: Int?) async -> Bool {
    var changes: [DocumentChange] = [.set("seenAt", .time(surroundings.now()))]
    if let done {
      changes.append(.max("done", .integer(Int64(done))))
      changes.append(.set("state", .string(Verification.State.running.rawValue)))
    }
    return await write(id, changes)
  }

  @discardableResult
  private func write(_ id: VerificationID, _ changes: [DocumentChange]) async -> Bool {
    do {
      let update = Update(
        Verification.schema.name, where: Verification.unfinished(id), changes)
      return try await verifications.store.update(update).matchedCount > 0
    } catch {
      logger.warning(
        "the progress of a verification could not be written", metadata: ["error": "\(error)"])
      return true
    }
  }
}

/// Counts what was looked at.
private final class VerificationProgress: Sendable {
  private let segments = Mutex(0)

  var count: Int { segments.withLock { $0 } }

  func begin() { segments.withLock { $0 = 0 } }
  func advance() { segments.withLock { $0 += 1 } }
}

extension Verification.Found {
  /// As a field of a document.
  fileprivate func stored() throws(StoreError) -> DocumentValue {
    .object(try DocumentEncoder().encode(self).fields)
  }
}
