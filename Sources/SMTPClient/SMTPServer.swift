// Where the mail server is, and who we are to it: the parsed form of `smtp://user:password@host:587`.

/// The address of a mail server with the credentials for it.
///
/// `smtp://` begins in the clear and goes over to TLS by STARTTLS, port 587 unless it says otherwise; `smtps://` is TLS
/// from the first byte, port 465. User name and password are percent-encoded, as in every URL.
public struct SMTPServer: Sendable, Hashable {
  /// TLS from the first byte.
  public let isTLS: Bool
  /// A name, an IPv4 address, or an IPv6 address in brackets.
  public let host: String
  public let port: Int
  public let credentials: SMTPCredentials?

  /// `nil` for anything else: other schemes, paths, queries, names that are not ASCII, user names without a password.
  public init?(_ url: String) {
    guard url.utf8.count <= 4096, url.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }),
      let separator = url.firstRange(of: "://")
    else { return nil }
    switch url[..<separator.lowerBound].lowercased() {
    case "smtp": isTLS = false
    case "smtps": isTLS = true
    default: return nil
    }
    var rest = url[separator.upperBound...]
    if rest.hasSuffix("/") { rest.removeLast() }
    guard !rest.contains(where: { "/?#\\".contains($0) }) else { return nil }
    if let at = rest.lastIndex(of: "@") {
      guard let credentials = SMTPCredentials(userInfo: rest[..<at]) else { return nil }
      self.credentials = credentials
      rest = rest[rest.index(after: at)...]
    } else {
      credentials = nil
    }
    guard let (host, port) = Self.place(rest, default: isTLS ? 465 : 587) else { return nil }
    (self.host, self.port) = (host, port)
  }

  /// Whether nothing that is said to it leaves this machine.
  public var isLocal: Bool {
    let name = host.lowercased()
    if name == "localhost" || name.hasSuffix(".localhost") || name == "[::1]" { return true }
    let parts = name.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
  }

  /// Without credentials, for messages.
  public var place: String { "\(isTLS ? "smtps" : "smtp")://\(host):\(port)" }

  private static func place(_ text: Substring, default standard: Int) -> (String, Int)? {
    var host = text
    var port = standard
    // The colon of a port stands behind the bracket of an IPv6 address.
    let afterBracket = text.lastIndex(of: "]") ?? text.startIndex
    if let colon = text[afterBracket...].lastIndex(of: ":") {
      let digits = text[text.index(after: colon)...]
      guard (1...5).contains(digits.utf8.count), digits.utf8.allSatisfy({ (48...57).contains($0) }),
        let number = Int(digits), (1...65_535).contains(number)
      else { return nil }
      (host, port) = (text[..<colon], number)
    }
    return isHost(host) ? (String(host), port) : nil
  }

  private static func isHost(_ text: Substring) -> Bool {
    if text.hasPrefix("[") {
      return text.hasSuffix("]") && text.utf8.count <= 48 && text.utf8.count > 3
        && text.dropFirst().dropLast().utf8.allSatisfy {
          (48...57).contains($0) || (97...102).contains($0 | 0x20) || $0 == 58 || $0 == 46
        }
    }
    return (1...253).contains(text.utf8.count)
      && text.utf8.allSatisfy {
        (48...57).contains($0) || (97...122).contains($0 | 0x20) || $0 == 45 || $0 == 46 || $0 == 95
      }
  }
}

/// User name and password; prints as stars.
public struct SMTPCredentials: Sendable, Hashable {
  let user: String
  let password: String

  /// `nil` for an empty user name, and for control characters, which no mechanism carries safely.
  public init?(user: String, password: String) {
    let isClean: (String) -> Bool = { text in
      text.utf8.count <= 1024 && text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
    }
    guard !user.isEmpty, isClean(user), isClean(password) else { return nil }
    (self.user, self.password) = (user, password)
  }

  /// `user:password`, percent-encoded.
  init?(userInfo: Substring) {
    let parts = userInfo.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, let user = Self.decoded(parts[0]), let password = Self.decoded(parts[1])
    else { return nil }
    self.init(user: user, password: password)
  }

  private static func decoded(_ text: Substring) -> String? {
    var bytes: [UInt8] = []
    var rest = text.utf8[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        bytes.append(byte)
        continue
      }
      guard let high = rest.popFirst().flatMap(digit), let low = rest.popFirst().flatMap(digit)
      else { return nil }
      bytes.append(high << 4 | low)
    }
    return String(validating: bytes, as: UTF8.self)
  }

  private static func digit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case 48...57: byte - 48
    case 65...70: byte - 55
    case 97...102: byte - 87
    default: nil
    }
  }
}

extension SMTPCredentials: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable
{
  public var description: String { "********" }
  public var debugDescription: String { "********" }
  public var customMirror: Mirror { Mirror(self, children: []) }
}
