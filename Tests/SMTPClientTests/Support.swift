// What several tests of the client need.

import MailTesting
import SMTPClient
import Testing

extension SMTPClient {
  /// The error that a mail, or whatever else, ends with.
  static func failure(
    sourceLocation: SourceLocation = #_sourceLocation, _ work: () async throws -> Void
  ) async -> SMTPError? {
    do {
      try await work()
      Issue.record("it succeeded", sourceLocation: sourceLocation)
      return nil
    } catch {
      if !(error is SMTPError) {
        Issue.record("another error: \(error)", sourceLocation: sourceLocation)
      }
      return error as? SMTPError
    }
  }
}

extension MailMessage {
  /// A mail to that address.
  static func sample(to recipients: String..., text: String = "Hi\n") throws -> MailMessage {
    var boxes: [MailBox] = []
    for recipient in recipients { boxes.append(try #require(MailBox(recipient))) }
    return MailMessage(
      from: try #require(MailBox("Chat <chat@example.org>")), to: boxes, subject: "Hello",
      text: text, html: "<p>Hi</p>\n", date: 1_795_257_120, id: "01M7")
  }
}
