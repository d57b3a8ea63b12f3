// Signs and checks access tokens.

import ArchiveCore
import Crypto
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

/// Makes and reads access tokens: JWT, HS256, one key of ours and no other.
///
/// A token chooses nothing: the header must name exactly our algorithm and key and carry nothing
/// else, whatever the standards would let it say.
struct AccessTokens: Sendable {
  static let limitBytes = 4 << 10
  /// Tells these tokens from those of other purposes that the same secret may sign.
  static let type = "access"

  private let keys = JWTKeyCollection()
  private let keyID: String
  private let settings: ServiceSettings.Auth
  private let now: @Sendable () -> Timestamp

  init(settings: ServiceSettings.Auth, surroundings: Surroundings) async {
    self.settings = settings
    now = surroundings.now
    keyID = Self.keyID(settings.secret)
    let key = HMACKey(from: settings.secret.bytes)
    await keys.add(
      hmac: key, digestAlgorithm: .sha256, kid: JWKIdentifier(string: keyID))
  }

  /// A name for the secret that tells nothing about it.
  static func keyID(_ secret: Secret) -> String {
    Base64URL.encode(SHA256.hash(data: Array("key id ".utf8) + secret.bytes).prefix(6))
  }

  func make(for user: User, session: SessionID) async throws -> String {
    let issued = now().milliseconds / 1000
    let claims = AccessClaims(
      sub: user.id, sid: session, role: user.role, iat: issued, exp: issued + lifetimeSeconds,
      iss: settings.issuer, aud: settings.audience, typ: Self.type)
    return try await keys.sign(claims, kid: JWKIdentifier(string: keyID))
  }

  /// Seconds for which a new token is valid.
  var lifetimeSeconds: Int64 {
    min(max(settings.accessTokenLifetime.components.seconds, 1), 366 * 86_400)
  }

  /// What the token says, if it is ours and valid now; otherwise `nil`, whatever is wrong with it.
  func claims(of token: String) async -> AccessClaims? {
    guard token.utf8.count <= Self.limitBytes, hasOurHeader(token) else { return nil }
    do {
      let claims = try await keys.verify(token, as: AccessClaims.self)
      return isValid(claims) ? claims : nil
    } catch {
      // Why a token is refused is of no use to an honest client and of some to another.
      return nil
    }
  }

  private func hasOurHeader(_ token: String) -> Bool {
    let parts = token.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 3, let header = Base64URL.decode(parts[0]),
      Base64URL.decode(parts[1]) != nil, Base64URL.decode(parts[2])?.count == 32
    else { return false }
    guard let fields = try? JSONDecoder().decode([String: String].self, from: Data(header)) else {
      return false
    }
    return fields["alg"] == "HS256" && fields["kid"] == keyID
      && Set(fields.keys).isSubset(of: ["alg", "kid", "typ"])
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
