// The mail server that the settings name, tried out.

import ArchiveCore
import ArchiveService
import Foundation
import SMTPClient

/// Connects, encrypts and signs in as for a letter; sends one where somebody is named who wants it.
struct MailExamination {
  let settings: Settings
  /// Who gets a letter to try it out.
  let recipient: String?
  let surroundings: Surroundings

  func findings() async -> [DoctorFinding] {
    let name = "mail"
    guard let (given, from) = settings.mail.client else {
      return [
        DoctorFinding(
          name, .warning, "mail.url is not set: letters are written to the log, links and all",
          cure: "set mail.url, mail.from and http.publicURL before others use this server")
      ]
    }
    if let file = settings.mail.caFile, !FileManager.default.isReadableFile(atPath: file) {
      return [
        DoctorFinding(
          name, .failed, "mail.caFile cannot be read path=`\(file)`",
          cure: "mend its path or its rights")
      ]
    }
    var client = given
    // Somebody waits for the answer.
    client.totalDeadline = min(client.totalDeadline, .seconds(15))
    do {
      return [try await examined(client, from, name)]
    } catch {
      return [DoctorFinding(name, .failed, "\(error)", cure: Self.cure(error))]
    }
  }

  private func examined(_ settings: SMTPSettings, _ from: MailBox, _ name: String)
    async throws(SMTPError) -> DoctorFinding
  {
    let client = try SMTPClient(settings: settings)
    let result: Result<Void, SMTPError>
    do throws(SMTPError) {
      try await client.probe()
      if let recipient { try await client.send(try letter(from, to: recipient)) }
      result = .success(())
    } catch {
      result = .failure(error)
    }
    await client.close()
    try result.get()
    let place = settings.server.place
    return DoctorFinding(
      name, .ok,
      recipient == nil
        ? "\(place) lets us in; --mail-to ADDRESS sends a letter"
        : "\(place) has taken a letter over; look whether it arrives")
  }

  private func letter(_ from: MailBox, to recipient: String) throws(SMTPError) -> MailMessage {
    guard let address = MailAddress(recipient) else {
      throw SMTPError(.invalidMessage, "--mail-to is not an address that mail can go to")
    }
    return MailMessage(
      from: from, to: [MailBox(address)], subject: "archive-service doctor",
      text: "If you can read this, letters of \(settings.service.mail.siteName) arrive.\n",
      date: surroundings.now().milliseconds / 1000, id: surroundings.newID().description,
      language: "en")
  }

  private static func cure(_ error: SMTPError) -> String {
    switch error.kind {
    case .unreachable: "check host and port of mail.url, and firewalls"
    case .untrusted:
      "check the host of mail.url and mail.caFile; a server without STARTTLS may want smtps://"
    case .notSignedIn: "check user and password of mail.url; they are percent-encoded there"
    case .refused where error.stage == .sender: "the server must allow mail.from"
    case .refused, .later: "ask who runs the mail server what this number means to them"
    case .invalidMessage: "give an address such as ada@example.org"
    default: "try again; look at the mail server's log"
    }
  }
}
