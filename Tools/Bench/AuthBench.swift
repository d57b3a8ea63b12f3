// Signing in and being known: token checks beside jwt-kit, sign-ins beside the bare hash, and whether anybody waits.

import ArchiveCore
import ArchiveService
import ArgumentParser
import CryptoExtras
import Foundation
import JWTKit
import Logging

/// `./dev bench auth`.
struct AuthBench: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "auth",
    abstract: "Token checks against jwt-kit, sign-ins against the bare hash, /healthz in a storm.")

  @Option(help: "Seconds for each measurement.") var seconds = 5
  @Option(help: "Rounds; medians are reported.") var rounds = 5
  @Option(help: "Connections that sign in at once.") var connections = 16
  @Option(help: "Wrong passwords each for a known and an unknown account.") var guesses = 60
  @Option(help: "Where to write; a real disk.") var directory =
    FileManager.default.currentDirectoryPath + "/.build"

  func run() async throws {
    let archive = try await BenchArchive(in: directory)
    let outcome: Result<Void, any Error>
    do { outcome = .success(try await measure(archive)) } catch { outcome = .failure(error) }
    try await archive.remove()
    try outcome.get()
  }

  private func measure(_ archive: BenchArchive) async throws {
    try await measureTokens(archive)
    let settings = ServiceSettings().auth
    try await BenchServers.run(archive, { $0.auth.passwordCost = settings.passwordCost }) {
      _, service in
      let client = BenchClient(baseURL: service)
      try await client.signUp()
      try await measureSignIns(archive, service, settings)
      try await measureStorm(archive, service, settings)
      try await compareAccounts(service)
    }
  }

  // MARK: Tokens

  /// What jwt-kit reads of the same token; that it fits is all that is wanted.
  private struct Claims: JWTPayload {
    let sub, sid, role, iss, aud, typ: String
    let iat, exp: Int64

    func verify(using algorithm: some JWTAlgorithm) throws {}
  }

  private func measureTokens(_ archive: BenchArchive) async throws {
    print("token checks on one thread, the same Ed25519 token:")
    var auth = ServiceSettings().auth
    auth.secret = BenchServers.secret
    let checks = try await TokenChecks(
      documents: archive.documents, settings: auth, surroundings: archive.clock.surroundings,
      logger: BenchServers.silent)
    let token = try await checks.token()
    let keys = JWTKeyCollection()
    try await keys.add(jwksJSON: String(decoding: try checks.publishedKeys(), as: UTF8.self))
    let limit = "jwt-kit alone: signature and claims"
    var measurement = Measurement(unit: "checks/s")
    for _ in 0..<rounds {
      measurement.add(
        limit, try await checksPerSecond { _ = try await keys.verify(token, as: Claims.self) })
      measurement.add(
        "ours: header, signature, claims, their rules",
        try await checksPerSecond {
          guard await checks.isValid(token) else { throw BenchError("our own token is refused") }
        })
    }
    measurement.report(limit: limit)
  }

  /// How often a second, one after another, for a fifth of the seconds.
  private func checksPerSecond(_ check: () async throws -> Void) async throws -> Double {
    let clock = ContinuousClock()
    let start = clock.now
    let end = start + .milliseconds(Int64(seconds) * 200)
    var count = 0
    while clock.now < end {
      for _ in 0..<50 { try await check() }
      count += 50
    }
    return rate(count, in: start.duration(to: clock.now))
  }

  // MARK: Sign-ins

  private func measureSignIns(
    _ archive: BenchArchive, _ service: String, _ auth: ServiceSettings.Auth
  ) async throws {
    print("sign-ins over HTTP, scrypt with N = 2^\(auth.passwordCost.logRounds):")
    let load = LoadGenerator(
      seconds: seconds, connections: connections, directory: archive.directory)
    let limit = "the bare hash on \(auth.passwordThreads) threads"
    var measurement = Measurement(unit: "per second")
    for _ in 0..<rounds {
      let hashing = BareHashing(auth)
      measurement.add(limit, try await hashing.perSecond(for: seconds))
      measurement.add("sign-ins", try await load.rate(of: signIn(service)))
    }
    measurement.report(limit: limit)
  }

  private func signIn(_ service: String) -> BenchRequests {
    BenchRequests(
      urls: [service + "/api/auth/login"],
      json: #"{"email":"bench@example.org","password":"correct horse"}"#)
  }

  // MARK: Who waits

  private func measureStorm(
    _ archive: BenchArchive, _ service: String, _ auth: ServiceSettings.Auth
  ) async throws {
    print("GET /healthz on one connection, milliseconds:")
    let health = LoadGenerator(seconds: seconds, connections: 1, directory: archive.directory)
    let storm = LoadGenerator(
      seconds: seconds + 1, connections: connections, directory: archive.directory)
    let request = BenchRequests(urls: [service + "/healthz"])
    var times = LatencyTable()
    for _ in 0..<rounds {
      times.add("nothing else to do", try await health.latencies(of: request))
      let hashing = BareHashing(auth)
      async let hashed = hashing.perSecond(for: seconds + 1)
      times.add(
        "while as many threads hash outside of the server", try await health.latencies(of: request))
      _ = try await hashed
      async let stormed = storm.rate(of: signIn(service))
      times.add("in a storm of sign-ins", try await health.latencies(of: request))
      _ = try await stormed
    }
    times.report()
  }

  // MARK: Who is known

  /// Both kinds in turn, one after another, so that a busy moment hits both alike.
  private func compareAccounts(_ service: String) async throws {
    print("a wrong password, one after another, milliseconds:")
    let client = BenchClient(baseURL: service)
    var times: [String: [Double]] = [:]
    for _ in 0..<guesses {
      for email in ["bench@example.org", "nobody@example.org"] {
        times[email, default: []].append(try await client.failToSignIn(email))
      }
    }
    let known = (times["bench@example.org"] ?? []).sorted()
    let unknown = (times["nobody@example.org"] ?? []).sorted()
    guard !known.isEmpty, !unknown.isEmpty else { return }
    // The share of pairs in which the known account took longer: 0.5 tells nothing apart, and its
    // standard deviation for as many guesses says how far from it chance may lead (Mann and Whitney).
    let longer = known.reduce(0) { sum, time in sum + unknown.count { $0 < time } }
    let pairs = Double(known.count * unknown.count)
    let deviation = (Double(known.count + unknown.count + 1) / (12 * pairs)).squareRoot()
    print(
      "  known \(number(known[known.count / 2])), unknown \(number(unknown[unknown.count / 2])) (medians); "
        + "the known one took longer in \(number(Double(longer) / pairs)) of the pairs, "
        + "by chance 0.50 ± \(number(2 * deviation))")
  }
}

/// scrypt and nothing else, on as many threads as the service uses.
struct BareHashing {
  private let auth: ServiceSettings.Auth

  init(_ auth: ServiceSettings.Auth) { self.auth = auth }

  /// Hashes a second, by all threads together.
  func perSecond(for seconds: Int) async throws -> Double {
    let clock = ContinuousClock()
    let start = clock.now
    let end = start + .seconds(seconds)
    let cost = auth.passwordCost
    let count = try await withThrowingTaskGroup(of: Int.self) { group in
      for _ in 0..<auth.passwordThreads {
        group.addTask {
          try await OwnThread.run {
            var count = 0
            repeat {
              _ = try KDF.Scrypt.deriveKey(
                from: Array("correct horse".utf8), salt: Array(repeating: 7, count: 16),
                outputByteCount: 32, rounds: 1 << cost.logRounds, blockSize: cost.blockSize,
                parallelism: cost.parallelism)
              count += 1
            } while clock.now < end
            return count
          }
        }
      }
      return try await group.reduce(0, +)
    }
    return rate(count, in: start.duration(to: clock.now))
  }
}

/// Work on a thread of its own, so that it takes none from those who measure.
enum OwnThread {
  static func run(_ work: @escaping @Sendable () throws -> Int) async throws -> Int {
    try await withCheckedThrowingContinuation { continuation in
      Thread { continuation.resume(with: Result(catching: work)) }.start()
    }
  }
}

/// Medians of medians and of 99th percentiles.
struct LatencyTable {
  private var median = Measurement(unit: "")
  private var names: [String] = []
  private var p99 = Measurement(unit: "")

  mutating func add(_ name: String, _ times: (median: Double, p99: Double)) {
    if !names.contains(name) { names.append(name) }
    median.add(name, times.median)
    p99.add(name, times.p99)
  }

  func report() {
    for name in names {
      print(
        "\(padded(name, 52)) median \(number(median.median(name))), p99 \(number(p99.median(name)))"
      )
    }
  }
}
