// What an operator says about ClamAV's daemon.

import ArchiveCore

/// The settings of the search for viruses that concern the daemon. Without an address nothing is searched.
struct ClamdSettings: Sendable {
  var address: ClamdAddress?
  var timeout = Duration.seconds(120)

  func scanner(_ surroundings: Surroundings) -> ClamdScanner? {
    address.map { ClamdScanner(address: $0, deadline: timeout, sleep: surroundings.sleep) }
  }

  /// Whether the daemon answers.
  func finding(_ surroundings: Surroundings) async -> DoctorFinding {
    let name = "viruses"
    guard let scanner = scanner(surroundings) else {
      return DoctorFinding(name, .skipped, "uploads.clamd is not set: files are not searched")
    }
    do {
      try await scanner.ping()
      return DoctorFinding(name, .ok, "clamd answers at \(scanner.address)")
    } catch {
      return DoctorFinding(
        name, .failed, "\(error)",
        cure: "start clamd, or mend uploads.clamd; until then no file is handed out")
    }
  }
}

extension SettingTable {
  static let clamd: [SettingKey] = [
    .optional(
      "uploads.clamd", default: "none, files are not searched for viruses",
      allowed: "host:port, or the path of a socket such as /run/clamav/clamd.ctl",
      "Where ClamAV's daemon listens; set, only files that it finds clean are handed out."
    ) { text, settings in
      guard let address = ClamdAddress(text) else { return false }
      settings.clamd.address = address
      return true
    },
    .duration(
      "uploads.clamdTimeout", \.clamd.timeout, .seconds(1)...hour,
      "Searching one file may take that long."),
  ]
}
