// Slows down whoever guesses passwords, on all nodes together.

import ArchiveCore
import Synchronization

/// An attempt to sign in that may be made.
struct SignInAttempt: Sendable, Hashable {
  let account: AccountKey
  let origin: RequestOrigin
  /// From where somebody has signed in to this account before.
  let isKnownAddress: Bool
  /// Attempts since the last success, this one included.
  fileprivate let failures: Int64
}

/// Growing delays after failed sign-ins, in documents that all nodes share.
///
/// Three scopes are counted:
/// - `account/A`: attempts on an account from addresses that it does not know;
/// - `known/A/N`: attempts on an account from a network from which it was signed in to before;
/// - `address/N`: failures from a network on accounts that do not know it; looked at before and counted
///   after, so what arrives at once is bounded by `signInsPerAddress` alone.
///
/// An attempt counts as a failure before the password is looked at, by a conditional update, so
/// that a thousand attempts at once are a thousand attempts, whichever nodes they go to; a success
/// takes it back. It is refused until the delay behind the failures before it has passed.
///
/// **Nobody can lock somebody else out for good.** Whoever attacks an account from elsewhere delays
/// strangers only: networks that the account knows have counts of their own. Where the owner is a
/// stranger too, the delay ends after `signInDelayLimit` at most, sessions that exist go on, and a
/// password reset, which needs the mailbox and not the password, makes the network known.
/// A success takes back its own attempt and no failure of others: neither does the owner's buy an
/// attacker new guesses, nor an account of one's own, tried between those of others.
///
/// All is the same for accounts that do not exist: the same documents are read and written.
final class SignInDelays: Sendable {
  private static let contentionLimit = 16

  private let counts: Collection<SignInCount>
  private let documents: any DocumentStore
  private let audit: AuditLog
  private let settings: ServiceSettings.Limits
  private let now: @Sendable () -> Timestamp
  private let refusals = Mutex(0)

  init(
    documents: any DocumentStore, audit: AuditLog, settings: ServiceSettings.Limits,
    surroundings: Surroundings
  ) {
    counts = Collection(in: documents)
    (self.documents, self.audit, self.settings) = (documents, audit, settings)
    now = surroundings.now
  }

  /// Begins an attempt, or throws `tooMany` with the time after which another may begin.
  func before(email: String, from origin: RequestOrigin) async throws -> SignInAttempt {
    let account = AccountKey(email: email)
    let known = Self.known(account, origin)
    let address = Self.address(origin)
    let found = try await counts.find(
      where: .oneOf("id", [.string(known), .string(address)]), limit: 2)
    let present = now()
    let isKnown = found.contains { $0.id == known && $0.expiresAt > present }
    if !isKnown {
      try refuse(addressPace.wait(found.first { $0.id == address }, at: present))
    }
    let failures = try await claim(isKnown ? known : Self.account(account), keepsExpiry: isKnown)
    return SignInAttempt(
      account: account, origin: origin, isKnownAddress: isKnown, failures: failures)
  }

  /// The password was wrong, or there is no such account.
  ///
  /// `user` is the account's owner, for the audit log, where there is one.
  func failed(_ attempt: SignInAttempt, user: UserID?) async throws {
    if attempt.failures == accountPace.free + 1 {
      try await note(attempt, user: user, scope: "account", failures: attempt.failures)
    }
    if attempt.isKnownAddress { return }
    let failures = try await count(Self.address(attempt.origin))
    if failures == addressPace.free + 1 {
      try await note(attempt, user: nil, scope: "address", failures: failures)
    }
  }

  /// The password was right.
  func succeeded(_ attempt: SignInAttempt) async throws {
    try await documents.transact(steps(succeeding: attempt))
  }

  /// The same, to be carried out with what it belongs to.
  ///
  /// Where the address was not known, the attempt is taken back from the strangers' count, and no
  /// more than that: those of an attacker stay.
  func steps(succeeding attempt: SignInAttempt) -> [TransactionStep] {
    let known = steps(knowing: attempt.origin, of: attempt.account)
    if attempt.isKnownAddress { return known }
    return known + [.update(takingBack(attempt), mustMatch: false)]
  }

  /// It was not looked at whether the password was right, or it was right and something else is in the way.
  func takeBack(_ attempt: SignInAttempt) async throws {
    try await documents.update(takingBack(attempt))
  }

  /// Carries out what must not count as a failure where it throws: the password was right, or nobody could look at it.
  func takingBack<Value>(_ attempt: SignInAttempt, _ work: () async throws -> Value) async throws
    -> Value
  {
    do {
      return try await work()
    } catch {
      try await takeBack(attempt)
      throw error
    }
  }

  private func takingBack(_ attempt: SignInAttempt) -> Update {
    let id =
      attempt.isKnownAddress
      ? Self.known(attempt.account, attempt.origin) : Self.account(attempt.account)
    return Update(
      SignInCount.schema.name, where: .and([.id(id), .greater("failures", .integer(0))]),
      [.increment("failures", -1)])
  }

  /// What makes an address known to an account and forgets its failures there: after a sign-up or a
  /// password reset. To be carried out with what it belongs to.
  func steps(knowing origin: RequestOrigin, of account: AccountKey) -> [TransactionStep] {
    let present = now()
    let id = Self.known(account, origin)
    let expiry = present.advanced(by: settings.knownAddressMemory)
    let update = Update(
      SignInCount.schema.name, where: .id(id),
      [
        .set("failures", .integer(0)), .set("failedAt", .time(present)),
        .set("expiresAt", .time(expiry)),
      ], extent: .upsert(insertedOnMiss: Document(["id": .string(id)])))
    return [.update(update, mustMatch: false)]
  }

  /// Counts for `/metrics`.
  var samples: [MetricSample] {
    [
      MetricSample(
        name: "archive_sign_ins_delayed", help: "Sign-ins refused because of failures before them.",
        value: Double(refusals.withLock { $0 }))
    ]
  }

  // MARK: Counting

  private var accountPace: SignInPace { pace(free: settings.freeSignInFailures) }
  private var addressPace: SignInPace { pace(free: settings.freeAddressFailures) }

  private func pace(free: Int) -> SignInPace {
    SignInPace(
      free: Int64(min(max(free, 0), 1_000_000)), limit: settings.signInDelayLimit,
      memory: settings.signInFailureMemory)
  }

  /// Counts an attempt if it may begin now; of those at the same moment each sees the one before it.
  private func claim(_ id: String, keepsExpiry: Bool) async throws -> Int64 {
    for _ in 0..<Self.contentionLimit {
      let old = try await counts.find(id: id)
      let present = now()
      try refuse(accountPace.wait(old, at: present))
      let failures = accountPace.failures(old, at: present) + 1
      let new = SignInCount(
        id: id, failures: failures, failedAt: present,
        expiresAt: keepsExpiry ? old?.expiresAt ?? present : forgetting(at: present))
      if try await replace(old, by: new) { return failures }
    }
    // So many at once on one account are no people.
    try refuse(.seconds(1))
    return 0
  }

  /// Whether it was replaced, and nobody else was first.
  private func replace(_ old: SignInCount?, by new: SignInCount) async throws -> Bool {
    guard let old else {
      do {
        try await counts.insert(new)
        return true
      } catch {
        guard error.kind == .conflict else { throw error }
        return false
      }
    }
    let changed = try await counts.update(
      where: .and([
        .id(old.id), .equal("failures", .integer(old.failures)),
        .equal("failedAt", .time(old.failedAt)),
      ]),
      [
        .set("failures", .integer(new.failures)), .set("failedAt", .time(new.failedAt)),
        .set("expiresAt", .time(new.expiresAt)),
      ])
    return changed != nil
  }

  /// Counts a failure that has happened, atomically; returns how many there are.
  private func count(_ id: String) async throws -> Int64 {
    let present = now()
    let alive = Filter.and([
      .id(id), .greater("failedAt", .time(present.advanced(by: .zero - addressPace.memory))),
    ])
    let times: [DocumentChange] = [
      .set("failedAt", .time(present)), .set("expiresAt", .time(forgetting(at: present))),
    ]
    if let counted = try await counts.update(where: alive, [.increment("failures", 1)] + times) {
      return counted.failures
    }
    try await documents.update(
      Update(
        SignInCount.schema.name, where: .id(id), [.set("failures", .integer(1))] + times,
        extent: .upsert(insertedOnMiss: Document(["id": .string(id)]))))
    return 1
  }

  private func forgetting(at present: Timestamp) -> Timestamp {
    present.advanced(by: settings.signInFailureMemory + settings.signInDelayLimit)
  }

  private func refuse(_ wait: Duration) throws {
    guard wait > .zero else { return }
    refusals.withLock { $0 += 1 }
    throw ServiceError(
      .tooMany, "too many failed sign-ins, try again later",
      retryAfter: .seconds(wait.wholeSecondsUp))
  }

  private func note(_ attempt: SignInAttempt, user: UserID?, scope: String, failures: Int64)
    async throws
  {
    try await audit.note(
      AuditEvent(
        .signInsDelayed, subject: user, from: attempt.origin,
        detail: ["scope": scope, "failures": "\(failures)"]))
  }

  // MARK: Scopes

  private static func account(_ account: AccountKey) -> String { "account/\(account.text)" }

  private static func address(_ origin: RequestOrigin) -> String { "address/\(network(origin))" }

  private static func known(_ account: AccountKey, _ origin: RequestOrigin) -> String {
    "known/\(account.text)/\(network(origin))"
  }

  private static func network(_ origin: RequestOrigin) -> String {
    origin.address?.subscriberNetwork.description ?? "none"
  }
}
