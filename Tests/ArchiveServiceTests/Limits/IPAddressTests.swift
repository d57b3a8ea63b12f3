// Addresses and networks: what is read, what is refused, what is written.

import ArchiveTesting
import Foundation
import Testing

@testable import ArchiveService

@Suite struct IPAddressTests {
  @Test(
    "an address is written in its one short form",
    arguments: [
      ("192.0.2.1", "192.0.2.1"), ("0.0.0.0", "0.0.0.0"), ("255.255.255.255", "255.255.255.255"),
      ("::", "::"), ("::1", "::1"), ("2001:DB8::1", "2001:db8::1"),
      ("2001:0db8:0000:0000:0001:0000:0000:0001", "2001:db8::1:0:0:1"),
      ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"), ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"),
      ("::ffff:192.0.2.1", "192.0.2.1"), ("::FFFF:c000:201", "192.0.2.1"),
      ("64:ff9b::192.0.2.1", "64:ff9b::c000:201"), ("fe80::", "fe80::"),
    ])
  func shortForm(_ text: String, _ short: String) throws {
    #expect(try #require(IPAddress(text)).description == short)
    #expect(IPAddress(short)?.description == short)
  }

  @Test(
    "A15 what is no address is refused",
    arguments: [
      "", ".", "1", "1.2.3", "1.2.3.4.5", "256.0.0.1", "01.2.3.4", "1.2.3.4 ", " 1.2.3.4",
      "1.2.3.+4",
      "0x1.2.3.4", "1.2.3.4/8", "1.2.3.4:80", "-1.2.3.4", "١.2.3.4", "1..2.3", "1.2.3.", ":", ":::",
      "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1::2::3", "12345::", "g::", "::1%eth0", "[::1]", "1:",
      ":1", "::1.2.3", "1.2.3.4::", "::1.2.3.4:5", "1:2:3:4:5:6:7:8::", "::1:2:3:4:5:6:7:8",
      "localhost", "unknown", "_hidden", "\u{0}", "1.2.3.4\u{0}", "::ffff:1.2.3.4.5", "é",
      String(repeating: "1", count: 100_000), String(repeating: ":", count: 40),
    ])
  func refused(_ text: String) {
    #expect(IPAddress(text) == nil)
  }

  @Test("addresses are read exactly as the system reads them")
  func likeTheSystem() {
    var random = SeededGenerator.fromEnvironment("IPAddressTests.likeTheSystem")
    let pieces = [
      "::", ":", ".", "0", "1", "ff", "FFFF", "255", "256", "01", "12345", "192.0.2.1", "g",
    ]
    var valid = 0
    for _ in 0..<50_000 {
      var text = ""
      for _ in 0..<random.int(1...9) { text += random.pick(pieces) + (random.oneIn(3) ? ":" : "") }
      let expected = Self.system(text)
      #expect(IPAddress(text)?.description == expected, "\(text)")
      if expected != nil { valid += 1 }
    }
    #expect(valid > 100)
  }

  @Test("an address that is written down is read back as the same")
  func roundTrip() throws {
    var random = SeededGenerator.fromEnvironment("IPAddressTests.roundTrip")
    for _ in 0..<20_000 {
      // Many zeros, so that runs of them occur.
      let words = (0..<2).map { _ in random.next() & random.next() & random.next() }
      let address = IPAddress(high: random.oneIn(3) ? 0 : words[0], low: words[1])
      let text = address.description
      #expect(IPAddress(text) == address, "\(text)")
      #expect(Self.system(text) == text)
    }
  }

  /// The system's own canonical form; `nil` where it refuses. Inside IPv6, IPv4 is IPv4, as with us.
  private static func system(_ text: String) -> String? {
    var v4 = in_addr()
    if inet_pton(AF_INET, text, &v4) == 1 { return text }
    var v6 = in6_addr()
    guard inet_pton(AF_INET6, text, &v6) == 1 else { return nil }
    var characters = [CChar](repeating: 0, count: 64)
    guard inet_ntop(AF_INET6, &v6, &characters, 64) != nil else { return nil }
    let written = String(decoding: characters.prefix { $0 != 0 }.map(UInt8.init), as: UTF8.self)
    if written.hasPrefix("::ffff:"), written.contains(".") { return String(written.dropFirst(7)) }
    // glibc also writes what is left of ::/96 with a dotted end, which RFC 5952 leaves open.
    guard written.contains(".") else { return written }
    return IPAddress(written)?.description
  }
}

@Suite struct IPNetworkTests {
  @Test(
    "a network holds the addresses that begin like it",
    arguments: [
      ("10.0.0.0/8", "10.255.0.1", true), ("10.0.0.0/8", "11.0.0.1", false),
      ("192.0.2.1", "192.0.2.1", true), ("192.0.2.1", "192.0.2.2", false),
      ("0.0.0.0/0", "203.0.113.9", true), ("0.0.0.0/0", "2001:db8::1", false),
      ("::/0", "2001:db8::1", true), ("::/0", "203.0.113.9", false),
      ("fd00::/8", "fd12::1", true), ("fd00::/8", "fe80::1", false),
      ("2001:db8::/65", "2001:db8::8000:0:0:1", false),
      ("2001:db8::/65", "2001:db8::7000:0:0:1", true),
      ("10.0.0.0/8", "::ffff:10.1.2.3", true), ("::ffff:10.0.0.0/104", "10.1.2.3", true),
      ("127.0.0.1/32", "127.0.0.1", true), ("::1/128", "::1", true), ("::1", "::2", false),
    ])
  func contains(_ network: String, _ address: String, _ isIn: Bool) throws {
    let network = try #require(IPNetwork(network))
    #expect(network.contains(try #require(IPAddress(address))) == isIn)
    #expect(IPNetwork(network.description) == network)
  }

  @Test(
    "what is no network is refused",
    arguments: [
      "", "/", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/8/8", "10.0.0.1/8",
      "::/129",
      "fd00::1/8", "10.0.0.0/+8", "10.0.0.0/ 8", "10.0.0.0/999999999999999999999", "host/8",
      "::ffff:10.0.0.0/8",
    ])
  func refused(_ text: String) {
    #expect(IPNetwork(text) == nil)
  }

  @Test("A15 a subscriber is an IPv4 address or 2^64 addresses of IPv6")
  func subscriber() throws {
    func network(_ text: String) throws -> String {
      try #require(IPAddress(text)).subscriberNetwork.description
    }
    #expect(try network("192.0.2.7") == "192.0.2.7/32")
    #expect(try network("::ffff:192.0.2.7") == "192.0.2.7/32")
    #expect(try network("2001:db8:1:2:3:4:5:6") == "2001:db8:1:2::/64")
    #expect(try network("2001:db8:1:2:ffff::") == "2001:db8:1:2::/64")
    #expect(try network("::1") == "::/64")
  }
}
