// What a run says: lines of JSON, and the end where it cannot go on.

import Glibc
import NIOCore

/// Writes to standard output at once, for whoever reads along.
enum Findings {
  /// Names and numbers of one finding; `moment` is on the clock that all processes of the machine share.
  static func say(_ event: String, _ numbers: KeyValuePairs<String, Double> = [:]) {
    let fields = numbers.map { #""\#($0.key)":\#($0.value)"# }
    let moment = Double(NIODeadline.now().uptimeNanoseconds) / 1e9
    let line = [#""event":"\#(event)""#, #""moment":\#(moment)"#] + fields
    print("{" + line.joined(separator: ",") + "}")
    fflush(nil)
  }

  /// Ends the process: a run in which anything went wrong has no figures.
  static func fail(_ reason: String) -> Never {
    let line = Array("archive-bench-realtime: \(reason)\n".utf8)
    _ = line.withUnsafeBytes { write(2, $0.baseAddress, $0.count) }
    exit(1)
  }
}

/// Durations in milliseconds, and where they lie.
struct Durations {
  private var values: [Double] = []

  var count: Int { values.count }

  mutating func add(_ nanoseconds: UInt64) { values.append(Double(nanoseconds) / 1e6) }
  mutating func sort() { values.sort() }

  /// The nearest rank; everything must be sorted.
  func quantile(_ share: Double) -> Double {
    guard !values.isEmpty else { return .nan }
    let rank = Int((share * Double(values.count)).rounded(.up)) - 1
    return values[max(0, min(values.count - 1, rank))]
  }
}
