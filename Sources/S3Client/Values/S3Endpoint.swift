// Where an S3 server listens, as an operator writes it.

import Foundation

/// `http://` or `https://`, a host, perhaps a port and a base path; nothing else, so nothing secret.
///
/// User names, queries and fragments are refused rather than dropped: who writes them means something by them.
public struct S3Endpoint: Sendable, Hashable {
  public let isTLS: Bool
  /// In lower case; an IPv6 address without its brackets.
  public let host: String
  /// As it was written; `nil` for the scheme's own.
  public let port: Int?
  /// `""`, or `/base/path` without a slash at its end.
  public let basePath: String

  /// `nil` for anything that is not such a URL.
  public init?(_ text: String) {
    guard let (isTLS, rest) = Self.splitScheme(text[...]) else { return nil }
    let pathStart = rest.firstIndex(of: "/") ?? rest.endIndex
    guard let (host, port) = Self.readAuthority(rest[..<pathStart]),
      let basePath = Self.readPath(rest[pathStart...])
    else { return nil }
    (self.isTLS, self.host, self.port, self.basePath) = (isTLS, host, port, basePath)
  }

  /// The value of the Host header: the port only where it is not the scheme's own, as HTTP clients write it.
  package var authority: String { authority(host: bracketedHost) }

  /// The same for another host on the same port: a bucket's own.
  package func authority(host: String) -> String {
    guard let port, port != (isTLS ? 443 : 80) else { return host }
    return "\(host):\(port)"
  }

  /// Whether the host is an address, below which there are no names.
  package var isAddress: Bool { Self.isIPv6(host) || Self.isIPv4(host) }

  package var scheme: String { isTLS ? "https" : "http" }

  private var bracketedHost: String { Self.isIPv6(host) ? "[\(host)]" : host }
}

extension S3Endpoint: CustomStringConvertible {
  public var description: String { "\(scheme)://\(authority)\(basePath)" }
}

extension S3Endpoint {
  private static func splitScheme(_ text: Substring) -> (isTLS: Bool, rest: Substring)? {
    for (scheme, isTLS) in [("http://", false), ("https://", true)]
    where text.prefix(scheme.count).lowercased() == scheme {
      return (isTLS, text.dropFirst(scheme.count))
    }
    return nil
  }

  private static func readAuthority(_ text: Substring) -> (host: String, port: Int?)? {
    guard text.first == "[" else {
      let hostEnd = text.firstIndex(of: ":") ?? text.endIndex
      let host = text[..<hostEnd].lowercased()
      guard isName(host), let port = readPort(text[hostEnd...]) else { return nil }
      return (host, port)
    }
    guard let close = text.firstIndex(of: "]") else { return nil }
    let host = text[text.index(after: text.startIndex)..<close].lowercased()
    guard isIPv6(host), let port = readPort(text[close...].dropFirst()) else { return nil }
    return (host, port)
  }

  /// `""` is no port, which is right; `nil` is a wrong one.
  private static func readPort(_ text: Substring) -> Int?? {
    if text.isEmpty { return .some(nil) }
    let digits = text.dropFirst()
    guard text.first == ":", (1...5).contains(digits.utf8.count),
      digits.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
      let port = Int(digits), (1...65_535).contains(port)
    else { return nil }
    return .some(port)
  }

  /// Only characters that no encoding changes, so that the path signed is the path sent.
  private static func readPath(_ text: Substring) -> String? {
    var path = text
    while path.last == "/" { path = path.dropLast() }
    if path.isEmpty { return "" }
    let segments = path.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
    let areSound = segments.allSatisfy {
      !$0.isEmpty && $0 != "." && $0 != ".." && $0.utf8.allSatisfy(PercentEncoding.isUnreserved)
    }
    return areSound ? String(path) : nil
  }

  /// Labels of letters, digits, `-` and `_` (container names have it), none empty.
  private static func isName(_ host: String) -> Bool {
    guard host.utf8.count <= 253 else { return false }
    return host.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
      (1...63).contains(label.utf8.count) && label.utf8.first != UInt8(ascii: "-")
        && label.utf8.allSatisfy { PercentEncoding.isUnreserved($0) && $0 != UInt8(ascii: "~") }
    }
  }

  private static func isIPv4(_ host: String) -> Bool {
    var address = in_addr()
    return inet_pton(AF_INET, host, &address) == 1
  }

  private static func isIPv6(_ host: String) -> Bool {
    var address = in6_addr()
    return inet_pton(AF_INET6, host, &address) == 1
  }
}
