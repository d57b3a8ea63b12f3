// Signs and checks access tokens.

import ArchiveCore
import Encodings
import Foundation
import JWTKit

/// What an access token says.
struct AccessClaims: JWTPayload, Equatable {
  let sub: UserID
  let sid: SessionID
  let role: Role
  let iat: Int64
  let exp: Int64
  let iss: String
  let aud: String
  let typ: String

  /// The times are checked by `AccessTokens`, which has the clock; here nothing is left to do.
  func verify(using algorithm: some JWTAlgorithm) throws {}
}

/// Makes and reads access tokens: JWT (RFC 7519), signed with Ed25519 (RFC 8037) by one of our keys.
///
/// A token chooses nothing. Its first part must be, to the byte, the one that stands before everything that one of our
/// keys signs; so no algorithm, key or extension can be talked into, whatever the standards would let a header say.
struct AccessTokens: Sendable {
  static let limitBytes = 4 << 10
  /// Tells these tokens from those of other purposes that the same keys may sign.
  static let type = "access"

  private let keys: SigningKeys
  private let settings: ServiceSettings.Auth
  private let now: @Sendable () -> Timestamp

  init(keys: SigningKeys, settings: ServiceSettings.Auth, surroundings: Surroundings) {
    (self.keys, self.settings) = (keys, settings)
    now = surroundings.now
  }

  func make(for user: User, session: SessionID) async throws -> String {
    guard let key = keys.signing else {
      throw ServiceError(.busy, "there is no key to sign with yet", retryAfter: .seconds(2))
    }
    let issued = now().milliseconds / 1000
    return try await key.token(
      AccessClaims(
        sub: user.id, sid: session, role: user.role, iat: issued, exp: issued + lifetimeSeconds,
        iss: settings.issuer, aud: settings.audience, typ: Self.type))
  }

  /// Seconds for which a new token is valid.
  var lifetimeSeconds: Int64 {
    min(max(settings.accessTokenLifetime.components.seconds, 1), 366 * 86_400)
  }

  /// What the token says, if it is ours and valid now; otherwise `nil`, whatever is wrong with it.
  func claims(of token: String) async -> AccessClaims? {
    guard token.utf8.count <= Self.limitBytes else { return nil }
    let parts = token.split(separator: ".", maxSplits: 3, omittingEmptySubsequences: false)
    // Base64 in one form only: a token that was changed is another token, also where it decodes to the same.
    guard parts.count == 3, Base64.url.bytes(parts[1].utf8) != nil,
      Base64.url.bytes(parts[2].utf8)?.count == SigningKey.signatureBytes,
      let key = await keys.key(header: String(parts[0]))
    else { return nil }
    do {
      let claims = try await key.payload(of: token, as: AccessClaims.self)
      return isValid(claims) ? claims : nil
    } catch {
      // Why a token is refused is of no use to an honest client and of some to another.
      return nil
    }
  }

  private func isValid(_ claims: AccessClaims) -> Bool {
    let present = now().milliseconds / 1000
    let leeway = min(max(settings.clockLeeway.components.seconds, 0), 60)
    // A token that lives longer than ours do was not made here. The subtraction cannot overflow:
    // both numbers are known to be positive by then.
    return claims.typ == Self.type && claims.iss == settings.issuer
      && claims.aud == settings.audience
      && claims.iat > 0 && claims.iat <= present + leeway
      && claims.exp > present && claims.exp - claims.iat <= lifetimeSeconds
  }
}
