// Where a request comes from, as far as we believe it.

/// The caller's address and program. The address is the peer's, or what a trusted proxy says.
struct RequestOrigin: Sendable, Hashable {
  /// `nil` where there is none, as on a Unix socket.
  let address: IPAddress?
  /// What the program calls itself, fit to be shown: at most 200 bytes, no control characters.
  let userAgent: String?

  static let unknown = RequestOrigin(address: nil, userAgent: nil)

  init(address: IPAddress?, userAgent: String?) {
    (self.address, self.userAgent) = (address, userAgent.flatMap(Self.cleaned))
  }

  private static func cleaned(_ text: String) -> String? {
    var cleaned = ""
    for scalar in text.unicodeScalars where scalar.properties.generalCategory != .control {
      guard cleaned.utf8.count + UTF8.width(scalar) <= 200 else { break }
      cleaned.unicodeScalars.append(scalar)
    }
    return cleaned.isEmpty ? nil : cleaned
  }
}
