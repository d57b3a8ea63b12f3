// Whether messages are compressed: permessage-deflate, RFC 7692.

import Gzip

/// An offer of permessage-deflate that the server can take.
///
/// Neither side remembers anything between messages, so no connection needs memory for it, and what goes to many is
/// compressed once. Clients whose window is smaller than ours are served without compression.
struct CompressionOffer: Equatable {
  /// The client limits the window, so the answer has to.
  let limitsWindow: Bool

  /// The first offer that can be taken. Parsed in time linear in the length, which the HTTP parser limits.
  static func first(in values: [String]) -> CompressionOffer? {
    for value in values {
      for offer in value.split(separator: ",") {
        if let taken = CompressionOffer(offer) { return taken }
      }
    }
    return nil
  }

  private init?(_ offer: Substring) {
    let parts = offer.split(separator: ";").map(\.trimmed)
    guard parts.first?.lowercased() == "permessage-deflate" else { return nil }
    var seen: Set<String> = []
    var limitsWindow = false
    for part in parts.dropFirst() {
      let pair = part.split(separator: "=", maxSplits: 1).map(\.trimmed)
      guard let name = pair.first?.lowercased(), seen.insert(name).inserted else { return nil }
      let value = pair.count == 2 ? String(pair[1]).trimmingQuotes : nil
      switch (name, value) {
      case ("server_no_context_takeover", nil), ("client_no_context_takeover", nil): break
      case ("client_max_window_bits", nil): break
      case ("client_max_window_bits", let bits?):
        guard Self.windowBits(bits) != nil else { return nil }
      case ("server_max_window_bits", let bits?):
        guard let bits = Self.windowBits(bits), bits >= MessageDeflater.windowBits else {
          return nil
        }
        limitsWindow = true
      default: return nil
      }
    }
    self.limitsWindow = limitsWindow
  }

  private static func windowBits(_ text: String) -> Int? {
    guard let first = text.first, first != "0", first != "+", let bits = Int(text),
      (8...15).contains(bits)
    else { return nil }
    return bits
  }

  var answer: String {
    "permessage-deflate; server_no_context_takeover; client_no_context_takeover"
      + (limitsWindow ? "; server_max_window_bits=\(MessageDeflater.windowBits)" : "")
  }
}

extension String {
  fileprivate var trimmingQuotes: String {
    utf8.count >= 2 && hasPrefix("\"") && hasSuffix("\"") ? String(dropFirst().dropLast()) : self
  }
}
