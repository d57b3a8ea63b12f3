// What an operator says about mail.

import ArchiveService
import SMTPClient

/// The settings `mail.…` that concern the server. Without a URL letters go to the log.
struct MailSettings: Sendable {
  var url: Secret?
  var from: MailBox?
  var startTLS = StartTLSChoice.automatic
  var caFile: String?
  var timeout = Duration.seconds(60)

  /// What is missing or pointless in this combination, told with the keys.
  func contradictions(_ service: ServiceSettings) -> [String] {
    guard let server else {
      let orphans = [
        ("mail.from", from != nil), ("mail.caFile", caFile != nil),
        ("alerts.to", !service.alerts.to.isEmpty),
      ]
      return orphans.filter(\.1).map {
        "\($0.0) is set without mail.url: set mail.url, or remove \($0.0)"
      }
    }
    var found: [String] = []
    func require(_ claim: Bool, _ text: String) {
      if !claim { found.append(text) }
    }
    require(from != nil, "mail.url is set without mail.from, which every letter needs")
    require(
      service.http.publicURL != nil,
      "mail.url is set without http.publicURL: links in letters would lead nowhere")
    require(
      startTLS != .never || server.isTLS || server.isLocal || server.credentials == nil,
      "mail.startTLS is never while mail.url has a password: it would cross the network for all to read; use smtps:// or remove mail.startTLS"
    )
    require(
      service.mail.leaseLifetime > timeout * 2,
      "mail.timeout is longer than a letter may stay in one hand: at most 80s")
    return found
  }

  /// `nil` without a URL.
  var server: SMTPServer? {
    url.flatMap { SMTPServer(String(decoding: $0.bytes, as: UTF8.self)) }
  }

  /// What the client is made of; `nil` without a URL and a sender.
  var client: (settings: SMTPSettings, from: MailBox)? {
    guard let server, let from else { return nil }
    var settings = SMTPSettings(server: server)
    settings.encryption = startTLS.forClient
    settings.certificateAuthorityFile = caFile
    settings.totalDeadline = timeout
    settings.connectDeadline = min(timeout, settings.connectDeadline)
    // A container's host name is a number; a mail server trusts a name with a domain more.
    settings.helloName = from.address.domain
    return (settings, from)
  }
}

/// The forms of `mail.startTLS`.
enum StartTLSChoice: String, CaseIterable, Sendable {
  case automatic, required, never

  var forClient: SMTPSettings.Encryption {
    switch self {
    case .automatic: .automatic
    case .required: .required
    case .never: .none
    }
  }
}
