// A link's token and its life.

import Crypto
import Encodings
import Testing

@testable import Uploads

@Suite struct LinkTokenTests {
  @Test("A09 a token is 192 random bits, and no bit of its text may change")
  func hasOneText() throws {
    var random = TestGenerator()
    #expect(LinkToken.randomBytes * 8 >= 128)
    for _ in 0..<200 {
      let token = LinkToken(random: random.bytes(LinkToken.randomBytes))
      #expect(token.text.utf8.count == 32)
      let read = try #require(LinkToken(text: token.text))
      #expect(read.hash == token.hash && read.text == token.text)
      var bytes = Array(token.text.utf8)
      bytes[random.int(0...31)] ^= 1 << UInt8(random.int(0...7))
      let changed = LinkToken(text: String(decoding: bytes, as: UTF8.self))
      #expect(changed?.hash != token.hash)
    }
  }

  @Test(
    "what cannot be a token is none",
    arguments: [
      "", "a", String(repeating: "A", count: 31), String(repeating: "A", count: 33),
      String(repeating: "ж", count: 16),
      String(repeating: "A", count: 31) + "=", String(repeating: "A", count: 31) + "+",
      String(repeating: "A", count: 31) + "\n", String(repeating: "A", count: 1 << 20),
    ])
  func refusesOthers(_ text: String) {
    #expect(LinkToken(text: text) == nil)
  }

  @Test("J2 a token prints as stars, and only its hash is stored")
  func keepsSecret() {
    let token = LinkToken(random: Array(0..<24))
    #expect("\(token)" == "***" && String(reflecting: token) == "***")
    var dumped = ""
    dump([token], to: &dumped)
    #expect(!dumped.contains(token.text) && !dumped.contains("23"))
    #expect(token.text == "AAECAwQFBgcICQoLDA0ODxAREhMUFRYX")
    #expect(token.hash == Base64.url.text(SHA256.hash(data: Array<UInt8>(0..<24))))
  }
}

@Suite struct LinkLifeTests {
  @Test(
    "A09 a link is good up to its last moment, and not after",
    arguments: [
      (LinkLife(remaining: nil), nil), (LinkLife(remaining: .milliseconds(1)), nil),
      (LinkLife(remaining: .zero), LinkEnd.expired), (LinkLife(remaining: .seconds(-1)), .expired),
      (LinkLife(remaining: .seconds(9), isRevoked: true), .revoked),
      (LinkLife(remaining: .seconds(-9), isRevoked: true), .revoked),
      (LinkLife(remaining: nil, uses: LinkUses(limit: 2, counted: 1)), nil),
      (LinkLife(remaining: nil, uses: LinkUses(limit: 2, counted: 2)), .usedUp),
      (LinkLife(remaining: nil, uses: LinkUses(limit: 0)), .usedUp),
      (LinkLife(remaining: nil, uses: LinkUses(limit: -1, counted: -5)), .usedUp),
    ] as [(LinkLife, LinkEnd?)])
  func ends(_ life: LinkLife, _ end: LinkEnd?) {
    #expect(life.end == end)
  }
}

@Suite struct LinkUsesTests {
  private let now = HTTPDate(secondsSinceEpoch: 1000)
  private let soon = HTTPDate(secondsSinceEpoch: 1060)

  private func transfer(_ sent: Int, of size: Int64 = 100, from start: Int64 = 0) -> LinkTransfer {
    var transfer = LinkTransfer(sizeBytes: size, start: start)
    transfer.sent(sent)
    return transfer
  }

  @Test("A5 a use counts when the last byte has been sent")
  func countsLastBytes() {
    var uses = LinkUses(limit: 3)
    for (sent, counted) in [(0, 0), (50, 0), (100, 1)] {
      #expect(uses.begin("a", ends: soon, now: now) == .admitted)
      _ = uses.end(transfer(sent), id: "a")
      #expect(uses.counted == counted)
    }
    #expect(uses.left == 2 && uses.places.isEmpty)
  }

  @Test("A10 an answer without a body is no use")
  func ignoresEmptyAnswers() {
    var uses = LinkUses(limit: 1)
    #expect(uses.begin("a", ends: soon, now: now) == .admitted)
    uses.release("a")
    #expect(uses.places.isEmpty && uses.counted == 0)
    #expect(uses.end(transfer(0), id: "b") == 0)
    #expect(!uses.isUsedUp)
  }

  @Test("U13 an empty file has its last byte in its answer")
  func countsEmptyFiles() {
    var uses = LinkUses(limit: 1)
    #expect(uses.end(transfer(0, of: 0), id: "a") == 1)
    #expect(uses.isUsedUp)
  }

  @Test("A5 transfers side by side cannot overdraw")
  func admitsNoMoreThanLeft() {
    var uses = LinkUses(limit: 2)
    #expect(uses.begin("a", ends: soon, now: now) == .admitted)
    #expect(uses.begin("b", ends: soon, now: now) == .admitted)
    #expect(uses.begin("c", ends: soon, now: now) == .busy(until: soon))
    // The same transfer takes no second place.
    #expect(uses.begin("a", ends: soon, now: now) == .admitted)
    _ = uses.end(transfer(100), id: "a")
    #expect(uses.begin("c", ends: soon, now: now) == .busy(until: soon))
    _ = uses.end(transfer(10), id: "b")
    #expect(uses.begin("c", ends: soon, now: now) == .admitted)
    _ = uses.end(transfer(100), id: "c")
    #expect(uses.begin("d", ends: soon, now: now) == .usedUp)
  }

  @Test("the place of a node that died is free after its time, and its transfer must end")
  func givesUpPlaces() {
    var uses = LinkUses(limit: 1)
    #expect(uses.begin("a", ends: soon, now: now) == .admitted)
    let later = HTTPDate(secondsSinceEpoch: 1120)
    let kept = uses.keep("a", until: later)
    #expect(kept)
    #expect(uses.begin("b", ends: later, now: soon) == .busy(until: later))
    #expect(uses.begin("b", ends: HTTPDate(secondsSinceEpoch: 2000), now: later) == .admitted)
    let lost = uses.keep("a", until: later)
    #expect(!lost)
  }

  @Test("A09 nobody gets a file for nothing by stopping one byte early")
  func countsUnfinished() {
    var uses = LinkUses(limit: 2)
    #expect(uses.end(transfer(99), id: "a") == 0)
    #expect(uses.end(transfer(99), id: "a") == 1)
    #expect(uses.unfinishedBytes == 98)
    #expect(uses.end(transfer(99), id: "a") == 1)
    #expect(uses.isUsedUp)
  }

  @Test("a download that broke off and was resumed is one use")
  func countsResumedOnce() {
    var uses = LinkUses(limit: 5)
    #expect(uses.end(transfer(60), id: "a") == 0)
    #expect(uses.end(transfer(40, from: 60), id: "a") == 1)
    #expect(uses.counted == 1 && uses.unfinishedBytes == 0)
  }

  @Test("the last byte alone is a use, and numbers without end count without a trap")
  func saturates() {
    var uses = LinkUses(limit: .max, counted: .max, unfinishedBytes: .max)
    #expect(uses.end(transfer(1, of: 100, from: 99), id: "a") >= 1)
    #expect(uses.counted == .max)
    var odd = LinkTransfer(sizeBytes: -5, start: .min)
    odd.sent(.max)
    odd.sent(.max)
    odd.sent(-1)
    var other = LinkUses(limit: nil)
    #expect(other.end(odd, id: "a") > 0)
    #expect(other.begin("a", ends: soon, now: now) == .admitted)
  }

  @Test("A5 whatever happens in whatever order, a limit holds")
  func neverOverdraws() {
    var random = TestGenerator()
    for _ in 0..<500 {
      let limit = random.int(1...4)
      var uses = LinkUses(limit: limit)
      var open: [String] = []
      var whole = 0
      var clock: Int64 = 0
      for step in 0..<60 {
        clock += Int64(random.int(0...10))
        let now = HTTPDate(secondsSinceEpoch: clock)
        if random.int(0...1) == 0 {
          let ends = HTTPDate(secondsSinceEpoch: clock + 10_000)
          if uses.begin("\(step)", ends: ends, now: now) == .admitted { open.append("\(step)") }
        } else if !open.isEmpty {
          let id = open.remove(at: random.int(0...open.count - 1))
          let sent = random.pick([0, 1, 50, 99, 100])
          if sent == 100 { whole += 1 }
          _ = uses.end(transfer(sent), id: id)
        }
        #expect(uses.places.count <= limit)
      }
      #expect(whole <= limit)
    }
  }
}

@Suite struct LinkVisitorTests {
  private func visitor(_ fields: [String: String]) -> LinkVisitor { LinkVisitor { fields[$0] } }

  @Test(
    "A10 programs that show what an address is, and browsers that fetch ahead, are told apart",
    arguments: [
      (["User-Agent": "TelegramBot (like TwitterBot)"], LinkVisitor.previewBot),
      (["User-Agent": "WhatsApp/2.23.20.0"], .previewBot),
      (["User-Agent": "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)"], .previewBot),
      (
        ["User-Agent": "Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)"],
        .previewBot
      ),
      (["User-Agent": "facebookexternalhit/1.1"], .previewBot),
      (["Sec-Purpose": "prefetch;prerender", "User-Agent": "Mozilla/5.0"], .prefetch),
      (["Purpose": "prefetch"], .prefetch), (["X-Moz": "prefetch"], .prefetch),
      (
        ["User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"],
        .reader
      ),
      (["User-Agent": "curl/8.14.1"], .reader), ([:], .reader),
      (["User-Agent": String(repeating: "x", count: 1 << 20) + "TelegramBot"], .reader),
    ] as [([String: String], LinkVisitor)])
  func tellsVisitors(_ fields: [String: String], _ expected: LinkVisitor) {
    #expect(visitor(fields) == expected)
    #expect(visitor(fields).wantsFile == (expected == .reader))
  }
}
