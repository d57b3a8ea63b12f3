// Hashes and checks passwords on threads of their own, few at once.

import ArchiveCore
import NIOPosix
import Synchronization

/// The only place where passwords are hashed.
///
/// A hash takes a tenth of a second and 128 MiB, so it never runs on an event loop or on the
/// cooperative threads; `passwordThreads` run at once, `passwordQueueLimit` wait, more are refused.
final class Passwords: Sendable {
  private let settings: ServiceSettings.Auth
  private let surroundings: Surroundings
  private let threads: NIOThreadPool
  private let pending = Mutex(0)
  private let hashes = Mutex(0)

  init(settings: ServiceSettings.Auth, surroundings: Surroundings) {
    self.settings = settings
    self.surroundings = surroundings
    threads = NIOThreadPool(numberOfThreads: max(1, settings.passwordThreads))
    threads.start()
  }

  deinit {
    threads.shutdownGracefully { _ in }
  }

  /// The text to store for a new password.
  func hash(_ password: String) async throws -> String {
    let salt = surroundings.randomBytes(16)
    let cost = settings.passwordCost
    return try await onThread {
      try PasswordHash(of: Array(password.utf8), salt: salt, cost: cost).description
    }
  }

  /// Whether the password is the stored one. Without a stored one the answer is no, after the same work.
  func matches(_ password: String, stored: String?) async throws -> Bool {
    let cost = settings.passwordCost
    let hash = stored.flatMap { PasswordHash($0) } ?? PasswordHash(ofNothingAt: cost)
    return try await onThread { try hash.matches(Array(password.utf8)) }
  }

  /// The text to store in place of one of another cost than today's; `nil` where there is nothing to replace, and where
  /// too much is hashed already: then the next sign-in does it.
  func renewed(_ password: String, stored: String) async throws -> String? {
    guard PasswordHash(stored)?.cost != settings.passwordCost else { return nil }
    do {
      return try await hash(password)
    } catch let error as ServiceError {
      guard error.kind == .busy else { throw error }
      return nil
    }
  }

  /// How many hashes were made, for comparing the work of sign-ins.
  var hashCount: Int { hashes.withLock { $0 } }

  private func onThread<Result: Sendable>(_ work: @escaping @Sendable () throws -> Result)
    async throws -> Result
  {
    let limit = settings.passwordThreads + settings.passwordQueueLimit
    let isAdmitted = pending.withLock { pending in
      guard pending < limit else { return false }
      pending += 1
      return true
    }
    guard isAdmitted else {
      throw ServiceError(.busy, "too many sign-ins at once", retryAfter: .seconds(2))
    }
    defer { pending.withLock { $0 -= 1 } }
    hashes.withLock { $0 &+= 1 }
    return try await threads.runIfActive(work)
  }
}
