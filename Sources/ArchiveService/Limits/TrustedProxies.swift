// Whose word counts for where a request comes from.

/// Decides which address a request comes from.
///
/// `X-Forwarded-For` is a list to which each proxy appends whom it heard. Only what a trusted proxy
/// appended is true, so the list is read from the right: as long as the address in hand is a trusted
/// proxy's, the one to its left is believed. The first that is none of ours is the caller. Whatever
/// lies further left the caller wrote himself, and it is not even read.
struct TrustedProxies: Sendable {
  /// Proxies that may stand behind one another.
  private static let hopLimit = 32

  let networks: [IPNetwork]

  /// - Parameter forwarded: the values of the field, one for each time it occurs, in order.
  func address(peer: IPAddress?, forwarded: [String]) -> IPAddress? {
    guard let peer, isTrusted(peer), !forwarded.isEmpty else { return peer }
    var believed = peer
    let items = forwarded.joined(separator: ",").split(separator: ",").lazy.reversed()
    let hops = items.map { $0.trimming { $0 == " " || $0 == "\t" } }.filter { !$0.isEmpty }
    for hop in hops.prefix(Self.hopLimit) {
      // What a proxy of ours could not name ends the chain at that proxy.
      guard let address = Self.address(hop) else { return believed }
      believed = address
      if !isTrusted(address) { return believed }
    }
    return believed
  }

  private func isTrusted(_ address: IPAddress) -> Bool {
    networks.contains { $0.contains(address) }
  }

  /// An address, some proxies add the port: `192.0.2.1:80`, `[2001:db8::1]:80`.
  private static func address(_ text: Substring) -> IPAddress? {
    if text.first == "[" {
      guard let end = text.firstIndex(of: "]") else { return nil }
      let rest = text[text.index(after: end)...]
      guard rest.isEmpty || isPort(rest) else { return nil }
      return IPAddress(String(text[text.index(after: text.startIndex)..<end]))
    }
    if let colon = text.firstIndex(of: ":"), text.contains("."), isPort(text[colon...]) {
      return IPAddress(String(text[..<colon]))
    }
    return IPAddress(String(text))
  }

  private static func isPort(_ text: Substring) -> Bool {
    text.first == ":" && text.utf8.count <= 6 && Digits.number(text.dropFirst()) != nil
  }
}

extension Substring {
  fileprivate func trimming(_ isBlank: (Character) -> Bool) -> Substring {
    var rest = self
    while let first = rest.first, isBlank(first) { rest.removeFirst() }
    while let last = rest.last, isBlank(last) { rest.removeLast() }
    return rest
  }
}
