// Which address is believed, whatever a header says.

import ArchiveTesting
import Testing

@testable import ArchiveService

@Suite struct TrustedProxiesTests {
  private let proxies = TrustedProxies(
    networks: ["10.0.0.0/8", "fd00::/8", "127.0.0.1"].compactMap { IPNetwork($0) })

  private func believed(_ peer: String?, _ forwarded: String...) -> String? {
    proxies.address(peer: peer.flatMap { IPAddress($0) }, forwarded: forwarded)?.description
  }

  @Test("who is no proxy of ours is believed nothing")
  func stranger() {
    #expect(believed("203.0.113.9", "192.0.2.1") == "203.0.113.9")
    #expect(believed("203.0.113.9", "127.0.0.1") == "203.0.113.9")
    let none = TrustedProxies(networks: [])
    let peer = IPAddress("127.0.0.1")
    #expect(none.address(peer: peer, forwarded: ["192.0.2.1"]) == peer)
  }

  @Test("a proxy is believed whom it heard")
  func proxy() {
    #expect(believed("10.0.0.1", "192.0.2.1") == "192.0.2.1")
    #expect(believed("::ffff:10.0.0.1", "192.0.2.1") == "192.0.2.1")
    #expect(believed("fd00::1", "2001:db8::1") == "2001:db8::1")
    #expect(believed("10.0.0.1") == "10.0.0.1")
    #expect(believed(nil, "192.0.2.1") == nil)
  }

  @Test("A15 what a caller wrote himself is not believed, however he wrote it")
  func forged() {
    #expect(believed("10.0.0.1", "1.1.1.1, 192.0.2.1") == "192.0.2.1")
    #expect(believed("10.0.0.1", "10.0.0.7, 192.0.2.1") == "192.0.2.1")
    #expect(believed("10.0.0.1", "1.1.1.1, 192.0.2.1, 10.0.0.2") == "192.0.2.1")
    // In fields of their own: the last is the one that our proxy wrote.
    #expect(believed("10.0.0.1", "1.1.1.1", "192.0.2.1") == "192.0.2.1")
    #expect(believed("10.0.0.1", "1.1.1.1", "192.0.2.1, 10.0.0.2", "10.0.0.3") == "192.0.2.1")
  }

  @Test(
    "A15 a chain that cannot be read ends at the last proxy of ours",
    arguments: [
      "unknown", "_hidden", "192.0.2.1.5", "[::1", "[]", "1.2.3.4:99999999", "1.2.3.4:",
      "1.2.3.4:x",
      "[2001:db8::1]x", "[2001:db8::1]:", "2001:db8::1%eth0", "\"192.0.2.1\"", "192.0.2.1;by=x",
      "\u{FF11}.2.3.4",
    ])
  func unreadable(_ hop: String) {
    #expect(believed("10.0.0.1", "192.0.2.1, \(hop)") == "10.0.0.1")
    #expect(believed("10.0.0.1", "192.0.2.1, \(hop), 10.0.0.2") == "10.0.0.2")
  }

  @Test("ports, brackets, blanks and empty items do not matter")
  func spelling() {
    #expect(believed("10.0.0.1", "192.0.2.1:4711") == "192.0.2.1")
    #expect(believed("10.0.0.1", "[2001:db8::1]:443") == "2001:db8::1")
    #expect(believed("10.0.0.1", "[2001:db8::1]") == "2001:db8::1")
    #expect(believed("10.0.0.1", " \t192.0.2.1 \t, ,,") == "192.0.2.1")
    #expect(believed("10.0.0.1", "") == "10.0.0.1")
  }

  @Test("where all are proxies of ours, the first of them is the caller")
  func allOurs() {
    #expect(believed("10.0.0.1", "10.0.0.3, 10.0.0.2") == "10.0.0.3")
  }

  @Test("A15 a long chain is read no further than chains of proxies go")
  func longChain() {
    let chain = Array(repeating: "10.0.0.2", count: 10_000).joined(separator: ",")
    #expect(believed("10.0.0.1", "192.0.2.1," + chain) == "10.0.0.2")
  }

  @Test("A15 whatever a caller sends in front, the address that our proxy saw is believed")
  func anyPrefix() {
    var random = SeededGenerator.fromEnvironment("TrustedProxiesTests.anyPrefix")
    let bytes = Array(" ,:.[]0123456789abcdef\t\"%;=unknown\u{0}é")
    for _ in 0..<20_000 {
      let forged = String((0..<random.int(0...40)).map { _ in random.pick(bytes) })
      let isOneField = random.oneIn(2)
      let fields = isOneField ? ["\(forged), 192.0.2.77"] : [forged, "192.0.2.77"]
      let address = proxies.address(peer: IPAddress("10.9.9.9"), forwarded: fields)
      #expect(address?.description == "192.0.2.77", "\(fields)")
    }
  }

  @Test("an operator hears once of a proxy that nobody named, and never of strangers' headers")
  func hint() {
    let none = TrustedProxies(networks: [])
    let hint = ProxyHint()
    let (near, far) = (IPAddress("10.1.2.3"), IPAddress("203.0.113.9"))
    #expect(hint.news(peer: far, isForwarded: true, trusted: none) == nil)
    #expect(hint.news(peer: near, isForwarded: false, trusted: none) == nil)
    #expect(hint.news(peer: near, isForwarded: true, trusted: proxies) == nil)
    #expect(hint.news(peer: nil, isForwarded: true, trusted: none) == nil)
    #expect(hint.news(peer: near, isForwarded: true, trusted: none) == near)
    #expect(hint.news(peer: near, isForwarded: true, trusted: none) == nil)
  }

  @Test("what a program calls itself is cut and cleaned")
  func userAgent() {
    let origin = RequestOrigin(
      address: nil, userAgent: "Fire\u{7}fox" + String(repeating: "ж", count: 500))
    #expect(origin.userAgent?.hasPrefix("Firefox") == true)
    #expect(origin.userAgent?.utf8.count == 199)
    #expect(RequestOrigin(address: nil, userAgent: "\u{1}").userAgent == nil)
  }
}
