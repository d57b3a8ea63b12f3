// The rows of the table that concern what is live.

import ArchiveService
import Foundation

extension SettingTable {
  static let realtime: [SettingKey] = [
    .duration(
      "realtime.pingInterval", \.service.realtime.pingInterval, .milliseconds(100)...hour,
      "A client is asked that long after its last answer whether it is still there."),
    .duration(
      "realtime.pingTimeout", \.service.realtime.pingTimeout, .milliseconds(100)...hour,
      "A client that does not answer for that long is gone."),
    .size(
      "realtime.payloadLimit", \.service.realtime.payloadLimitBytes, 64 << 10...16 << 20,
      "The largest message of a client."),
    .size(
      "realtime.inFlightLimit", \.service.realtime.inFlightLimitBytes, 64 << 10...1 << 30,
      "A client for which more than that waits is cut off as too slow."),
    origins,
    .duration(
      "realtime.drainDeadline", \.service.realtime.drainDeadline, .zero...hour,
      "At the end, what waits for clients has that long to leave."),
    .number(
      "realtime.connectionLimit", \.service.realtime.connectionLimit, 1...1_000_000,
      "Live connections at once; http.connectionLimit counts them too."),
    .number(
      "realtime.connectionsPerAddress", \.service.realtime.connectionsPerAddress, 1...1_000_000,
      "Live connections from one address at once, an IPv6 network of 64 bits counting as one."),
    .number(
      "realtime.socketsPerUser", \.service.realtime.socketsPerUser, 1...10_000,
      "Live connections of one user at once, tabs and devices together."),
    .number(
      "realtime.eventsPerSecond", \.service.realtime.eventsPerSecond, 1...100_000,
      "Events that one connection may send in a second, on average."),
    .number(
      "realtime.eventBurst", \.service.realtime.eventBurst, 1...1_000_000,
      "Events that one connection may send at once after it was quiet."),
    .duration(
      "realtime.tokenGrace", \.service.realtime.tokenGrace, .zero...hour,
      "A connection whose access token is over may bring a fresh one for that long."),
    .number(
      "realtime.catchUpLimit", \.service.realtime.catchUpLimit, 1...10_000,
      "Entries in one answer to a client that says what it has; the rest it asks for again."),
    .number(
      "realtime.detailLimit", \.service.realtime.detailLimit, 2...10_000,
      "In conversations with more members nobody is told who reads, types, comes and goes, only how many are there."
    ),
    .duration(
      "realtime.awayAfter", \.service.realtime.awayAfter, .seconds(1)...day,
      "Whoever sends nothing for that long is shown as away."),
    .number(
      "realtime.memberMemory", \.service.realtime.memberMemory, 1000...100_000_000,
      "Members of lively conversations that are remembered; beyond it those of the quietest are read again."
    ),
  ]

  private static let origins: SettingKey = {
    let allowed =
      "origins such as https://chat.example.org with commas between them, * for all, or none"
    return SettingKey(
      name: "realtime.origins", allowed: allowed, defaultText: "none",
      meaning:
        "Web pages of these origins may connect; pages of this server's own host always may, and programs that are no pages.",
      isSecret: false
    ) { text, settings in
      let names = text.split(separator: ",", omittingEmptySubsequences: false)
        .map { $0.filter { $0 != " " } }
      guard text == "none" || (names.count <= 1000 && names.allSatisfy(isOrigin)) else {
        throw ValueError(allowed: allowed)
      }
      settings.service.realtime.origins = text == "none" ? [] : names
    }
  }()

  private static func isOrigin(_ text: String) -> Bool {
    if text == "*" { return true }
    guard let parts = URLComponents(string: text), ["http", "https"].contains(parts.scheme),
      parts.host?.isEmpty == false, parts.path.isEmpty, parts.query == nil,
      parts.fragment == nil, parts.user == nil
    else { return false }
    return true
  }
}
