// Access tokens by themselves, without sessions and HTTP, for whoever measures them.

package import ArchiveCore
import Foundation
package import Logging

/// Makes and checks access tokens exactly as the service does; `./dev bench auth` measures it.
package struct TokenChecks: Sendable {
  private let keys: SigningKeys
  private let tokens: AccessTokens

  /// Makes the first key where the store has none.
  package init(
    documents: any DocumentStore, settings: ServiceSettings.Auth, surroundings: Surroundings,
    logger: Logger
  ) async throws {
    keys = SigningKeys(
      documents: documents, settings: settings, surroundings: surroundings, logger: logger)
    tokens = AccessTokens(keys: keys, settings: settings, surroundings: surroundings)
    try await documents.prepare([SigningKeyRecord.schema])
    try await keys.prepare()
  }

  /// A token of some customer.
  package func token() async throws -> String {
    let id = ULID(high: 1, low: 1)
    let now = Timestamp(milliseconds: 0)
    let user = User(
      id: UserID(id), email: "measured@example.org", name: "Measured", role: .customer,
      createdAt: now, passwordHash: "")
    return try await tokens.make(for: user, session: SessionID(id))
  }

  /// Whether the token is ours and valid now.
  package func isValid(_ token: String) async -> Bool { await tokens.claims(of: token) != nil }

  /// The published keys as JSON (RFC 7517), for other libraries.
  package func publishedKeys() throws -> [UInt8] {
    Array(try JSON.encoder.encode(keys.published))
  }
}
