// Which pages may connect.

import Testing

@testable import RealtimeTransport

@Suite struct OriginRuleTests {
  @Test("W11 a page of the same host connects, another and a nameless one do not")
  func sameHost() {
    let rule = OriginRule()
    #expect(rule.admits(["http://chat.example:8080"], host: "chat.example:8080"))
    #expect(rule.admits(["HTTPS://Chat.Example"], host: "chat.example"))
    #expect(rule.admits([], host: "chat.example"))
    #expect(!rule.admits(["https://evil.example"], host: "chat.example"))
    #expect(!rule.admits(["null"], host: "chat.example"))
    #expect(!rule.admits(["https://chat.example.evil.example"], host: "chat.example"))
    #expect(!rule.admits(["https://chat.example", "https://evil.example"], host: "chat.example"))
    #expect(!rule.admits(["file://chat.example"], host: "chat.example"))
  }

  @Test("W11 listed pages connect, and where an Origin is demanded nobody comes without")
  func listed() {
    var rule = OriginRule()
    rule.allowsSameHost = false
    rule.allowsMissing = false
    rule.allowed = ["https://app.example"]
    #expect(rule.admits(["https://app.example"], host: "chat.example"))
    #expect(!rule.admits(["https://chat.example"], host: "chat.example"))
    #expect(!rule.admits([], host: "chat.example"))
    rule.allowsAny = true
    #expect(rule.admits(["null"], host: nil))
  }
}
