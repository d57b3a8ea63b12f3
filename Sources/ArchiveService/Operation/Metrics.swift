// Numbers about the running service, in Prometheus' text format.

import ArchiveCore
import Foundation
import Synchronization

/// One number that another part of the service offers.
public struct MetricSample: Sendable {
  public let name: String
  /// One sentence for `# HELP`.
  public let help: String
  public let value: Double

  public init(name: String, help: String, value: Double) {
    (self.name, self.help, self.value) = (name, help, value)
  }
}

/// Counts requests by route and kind of status, and how long they took.
///
/// Labels come from the route table alone, never from a client, so the number of series is bounded.
final class Metrics: Sendable {
  private struct Key: Hashable {
    let method: String
    let route: String
    let statusClass: Int
  }

  private struct Timing {
    var buckets = [Int](repeating: 0, count: Metrics.bounds.count)
    var count = 0
    var seconds = 0.0
  }

  private static let bounds = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
  private static let methods: Set<String> = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]

  private let timings = Mutex<[Key: Timing]>([:])
  private let started: Timestamp

  init(started: Timestamp) { self.started = started }

  func record(method: String, route: String, status: Int, took: Duration) {
    let key = Key(
      method: Self.methods.contains(method) ? method : "other", route: route,
      statusClass: status / 100)
    let seconds = Double(took.wholeMilliseconds) / 1000
    timings.withLock { timings in
      timings[key, default: Timing()].count += 1
      timings[key, default: Timing()].seconds += seconds
      for (index, bound) in Self.bounds.enumerated() where seconds <= bound {
        timings[key, default: Timing()].buckets[index] += 1
      }
    }
  }

  func text(extra: [MetricSample]) -> String {
    var lines = [
      "# HELP http_request_duration_seconds How long requests took.",
      "# TYPE http_request_duration_seconds histogram",
    ]
    let all = timings.withLock { $0 }.sorted { Self.label($0.key) < Self.label($1.key) }
    for (key, timing) in all { lines += Self.lines(Self.label(key), timing) }
    for sample in extra + processSamples {
      lines.append("# HELP \(sample.name) \(sample.help)")
      lines.append("# TYPE \(sample.name) gauge")
      lines.append("\(sample.name) \(sample.value)")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func label(_ key: Key) -> String {
    "method=\"\(key.method)\",route=\"\(key.route)\",status=\"\(key.statusClass)xx\""
  }

  private static func lines(_ label: String, _ timing: Timing) -> [String] {
    let name = "http_request_duration_seconds"
    let buckets = zip(bounds, timing.buckets).map { bound, count in
      "\(name)_bucket{\(label),le=\"\(bound)\"} \(count)"
    }
    return buckets + [
      "\(name)_bucket{\(label),le=\"+Inf\"} \(timing.count)",
      "\(name)_sum{\(label)} \(timing.seconds)", "\(name)_count{\(label)} \(timing.count)",
    ]
  }

  private var processSamples: [MetricSample] {
    var samples = [
      MetricSample(
        name: "process_start_time_seconds", help: "When the service started, since 1970.",
        value: Double(started.milliseconds) / 1000)
    ]
    if let bytes = Self.residentBytes {
      samples.append(
        MetricSample(
          name: "process_resident_memory_bytes", help: "Memory in use.", value: bytes))
    }
    return samples
  }

  /// From Linux' own account of the process; elsewhere the number is left out.
  private static var residentBytes: Double? {
    guard let data = FileManager.default.contents(atPath: "/proc/self/statm") else { return nil }
    let fields = String(decoding: data, as: UTF8.self).split(separator: " ")
    guard fields.count > 1, let pages = Double(fields[1]) else { return nil }
    return pages * Double(sysconf(Int32(_SC_PAGESIZE)))
  }
}
