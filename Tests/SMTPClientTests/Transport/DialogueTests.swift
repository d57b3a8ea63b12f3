// What is learnt from commands and replies.

import Testing

@testable import SMTPClient

@Suite struct DialogueTests {
  @Test(
    "the numbers of a reply are read, its words are not",
    arguments: [
      ("550 5.1.1 no such user\r\n", 550, "5.1.1"), ("250-SIZE 100\r\n", 250, nil),
      ("354 go on", 354, nil),
      ("250", 250, nil), ("450 4.7.1", 450, "4.7.1"), ("550 4.1.1 x", 550, nil),
      ("550 5.1 x", 550, nil),
      ("550 5.1.1.1 x", 550, nil), ("550 5..1 x", 550, nil), ("550 5.1111.1 x", 550, nil),
      ("550 12.1.1 x", 550, nil),
    ] as [(String, Int, String?)])
  func replies(_ line: String, _ code: Int, _ status: String?) {
    #expect(ReplyLine.read(Array(line.utf8)) == SMTPReply(code: code, status: status))
  }

  @Test(
    "what is no reply is none",
    arguments: ["", "2", "25", "abc", "199 x", "650 x", "2x0 y", "２50 x"])
  func none(_ line: String) {
    #expect(ReplyLine.read(Array(line.utf8)) == nil)
  }

  @Test("the stage follows the commands, and forgets the reply to the one before")
  func stages() {
    let dialogue = Dialogue()
    #expect(dialogue.stage == .connecting)
    #expect(dialogue.heard(Array("220 hello\r\n".utf8)))
    dialogue.said(Array("EHLO x\r\n".utf8))
    #expect(dialogue.stage == .hello && dialogue.reply == nil)
    dialogue.said(Array("STARTTLS\r\n".utf8))
    #expect(dialogue.stage == .startTLS)
    dialogue.said(Array("AUTH PLAIN\r\n".utf8))
    dialogue.said(Array("DATA\r".utf8))
    dialogue.said(Array("MAIL".utf8))
    #expect(dialogue.stage == .signIn)
    dialogue.said(Array("MAIL FROM:<a@b>\r\n".utf8))
    dialogue.said(Array("RCPT TO:<a@b>\r\n".utf8))
    #expect(dialogue.heard(Array("550 5.1.1 no\r\n".utf8)))
    #expect(dialogue.stage == .recipient && dialogue.reply?.code == 550)
    dialogue.said(Array("DATA\r\n".utf8))
    #expect(dialogue.heard(Array("354 go on\r\n".utf8)))
    #expect(dialogue.stage == .body && dialogue.reply == nil)
  }

  @Test("a server that talks without end is cut off")
  func endless() {
    let dialogue = Dialogue()
    let line = Array("250-x\r\n".utf8)
    #expect((0..<100_000).contains { _ in !dialogue.heard(line) })
  }

  @Test(
    "a cancelled mail is broken off at once before the server could take it over, and later after a while"
  )
  func breakingOff() {
    let dialogue = Dialogue()
    #expect(!dialogue.shallBreakOff())
    dialogue.cancel()
    #expect(dialogue.shallBreakOff())
    dialogue.said(Array("DATA\r\n".utf8))
    #expect(!dialogue.shallBreakOff())
    #expect((0..<10).contains { _ in dialogue.shallBreakOff() })
  }

  @Test("a good-bye is not waited for, and hides nothing of what was said before")
  func leaving() {
    let dialogue = Dialogue()
    dialogue.said(Array("RCPT TO:<a@b>\r\n".utf8))
    #expect(dialogue.heard(Array("550 5.1.1 no\r\n".utf8)))
    #expect(!dialogue.shallBreakOff())
    dialogue.said(Array("QUIT\r\n".utf8))
    #expect(dialogue.heard(Array("221 bye\r\n".utf8)))
    #expect(dialogue.reply?.code == 550 && dialogue.stage == .recipient)
    #expect(dialogue.shallBreakOff())
  }

  @Test("statuses tell their subject")
  func subjects() {
    #expect(SMTPReply(code: 550, status: "5.7.1").subject == 7)
    #expect(SMTPReply(code: 550).subject == nil)
  }
}
