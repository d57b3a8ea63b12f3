// A bucket on a real S3 server, behind a proxy with faults.

import ArchiveTesting
import Foundation
import Synchronization

/// What an object store goes through while everybody talks.
enum Weather: String, CaseIterable, Sendable {
  case calm
  /// Every so many requests suffer one of everything that can go wrong.
  case gusts
  /// Whatever is asked is refused, for a while.
  case forbidden = "403"
  case noBucket = "no bucket"
  case overloaded = "503"
  /// Requests are taken and never answered.
  case silence
  /// Writes are carried out and nobody is told.
  case lostReplies = "lost replies"
  /// The server is killed and started again.
  case killed = "store killed"

  /// What lets background work get ahead.
  static let mild: [Weather] = [.calm, .gusts, .gusts, .lostReplies, .killed]
}

/// The way to a bucket, made bad and good again. Mutexes guard whether the server is to be up, and the counts.
final class FaultyBucket: Sendable {
  let proxy: FaultyProxy
  private let settings: [String: String]
  private let upstreamPort: Int
  /// The port by which `scripts/services/s3.sh` knows the server; `nil` for a server that is not ours.
  private let gateway: Int?
  private let directory: String
  private let gusts: [ProxyFault]
  private let isUp = Mutex(true)
  /// Requests so far by what they suffered.
  private let tally = Mutex<[String: Int]>([:])

  /// So short that a silent server costs a round little.
  private static let shortTimes = [
    "ARCHIVE_S3_CONNECTTIMEOUT": "1s", "ARCHIVE_S3_ANSWERTIMEOUT": "500ms",
  ]

  /// - Parameters:
  ///   - directory: where the script's output goes, and `store.log`, a line for each request.
  ///   - without: faults that gusts leave out, by their names in the summary.
  /// - Throws: where the environment names no bucket.
  init(gateway: Int?, directory: String, without: [String]) async throws {
    gusts = Self.gusts.filter { !without.contains(Self.name($0)) }
    settings = ProcessInfo.processInfo.environment.filter { $0.key.hasPrefix("ARCHIVE_S3_") }
    guard let endpoint = settings["ARCHIVE_S3_ENDPOINT"].flatMap(URLComponents.init(string:)),
      endpoint.scheme == "http", let host = endpoint.host
    else { throw Loss("ARCHIVE_S3_ENDPOINT must be set, as ./dev torture --engine s3 does") }
    (upstreamPort, self.gateway, self.directory) = (endpoint.port ?? 80, gateway, directory)
    proxy = try await FaultyProxy.start(upstreamHost: host, upstreamPort: upstreamPort)
  }

  /// What the server is told of the bucket, where the keys of one archive begin with `prefix`.
  func environment(prefix: String) -> [String: String] {
    settings.merging(Self.shortTimes) { $1 }
      .merging(["ARCHIVE_S3_ENDPOINT": proxy.endpoint, "ARCHIVE_S3_PREFIX": prefix]) { $1 }
  }

  /// Lets the weather begin; it lasts until `calm`.
  func begin(_ weather: Weather, random: inout SeededGenerator) async throws {
    switch weather {
    case .calm: return
    case .gusts:
      proxy.setRandomFaults(
        rate: Double(random.int(3...25)) / 100, seed: random.next(), among: gusts)
    case .forbidden: always(.answer(status: 403, code: "AccessDenied"))
    case .noBucket: always(.answer(status: 404, code: "NoSuchBucket"))
    case .overloaded: always(.answer(status: 503, code: "SlowDown"))
    case .silence: always(.silence)
    case .lostReplies:
      proxy.inject(.loseReply, times: .max) { $0.method != "GET" && $0.method != "HEAD" }
    case .killed: try await kill()
    }
  }

  /// Good weather: no faults, and the server is up.
  func calm() async throws {
    proxy.clearFaults()
    try await start()
    count()
  }

  /// How many requests suffered what, as one line.
  var summary: String {
    count()
    let counts = tally.withLock { $0 }
    let all = counts.values.reduce(0, +)
    let suffered = counts.filter { !$0.key.isEmpty }.sorted { $0.key < $1.key }
    return "\(all) requests to the store, of which \(all - counts["", default: 0]) suffered: "
      + suffered.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
  }

  private func count() {
    let requests = proxy.requests
    proxy.forgetRequests()
    note(requests)
    tally.withLock { tally in
      for request in requests { tally[request.fault.map(Self.name) ?? "", default: 0] += 1 }
    }
  }

  /// What went to the store, for whoever looks for a cause.
  private func note(_ requests: [ProxiedRequest]) {
    let lines = requests.map { request in
      let (status, fault) = (request.status.map(String.init) ?? "-", request.fault.map { "\($0)" })
      return "\(request.number) \(request.method) \(request.target) \(status) \(fault ?? "")\n"
    }
    let path = directory + "/store.log"
    if !FileManager.default.fileExists(atPath: path) {
      _ = FileManager.default.createFile(atPath: path, contents: nil)
    }
    guard let file = FileHandle(forWritingAtPath: path) else { return }
    defer { try? file.close() }
    // A log that cannot be written ends no torture.
    _ = try? file.seekToEnd()
    try? file.write(contentsOf: Data(lines.joined().utf8))
  }

  /// The fault without its numbers; an answer with its status.
  private static func name(_ fault: ProxyFault) -> String {
    if case .answer(let status, _) = fault { return "\(status)" }
    return String("\(fault)".prefix { $0 != "(" })
  }

  private func always(_ fault: ProxyFault) { proxy.inject(fault, times: .max) }

  private func kill() async throws {
    guard isUp.withLock({ swap(&$0, false) }) else { return }
    guard let gateway else {
      // A port where nobody listens is all that is seen of a dead server.
      proxy.setUpstream(port: 1)
      await proxy.breakConnections()
      return
    }
    try await ServiceScript.run("s3", "kill-gateway", gateway, directory: directory)
  }

  private func start() async throws {
    guard !isUp.withLock({ swap(&$0, true) }) else { return }
    guard let gateway else { return proxy.setUpstream(port: upstreamPort) }
    try await ServiceScript.run("s3", "start-gateway", gateway, directory: directory)
  }

  /// Everything that one request can suffer. What alters a reply alters it so that it can be noticed.
  private static let gusts: [ProxyFault] = [
    .answer(status: 403, code: "AccessDenied"), .answer(status: 404, code: "NoSuchBucket"),
    .answer(status: 500, code: "InternalError"), .answer(status: 503, code: "SlowDown"),
    .errorIn200(), .redirect(to: "http://127.0.0.1:1"), .silence, .dropRequest,
    .cutRequest(fraction: 0.5), .corruptRequestByte, .loseReply, .loseReply,
    .cutBody(fraction: 0.5), .cutBody(fraction: 0.9), .wrongLength(by: 7), .wrongLength(by: -7),
    .corruptByte, .compress, .trickle(bytesPerSecond: 4000), .delay(.milliseconds(300)),
  ]
}

/// Sets the value and returns the one before.
private func swap(_ value: inout Bool, _ new: Bool) -> Bool {
  defer { value = new }
  return value
}
