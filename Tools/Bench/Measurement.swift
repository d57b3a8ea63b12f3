// Rounds, medians and tables.

import Foundation

/// Rates of several contenders, measured in turn so that a busy moment of the machine hits all alike.
struct Measurement {
  let unit: String
  private var names: [String] = []
  private var rates: [String: [Double]] = [:]

  init(unit: String) { self.unit = unit }

  mutating func add(_ name: String, _ rate: Double) {
    if rates[name] == nil { names.append(name) }
    rates[name, default: []].append(rate)
  }

  func median(_ name: String) -> Double {
    let sorted = (rates[name] ?? []).sorted()
    return sorted.isEmpty ? 0 : sorted[sorted.count / 2]
  }

  /// One line for each contender: median, lowest and highest, and the ratio to the limit.
  func report(limit: String) {
    for name in names {
      let sorted = (rates[name] ?? []).sorted()
      guard let lowest = sorted.first, let highest = sorted.last else { continue }
      let ratio = median(limit) > 0 ? median(name) / median(limit) : 0
      print(
        "\(padded(name, 44)) \(padded(number(median(name)), 12)) \(unit)"
          + "  (\(number(lowest)) … \(number(highest)))  ratio \(String(format: "%.2f", ratio))")
    }
  }
}

/// How often a second something was done.
func rate(_ count: Int, in duration: Duration) -> Double { Double(count) / seconds(duration) }

func seconds(_ duration: Duration) -> Double {
  Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18
}

func number(_ value: Double) -> String {
  value >= 100 ? String(format: "%.0f", value) : String(format: "%.2f", value)
}

func padded(_ text: String, _ width: Int) -> String {
  text + String(repeating: " ", count: max(0, width - text.count))
}
