// The addresses under which files are fetched.

import Uploads

/// Puts tokens and names into addresses.
struct LinkAddresses: Sendable {
  /// Without a slash at its end.
  private let base: String
  private let ownBase: String

  init(_ settings: ServiceSettings.HTTP) {
    base = Self.cut(settings.publicURL ?? "\(settings.scheme)://\(settings.host):\(settings.port)")
    ownBase = Self.cut(settings.publicURL ?? "")
  }

  /// For somebody elsewhere.
  func url(_ token: String, _ name: FileName) -> String { "\(base)/d/\(token)/\(name.pathSegment)" }

  /// For a client that is talking to this server: without a public URL relative to where it found the server.
  func ownURL(_ token: String, _ name: FileName) -> String {
    "\(ownBase)/d/\(token)/\(name.pathSegment)"
  }

  private static func cut(_ url: String) -> String {
    url.hasSuffix("/") ? String(url.dropLast()) : url
  }
}
