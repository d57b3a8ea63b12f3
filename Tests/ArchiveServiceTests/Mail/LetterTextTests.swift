// What letters say.

import ArchiveCore
import Testing

@testable import ArchiveService

@Suite struct LetterTextTests {
  private static let link = "https://chat.example.org/reset-password?token=a&b=\"<c>'"
  private static let letters: [Letter] = [
    .confirmEmail(link: link), .resetPassword(link: link),
    .passwordChanged, .sessionEndedByReuse, .accountDeactivated,
    .alert(title: "The disk is nearly full", lines: ["3 MiB are free."]),
  ]

  @Test("every letter has words in every language, and its link as it is", arguments: letters)
  func words(_ letter: Letter) {
    for language in Language.allCases {
      let text = LetterText(letter, in: language, siteName: "Ромашка", to: "Ада")
      #expect(text.subject.contains("Ромашка") && !text.subject.contains("\n"))
      #expect(!text.text.isEmpty && text.text.hasSuffix("\n"))
      #expect(text.html.contains("<html lang=\"\(language.rawValue)\">"))
      if letter.link != nil {
        #expect(text.text.contains("\n\n\(Self.link)\n\n"))
        #expect(
          text.html.contains(
            "href=\"https://chat.example.org/reset-password?token=a&amp;b=&quot;&lt;c&gt;&#39;\""))
        #expect(!text.html.contains("<c>"))
      }
    }
    if case .alert = letter { return }
    let (english, russian) = (
      LetterText(letter, in: .en, siteName: "X"), LetterText(letter, in: .ru, siteName: "X")
    )
    #expect(!english.text.unicodeScalars.contains { ("а"..."я").contains($0) })
    #expect(russian.subject.unicodeScalars.contains { ("а"..."я").contains($0) })
    #expect(english.subject != russian.subject && english.text != russian.text)
  }

  @Test("a name cannot become markup, a line of its own, or a header")
  func hostileNames() {
    let name = "<script>alert(1)</script>\r\nBcc: x@y & \"Co\"\u{2028}"
    let text = LetterText(.passwordChanged, in: .en, siteName: name, to: name)
    #expect(!text.html.contains("<script>"))
    #expect(text.html.contains("&lt;script&gt;alert(1)&lt;/script&gt;"))
    #expect(!text.subject.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x2028 })
    #expect(text.text.hasPrefix("Hello <script>alert(1)</script>  Bcc: x@y & \"Co\" ,\n"))
  }

  @Test("C7 nobody makes this server write words of their choice to a stranger")
  func noNameToStrangers() {
    var user = User(
      id: UserID(ULID(high: 1, low: 1)), email: "ada@example.org",
      name: "Buy cheap watches at evil.example", role: .customer,
      createdAt: Timestamp(milliseconds: 0), passwordHash: "")
    #expect(user.mailbox == Mailbox(address: "ada@example.org"))
    user.emailConfirmedAt = Timestamp(milliseconds: 1)
    #expect(user.mailbox == Mailbox(address: "ada@example.org", name: user.name))
    for letter in Self.letters {
      let text = LetterText(letter, in: .en, siteName: "Chat")
      #expect(!text.text.contains("Hello") && !text.html.contains("Hello"))
    }
  }

  @Test("a domain goes in the form that DNS knows, the rest as it was typed")
  func wireForm() {
    #expect(MailingCarrier.wireForm("Ada.L@Example.ORG") == "Ada.L@example.org")
    #expect(MailingCarrier.wireForm("ада@пример.рф") == "ада@xn--e1afmkfd.xn--p1ai")
    #expect(MailingCarrier.wireForm("no address") == "no address")
  }
}
