// How long a link is good.

/// Why a link that exists lets nobody in: 410, each of them.
package enum LinkEnd: String, Sendable, Equatable {
  case revoked, expired, usedUp
}

/// A link's life, at one moment: what its document says, without the token.
package struct LinkLife: Sendable, Equatable {
  /// Up to when, not including it; `nil` for ever.
  package var remaining: Duration?
  package var isRevoked: Bool
  package var uses: LinkUses

  package init(remaining: Duration?, isRevoked: Bool = false, uses: LinkUses = LinkUses(limit: nil))
  {
    (self.remaining, self.isRevoked, self.uses) = (remaining, isRevoked, uses)
  }

  /// `nil` where it is good. A link whose last use is just being sent is not used up, but lets nobody else in: see
  /// `LinkUses.begin`.
  package var end: LinkEnd? {
    if isRevoked { return .revoked }
    if let remaining, remaining <= .zero { return .expired }
    return uses.isUsedUp ? .usedUp : nil
  }
}
