// The secret in a link that a member gets without asking for one.

import ArchiveCore
import Crypto
import Encodings

/// What of a file is fetched.
enum FileVariant: UInt8, Sendable, CaseIterable {
  case original = 0
  /// A picture to look at, without what its camera wrote into it.
  case preview = 1
  /// The same, small.
  case thumbnail = 2
}

/// A right to fetch one file for some minutes: bound to one session of one user, and signed. Nothing is stored.
///
/// It proves who asked, and when; what that user may see is looked up when it is used. Prints as stars.
struct MemberToken: Sendable, Hashable {
  let fileID: FileID
  let userID: UserID
  let sessionID: SessionID
  /// In whole seconds.
  let expiresAt: Timestamp
  let variant: FileVariant
}

extension MemberToken: CustomStringConvertible, CustomReflectable {
  var description: String { "***" }
  var customMirror: Mirror { Mirror(self, children: []) }
}

/// Signs and reads the tokens of members. All nodes have the same key, made from `auth.secret`.
///
/// Layout: variant (1 byte), seconds since 1970 (5), file, user, session (16 each), and 18 bytes of an HMAC-SHA-256 of
/// all before them; 96 characters of base 64, each bit of which counts.
struct MemberTokens: Sendable {
  private static let (signedBytes, codeBytes) = (54, 18)
  /// Of the text.
  static let length = 96

  private let key: SymmetricKey

  init(secret: Secret) {
    key = SymmetricKey(data: secret.key(for: Array("chat archive member links 1".utf8)))
  }

  func text(of token: MemberToken) -> String {
    var bytes = [token.variant.rawValue]
    bytes += Self.bytes(UInt64(clamping: token.expiresAt.milliseconds / 1000)).suffix(5)
    for id in [token.fileID.value, token.userID.value, token.sessionID.value] {
      bytes += Self.bytes(id.high) + Self.bytes(id.low)
    }
    return Base64.url.text(bytes + code(of: bytes))
  }

  /// `nil` for what this key did not sign.
  func token(_ text: some StringProtocol) -> MemberToken? {
    guard text.utf8.count == Self.length, let bytes = Base64.url.bytes(text.utf8),
      bytes.count == Self.signedBytes + Self.codeBytes,
      Self.areEqual(code(of: Array(bytes.prefix(Self.signedBytes))), bytes.suffix(Self.codeBytes)),
      let variant = FileVariant(rawValue: bytes[0])
    else { return nil }
    let seconds = Int64(clamping: Self.number(bytes[1..<6]))
    func id<Subject>(_ start: Int) -> Identifier<Subject> {
      Identifier(
        ULID(
          high: Self.number(bytes[start..<start + 8]),
          low: Self.number(bytes[start + 8..<start + 16])))
    }
    return MemberToken(
      fileID: id(6), userID: id(22), sessionID: id(38),
      expiresAt: Timestamp(milliseconds: seconds * 1000), variant: variant)
  }

  private func code(of bytes: [UInt8]) -> [UInt8] {
    Array(HMAC<SHA256>.authenticationCode(for: bytes, using: key).prefix(Self.codeBytes))
  }

  /// In a time that does not tell where they differ.
  private static func areEqual(_ left: [UInt8], _ right: ArraySlice<UInt8>) -> Bool {
    left.count == right.count && zip(left, right).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
  }

  private static func bytes(_ number: UInt64) -> [UInt8] {
    stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: number >> UInt64($0)) }
  }

  private static func number(_ bytes: ArraySlice<UInt8>) -> UInt64 {
    bytes.reduce(0) { $0 << 8 | UInt64($1) }
  }
}
