// A stored password: scrypt's output with its parameters, as one line of text.

import Crypto
import CryptoExtras
import Foundation

/// `$scrypt$ln=17,r=8,p=1$salt$hash`, salt and hash in base 64 without padding (the PHC string format).
///
/// The parameters lie in each hash, so that the cost can be raised for new passwords.
struct PasswordHash: Sendable, Equatable {
  let cost: ServiceSettings.PasswordCost
  let salt: [UInt8]
  let hash: [UInt8]

  /// Derives the hash of a password. Takes long and much memory: only on `Passwords`' threads.
  init(of password: [UInt8], salt: [UInt8], cost: ServiceSettings.PasswordCost) throws {
    self.cost = cost
    self.salt = salt
    self.hash = try Self.derive(password, salt: salt, cost: cost)
  }

  /// A hash of no password, to do the same work for an account that does not exist.
  init(ofNothingAt cost: ServiceSettings.PasswordCost) {
    self.cost = cost
    salt = [UInt8](repeating: 0, count: 16)
    hash = []
  }

  /// Whether the password is the one. Takes as long as making the hash.
  func matches(_ password: [UInt8]) throws -> Bool {
    let derived = try Self.derive(password, salt: salt, cost: cost)
    guard derived.count == hash.count else { return false }
    // No early exit: the time must not tell how many bytes are right.
    return zip(derived, hash).reduce(0 as UInt8) { $0 | ($1.0 ^ $1.1) } == 0
  }

  private static func derive(
    _ password: [UInt8], salt: [UInt8], cost: ServiceSettings.PasswordCost
  ) throws -> [UInt8] {
    let key = try KDF.Scrypt.deriveKey(
      from: password, salt: salt, outputByteCount: 32, rounds: 1 << cost.logRounds,
      blockSize: cost.blockSize, parallelism: cost.parallelism)
    return key.withUnsafeBytes { Array($0) }
  }
}

extension PasswordHash: LosslessStringConvertible {
  var description: String {
    "$scrypt$ln=\(cost.logRounds),r=\(cost.blockSize),p=\(cost.parallelism)"
      + "$\(Self.base64(salt))$\(Self.base64(hash))"
  }

  /// `nil` for any other text, and for costs that no setting of ours has (they could take all memory).
  init?(_ text: String) {
    let parts = text.split(separator: "$", omittingEmptySubsequences: false)
    guard parts.count == 5, parts[0].isEmpty, parts[1] == "scrypt",
      let cost = Self.cost(parts[2]), let salt = Self.bytes(parts[3]),
      let hash = Self.bytes(parts[4]), !salt.isEmpty, hash.count == 32
    else { return nil }
    (self.cost, self.salt, self.hash) = (cost, salt, hash)
  }

  private static func cost(_ text: Substring) -> ServiceSettings.PasswordCost? {
    var values: [Int] = []
    for (part, name) in zip(text.split(separator: ","), ["ln=", "r=", "p="]) {
      guard part.hasPrefix(name), let value = Int(part.dropFirst(name.count)) else { return nil }
      values.append(value)
    }
    guard values.count == 3, (1...22).contains(values[0]), (1...32).contains(values[1]),
      (1...16).contains(values[2])
    else { return nil }
    return .init(logRounds: values[0], blockSize: values[1], parallelism: values[2])
  }

  private static func base64(_ bytes: [UInt8]) -> String {
    let text = Data(bytes).base64EncodedString()
    return String(text.prefix { $0 != "=" })
  }

  private static func bytes(_ text: Substring) -> [UInt8]? {
    let padding = String(repeating: "=", count: (4 - text.utf8.count % 4) % 4)
    return Data(base64Encoded: text + padding).map { Array($0) }
  }
}
