// What an operation may do while it has a thread.

/// Synchronous operations, on the thread that owns the client; it lives as long as the closure that got it.
///
/// Every write waits until it is on the disks of the majority. Every read sees what is there, and reads begun after
/// a write returned see that. Inside a transaction they belong to it by themselves. Nothing is begun after the
/// deadline; a command that the connection broke under is repeated, as long as there is time and no harm in it.
public struct MongoConnection: ~Copyable {
  let client: PooledClient
  let job: Job
  let settings: MongoSettings
  /// The transaction that all commands belong to, if there is one.
  let transaction: RunningTransaction?

  /// How long is left until the deadline.
  public var timeLeft: Duration { .milliseconds(job.millisecondsLeft) }
}

/// What a command does, which decides what is added to it and what may be repeated.
enum CommandEffect {
  /// Changes nothing. Reads what the majority has.
  case reads
  /// Changes nothing, and takes no read concern: lists and plans.
  case asks
  /// Takes the next batch of a cursor, which then is gone: never repeated, and bounded by what opened the cursor.
  case fetches
  /// Changes at most what one number can tell the server to do once only.
  case writesOnce
  /// Changes many documents or a catalogue, and cannot be told apart from its repetition.
  case writes

  var isWrite: Bool { self == .writesOnce || self == .writes }
  var mayBeRepeated: Bool { self != .writes && self != .fetches }
}

/// Which server a command goes to.
enum CommandPlace {
  /// The primary, or any router.
  case any
  /// The same, and we want to know which.
  case noted
  /// The one that has the cursor.
  case exactly(UInt32)

  func server(_ client: PooledClient) throws(MongoError) -> UInt32 {
    switch self {
    case .any: 0
    case .noted: try client.selectServer()
    case .exactly(let server): server
    }
  }
}

extension MongoConnection {
  private static let attemptLimit = 3

  /// Sends a command, and again where that is harmless; gives an answer without errors of its own, except write
  /// errors of single documents.
  func send(
    _ effect: CommandEffect, sizeHint: Int = 256, _ build: (inout BSONWriter) -> Void
  ) throws(MongoError) -> BSONDocument {
    try send(effect, to: .any, sizeHint: sizeHint, build).answer
  }

  /// The same, with a word on which server is asked, and which it was.
  func send(
    _ effect: CommandEffect, to place: CommandPlace, sizeHint: Int = 256,
    _ build: (inout BSONWriter) -> Void
  ) throws(MongoError) -> (answer: BSONDocument, server: UInt32) {
    do throws(MongoError) {
      try job.begin(isChanging: effect.isWrite && transaction == nil)
      let command = try complete(effect, sizeHint: sizeHint, build)
      // The session of a transaction knows by itself where it belongs.
      guard transaction == nil else { return (try attempt(command, server: 0), 0) }
      return try sendRepeatedly(command, effect, to: place)
    } catch {
      transaction?.note(error)
      throw error
    }
  }

  /// The command with what our rules add to it.
  private func complete(
    _ effect: CommandEffect, sizeHint: Int, _ build: (inout BSONWriter) -> Void
  ) throws(MongoError) -> BSONDocument {
    let left = max(1, job.millisecondsLeft)
    var number: Int64?
    if effect == .writesOnce && transaction == nil { number = try client.nextWriteNumber() }
    let command = BSONDocument(reservingBytes: sizeHint) { writer in
      build(&writer)
      if effect != .fetches { writer.append("maxTimeMS", left) }
      if let number { writer.append("txnNumber", number) }
      // A transaction has its own concerns.
      guard transaction == nil else { return }
      switch effect {
      case .reads:
        writer.document("readConcern") { concern in
          concern.append("level", "majority")
          if let moment = client.seen.newest { concern.append("afterClusterTime", moment) }
        }
      case .asks, .fetches: break
      case .writes, .writesOnce:
        writer.document("writeConcern") { concern in
          concern.append("w", "majority")
          concern.append("j", true)
          concern.append("wtimeout", left)
        }
      }
    }
    guard command.bytes.count <= BSONDocument.sizeLimitBytes else {
      throw MongoError(
        .documentTooLarge, "a command is larger than a server takes bytes=`\(command.bytes.count)`")
    }
    return command
  }

  private func sendRepeatedly(
    _ command: BSONDocument, _ effect: CommandEffect, to place: CommandPlace
  ) throws(MongoError) -> (answer: BSONDocument, server: UInt32) {
    var (number, mayHaveHappened) = (1, false)
    while true {
      do throws(MongoError) {
        let server = try place.server(client)
        let answer = try attempt(command, server: server)
        if effect.isWrite { client.seen.note(answer: answer) }
        return (answer, server)
      } catch {
        let isLast = number == Self.attemptLimit || !effect.mayBeRepeated || !error.isWorthRepeating
        guard !isLast, hasTime(for: effect) else {
          throw effect.isWrite ? judged(error, mayHaveHappened) : error
        }
        mayHaveHappened = mayHaveHappened || error.leavesWriteOpen
        number += 1
      }
    }
  }

  private func hasTime(for effect: CommandEffect) -> Bool {
    do throws(MongoError) {
      try job.begin(isChanging: effect.isWrite)
      return true
    } catch {
      return false
    }
  }

  /// What the last error of a write means, given what the attempts before it left open.
  private func judged(_ error: MongoError, _ mayHaveHappened: Bool) -> MongoError {
    let isOpen = error.leavesWriteOpen || (mayHaveHappened && !error.settlesEarlierAttempts)
    return isOpen ? error.asUnknownOutcome : error
  }

  private func attempt(_ command: BSONDocument, server: UInt32) throws(MongoError) -> BSONDocument {
    let answer = try client.send(
      command, to: settings.database, server: server, inTransaction: transaction != nil)
    if let failure = answer.writeConcernFailure { throw failure }
    return answer
  }
}

/// What a transaction remembers of its steps: one that failed cannot be committed.
final class RunningTransaction {
  private(set) var failure: MongoError?

  func note(_ error: MongoError) { if failure == nil { failure = error } }
}
