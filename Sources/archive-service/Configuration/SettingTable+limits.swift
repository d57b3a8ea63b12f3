// The rows of the table that concern limits on callers, and the audit log.

import ArchiveService

extension SettingTable {
  static let trustedProxies: SettingKey = {
    let allowed = "addresses or networks such as 10.0.0.0/8 with commas between them, or none"
    return SettingKey(
      name: "http.trustedProxies", allowed: allowed, defaultText: "none",
      meaning:
        "Proxies in front of this server whose X-Forwarded-For is believed; limits then count who is behind them.",
      isSecret: false
    ) { text, settings in
      let names = text.split(separator: ",", omittingEmptySubsequences: false)
        .map { $0.filter { $0 != " " } }
      let networks = names.compactMap { IPNetwork($0) }
      guard text == "none" || (networks.count == names.count && networks.count <= 1000) else {
        throw ValueError(allowed: allowed)
      }
      settings.service.http.trustedProxies = networks
    }
  }()

  static let limits: [SettingKey] = [
    .rate(
      "limits.signInsPerAddress", \.service.limits.signInsPerAddress,
      "Sign-ins from one address, an IPv6 network of 64 bits counting as one."),
    .rate(
      "limits.signInsPerAccount", \.service.limits.signInsPerAccount,
      "Sign-ins to one account that have the right password."),
    .rate(
      "limits.signUpsPerAddress", \.service.limits.signUpsPerAddress, "Sign-ups from one address."),
    .rate(
      "limits.mailsPerAddress", \.service.limits.mailsPerAddress,
      "Requests from one address that send mail to somebody."),
    .rate(
      "limits.mailsPerAccount", \.service.limits.mailsPerAccount,
      "Mails that one account is sent because somebody asked for them."),
    .rate(
      "limits.searchesPerAddress", \.service.limits.searchesPerAddress,
      "Searches from one address."),
    .rate(
      "limits.searchesPerAccount", \.service.limits.searchesPerAccount, "Searches of one account."),
    .rate(
      "limits.sendsPerAddress", \.service.limits.sendsPerAddress,
      "Messages, and whatever else others are shown, from one address."),
    .rate(
      "limits.sendsPerAccount", \.service.limits.sendsPerAccount,
      "Messages, and whatever else others are shown, of one account."),
    .rate(
      "limits.downloadsPerAddress", \.service.limits.downloadsPerAddress,
      "Requests for files from one address."),
    .rate(
      "limits.uploadsPerAddress", \.service.limits.uploadsPerAddress, "Uploads from one address."),
    .rate(
      "limits.uploadsPerAccount", \.service.limits.uploadsPerAccount, "Uploads of one account."),
    .number(
      "limits.subjects", \.service.limits.subjectLimit, 1000...10_000_000,
      "Addresses and accounts that are counted at once; beyond it the least recently seen start anew."
    ),
    .number(
      "limits.freeSignInFailures", \.service.limits.freeSignInFailures, 1...1_000_000,
      "Failed sign-ins to one account that cost no delay; then delays double from one second on."),
    .number(
      "limits.freeAddressFailures", \.service.limits.freeAddressFailures, 1...1_000_000,
      "Failed sign-ins from one address that cost no delay."),
    .duration(
      "limits.signInDelay", \.service.limits.signInDelayLimit, .seconds(1)...hour,
      "The longest delay that failed sign-ins reach."),
    .duration(
      "limits.signInFailureMemory", \.service.limits.signInFailureMemory, .seconds(1)...day,
      "Failed sign-ins are forgotten after that time without another."),
    .duration(
      "limits.knownAddressMemory", \.service.limits.knownAddressMemory, .seconds(1)...day * 3650,
      "From where one has signed in, one is not delayed by failures elsewhere, for that long."),
  ]

  static let audit: [SettingKey] = [
    .duration(
      "audit.retention", \.service.audit.retention, hour...day * 36_500,
      "Entries of the audit log are deleted after that time.")
  ]
}

extension SettingKey {
  /// So many in a time, or no limit.
  static func rate(
    _ name: String, _ path: SettingPath<Rate?>, _ meaning: String
  ) -> SettingKey {
    let allowed = "a rate such as 60/1m or 5/12h, at most 1000000 in 1s to 1d, or off"
    return SettingKey(
      name: name, allowed: allowed, defaultText: RateForm.text(Settings()[keyPath: path]),
      meaning: meaning, isSecret: false
    ) { text, settings in
      if text == "off" {
        settings[keyPath: path] = nil
        return
      }
      guard let rate = RateForm.rate(text) else { throw ValueError(allowed: allowed) }
      settings[keyPath: path] = rate
    }
  }
}

/// Reads and writes `60/1m`.
enum RateForm {
  static func rate(_ text: String) -> Rate? {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, !parts[0].isEmpty, parts[0].utf8.allSatisfy({ (48...57).contains($0) }),
      let count = Int(parts[0]), let period = DurationForm.duration(String(parts[1]))
    else { return nil }
    let rate = Rate(count, per: period)
    // What `Rate` would have moved is not what was meant.
    return rate.count == count && rate.period == period ? rate : nil
  }

  static func text(_ rate: Rate?) -> String {
    rate.map { "\($0.count)/\(DurationForm.text($0.period))" } ?? "off"
  }
}
