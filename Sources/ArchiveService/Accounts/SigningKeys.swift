// All keys of access tokens: which one signs now, which are accepted, and how one follows another.

import ArchiveCore
import Logging
import Synchronization

/// What a process knows of the keys of its deployment. Every process reads them from the store, again and again.
///
/// A key is known for `lead` before it signs, so that all nodes, and others who keep the published set, know it by
/// then; and it is accepted as long as a token that it signed may live. Safe from any task.
final class SigningKeys: Sendable {
  private struct Known {
    /// The oldest first.
    var keys: [SigningKey] = []
    /// Those of the store, also of another secret.
    var newest: SigningKeyRecord?
    var byHeader: [String: SigningKey] = [:]
    /// Uptime of the newest reading that an unknown key asked for.
    var askedAt: Duration?
  }

  /// How long a new key waits before it signs.
  static let lead = Duration.seconds(600)
  /// How long others may keep the published set; shorter than `lead`.
  static let publishedFor = Duration.seconds(300)
  /// How old what a node knows may be.
  private static let readingInterval = Duration.seconds(5)
  /// Reading anew for a token with an unknown key happens that often at most.
  private static let askingInterval = Duration.seconds(1)
  private static let limit = 64

  private let records: Collection<SigningKeyRecord>
  private let settings: ServiceSettings.Auth
  private let surroundings: Surroundings
  private let logger: Logger
  private let known = Mutex(Known())

  init(
    documents: any DocumentStore, settings: ServiceSettings.Auth, surroundings: Surroundings,
    logger: Logger
  ) {
    records = Collection(in: documents)
    (self.settings, self.surroundings, self.logger) = (settings, surroundings, logger)
  }

  /// Reads the keys, and makes the first one where there is none that this process can use.
  func prepare() async throws(StoreError) {
    try await read()
    guard signing == nil else { return }
    do throws(StoreError) {
      try await follow(at: surroundings.now(), endingOthersAt: nil, ifNoneSigns: true)
    } catch {
      // Another node was faster; if that one has another secret, there is still none.
      guard error.kind == .conflict else { throw error }
      try await follow(at: surroundings.now(), endingOthersAt: nil, ifNoneSigns: true)
    }
  }

  /// Reads again and again, and lets a new key follow one that is old, until cancelled.
  func run() async {
    while !Task.isCancelled {
      do { try await surroundings.sleep(Self.readingInterval) } catch { return }
      do throws(StoreError) {
        try await read()
        if signing == nil { try await prepare() } else { try await followOldKey() }
      } catch {
        // What is known still works, and the next round comes soon.
        if error.kind != .conflict {
          logger.warning("signing keys could not be read", metadata: ["error": "\(error)"])
        }
      }
    }
  }

  // MARK: What is known

  /// The key that signs now.
  var signing: SigningKey? {
    let now = surroundings.now()
    return known.withLock { known in
      let usable = known.keys.filter { $0.isAccepted(at: now) }
      // Where clocks differ, rather the first of the future than none.
      return usable.last { $0.record.signsFrom <= now } ?? usable.first
    }
  }

  /// The key with which a token of that header would be signed, if it is accepted now.
  func key(header: String) async -> SigningKey? {
    let now = surroundings.now()
    if let key = known.withLock({ $0.byHeader[header] }) {
      return key.isAccepted(at: now) ? key : nil
    }
    guard mayAsk() else { return nil }
    do throws(StoreError) {
      try await read()
    } catch {
      logger.warning("signing keys could not be read", metadata: ["error": "\(error)"])
    }
    return known.withLock { $0.byHeader[header] }.flatMap { $0.isAccepted(at: now) ? $0 : nil }
  }

  /// Those with which tokens may be signed now or soon.
  var published: PublishedKeys {
    let now = surroundings.now()
    return PublishedKeys(
      keys: known.withLock(\.keys).filter { $0.isAccepted(at: now) }.map(\.published))
  }

  private func mayAsk() -> Bool {
    let uptime = surroundings.uptime()
    return known.withLock { known in
      if let asked = known.askedAt, uptime - asked < Self.askingInterval { return false }
      known.askedAt = uptime
      return true
    }
  }

  private func read() async throws(StoreError) {
    let found = try await records.find(sort: [.descending("id")], limit: Self.limit)
    var keys: [SigningKey] = []
    for record in found.reversed() {
      if let key = await SigningKey(record, secret: settings.secret) { keys.append(key) }
    }
    known.withLock { known in
      known.keys = keys
      known.newest = found.first
      known.byHeader = Dictionary(keys.map { ($0.header, $0) }) { _, last in last }
    }
  }
}

// MARK: One key follows another

extension SigningKeys {
  /// Makes a key that signs after `lead`; those before it are accepted until their last token has expired.
  /// - Returns: the new key, and when it begins to sign.
  func rotate() async throws(StoreError) -> SigningKeyRecord {
    let now = surroundings.now()
    let begin = now.advanced(by: Self.lead)
    let tail = settings.accessTokenLifetime + settings.clockLeeway
    return try await follow(at: begin, endingOthersAt: begin.advanced(by: tail))
  }

  /// Makes a key that signs at once; every other is refused from now on, and so is every access token. Clients get new
  /// ones for their refresh tokens.
  func replaceAtOnce() async throws(StoreError) -> SigningKeyRecord {
    let now = surroundings.now()
    return try await follow(at: now, endingOthersAt: now)
  }

  private func followOldKey() async throws(StoreError) {
    guard let newest = known.withLock(\.newest) else { return }
    let due = newest.createdAt.advanced(by: settings.signingKeyLifetime)
    guard due <= surroundings.now() else { return }
    let record = try await rotate()
    logger.notice(
      "a new key will sign access tokens",
      metadata: ["kid": "\(record.keyID)", "from": "\(record.signsFrom)"])
  }

  /// `conflict` where another process made a key at the same time.
  ///
  /// - Parameter ifNoneSigns: makes none where there is one that signs by now.
  @discardableResult
  private func follow(
    at begin: Timestamp, endingOthersAt end: Timestamp?, ifNoneSigns: Bool = false
  ) async throws(StoreError) -> SigningKeyRecord {
    try await read()
    if ifNoneSigns, let signing { return signing.record }
    let salt = surroundings.randomBytes(SigningKey.saltBytes)
    guard let keyID = SigningKey.keyID(settings.secret, salt: salt) else {
      throw StoreError(.invalid, "no key can be derived")
    }
    let record = SigningKeyRecord(
      number: (known.withLock(\.newest)?.number ?? 0) + 1, keyID: keyID, salt: salt,
      createdAt: surroundings.now(), signsFrom: begin, expiresAt: nil)
    var steps: [TransactionStep] = []
    if let end {
      // A key whose end is known keeps it, unless this one comes before.
      let others = Filter.or([.missing("expiresAt"), .greater("expiresAt", .time(end))])
      let ending = Update(
        records.name, where: others, [.set("expiresAt", .time(end))], extent: .all)
      steps.append(.update(ending, mustMatch: false))
    }
    steps.append(.insert(try record.document(), into: records.name))
    try await records.store.transact(steps)
    try await read()
    return record
  }
}

extension SigningKey {
  fileprivate func isAccepted(at now: Timestamp) -> Bool {
    record.expiresAt.map { $0 > now } ?? true
  }
}
