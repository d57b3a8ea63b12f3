// The rows of the table that concern links to files.

import ArchiveService

extension SettingTable {
  static let links: [SettingKey] = [
    .duration(
      "links.lifetime", \.service.links.lifetime, .seconds(1)...day * 366,
      "How long a link to a file is good where nobody says."),
    .duration(
      "links.lifetimeLimit", \.service.links.lifetimeLimit, .seconds(1)...day * 3660,
      "How long a link to a file may be good."),
    .flag(
      "links.redirects", \.service.links.redirects,
      "true: whole files are fetched from s3.publicEndpoint, at signed addresses. false: all bytes go through this server."
    ),
    .duration(
      "links.redirectLifetime", \.service.links.redirectLifetime, .seconds(1)...day * 7,
      "How long such an address is good; a download that began goes on."),
    .duration(
      "links.memberLifetime", \.service.links.memberLifetime, .seconds(10)...day,
      "How long at least the addresses are good under which members see files; twice that at most."
    ),
  ]
}
