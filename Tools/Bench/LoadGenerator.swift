// Makes load over HTTP with wrk, and reads what it measured.

import Foundation

/// The same kind of request over and over, to each address in turn.
struct BenchRequests {
  let urls: [String]
  var token: String?
  /// A body makes it a POST.
  var json: String?
}

/// Runs wrk, a small C program that can keep a server busy from one thread.
struct LoadGenerator {
  let seconds: Int
  let connections: Int
  /// Where the script for wrk goes.
  let directory: String

  /// Requests a second; every answer must be a good one.
  func rate(of requests: BenchRequests) async throws -> Double {
    guard let first = requests.urls.first else { throw BenchError("nothing to request") }
    let report = try await report(of: requests, to: first)
    // wrk tells of failures in lines that are not there when all went well.
    let failures = ["Socket errors", "Non-2xx or 3xx responses"]
    if let line = report.split(separator: "\n").first(where: { line in
      failures.contains { line.contains($0) }
    }) {
      throw BenchError("\(first): \(line.trimmingCharacters(in: .whitespaces))")
    }
    guard let match = report.firstMatch(of: /Requests\/sec:\s+([0-9.]+)/),
      let rate = Double(match.1)
    else { throw BenchError("wrk said:\n\(report)") }
    return rate
  }

  /// How long answers took, in milliseconds; every answer must be a good one.
  func latencies(of requests: BenchRequests) async throws -> (median: Double, p99: Double) {
    guard let first = requests.urls.first else { throw BenchError("nothing to request") }
    let report = try await report(of: requests, to: first)
    guard let median = Self.milliseconds("50%", in: report),
      let p99 = Self.milliseconds("99%", in: report)
    else { throw BenchError("wrk said:\n\(report)") }
    return (median, p99)
  }

  /// A line of wrk such as `99%    1.23ms`.
  private static func milliseconds(_ share: String, in report: String) -> Double? {
    for line in report.split(separator: "\n") {
      guard let match = line.firstMatch(of: /^\s*([0-9]+%)\s+([0-9.]+)(us|ms|s)\s*$/),
        match.1 == share, let value = Double(match.2)
      else { continue }
      return match.3 == "us" ? value / 1000 : match.3 == "ms" ? value : value * 1000
    }
    return nil
  }

  /// What wrk said. Several may run at once, so each has a script of its own.
  private func report(of requests: BenchRequests, to first: String) async throws -> String {
    let script = directory + "/requests-\(UUID().uuidString).lua"
    try Data(lua(requests).utf8).write(to: URL(fileURLWithPath: script))
    return try await run([
      "wrk", "--threads", "1", "--connections", "\(connections)", "--duration", "\(seconds)s",
      "--timeout", "30s", "--latency", "--script", script, first,
    ])
  }

  /// Requests are made once, so that wrk itself costs as little as it can.
  private func lua(_ requests: BenchRequests) -> String {
    var lines: [String] = []
    if let token = requests.token {
      lines.append(#"wrk.headers["Authorization"] = "Bearer \#(token)""#)
    }
    if let json = requests.json {
      lines.append(#"wrk.method = "POST""#)
      lines.append(#"wrk.headers["Content-Type"] = "application/json""#)
      lines.append("wrk.body = [==[\(json)]==]")
    }
    let paths = requests.urls.map { "\"" + path(of: $0) + "\"" }.joined(separator: ", ")
    lines += [
      "local paths, made, count = {\(paths)}, {}, 0",
      "init = function(args) for i, path in ipairs(paths) do made[i] = wrk.format(nil, path) end end",
      "request = function() count = count % #made + 1; return made[count] end",
    ]
    return lines.joined(separator: "\n") + "\n"
  }

  private func path(of url: String) -> String {
    guard let parts = URLComponents(string: url) else { return "/" }
    return parts.path + (parts.query.map { "?" + $0 } ?? "")
  }

  private func run(_ command: [String]) async throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = command
    let output = Pipe()
    process.standardOutput = output
    process.standardError = output
    try await withCheckedThrowingContinuation { (done: CheckedContinuation<Void, any Error>) in
      process.terminationHandler = { _ in done.resume() }
      do { try process.run() } catch { done.resume(throwing: error) }
    }
    // Its report is shorter than a pipe is deep, so that wrk never waits for a reader.
    let text = String(
      decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
    guard process.terminationStatus == 0 else {
      throw BenchError("wrk (Debian package wrk) failed:\n\(text)")
    }
    return text
  }
}
