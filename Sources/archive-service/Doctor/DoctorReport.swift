// The findings of `doctor`, for people and for programs.

import Foundation
import S3Store

/// One thing that was looked at.
struct DoctorFinding: Codable, Sendable {
  enum Outcome: String, Codable, Sendable { case ok, warning, failed, skipped }

  let check: String
  let outcome: Outcome
  let detail: String
  /// What mends it.
  let cure: String?

  init(_ check: String, _ outcome: Outcome, _ detail: String, cure: String? = nil) {
    (self.check, self.outcome, self.detail, self.cure) = (check, outcome, detail, cure)
  }

  init(_ finding: BucketFinding) {
    let outcome: Outcome =
      switch finding.outcome {
      case .ok: .ok
      case .warning: .warning
      case .failed: .failed
      case .skipped: .skipped
      }
    self.init("bucket: \(finding.check)", outcome, finding.detail, cure: finding.cure)
  }
}

/// All findings in order.
struct DoctorReport: Codable, Sendable {
  private(set) var findings: [DoctorFinding] = []
  /// Nothing would lose data or keep the server from working.
  private(set) var isGood = true

  mutating func add(_ more: [DoctorFinding]) {
    findings += more
    isGood = isGood && !more.contains { $0.outcome == .failed }
  }

  func show(asJSON json: Bool) throws {
    guard json else {
      for line in lines { StandardOutput.write(line: line) }
      return
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    _ = StandardOutput.write(Array(try encoder.encode(self)) + [UInt8(ascii: "\n")])
  }

  /// A table, with the cure below what needs one.
  var lines: [String] {
    let width = findings.map(\.check.count).max() ?? 0
    let indent = String(repeating: " ", count: width + 11)
    var lines = findings.flatMap { finding in
      let outcome = finding.outcome == .failed ? "FAILED" : finding.outcome.rawValue
      let row = Self.padded(finding.check, width) + "  " + Self.padded(outcome, 7) + "  "
      return [row + finding.detail] + (finding.cure.map { [indent + "→ " + $0] } ?? [])
    }
    lines.append(summary)
    return lines
  }

  private var summary: String {
    let failures = findings.count { $0.outcome == .failed }
    let warnings = findings.count { $0.outcome == .warning }
    if failures + warnings == 0 { return "all is well" }
    func counted(_ count: Int, _ noun: String) -> String {
      "\(count) \(noun)\(count == 1 ? "" : "s")"
    }
    return "\(counted(failures, "failure")), \(counted(warnings, "warning"))"
  }

  private static func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }
}
