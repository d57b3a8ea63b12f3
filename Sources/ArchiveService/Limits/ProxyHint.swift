// Notices a proxy that nobody named, before it makes everybody share one allowance.

import Synchronization

/// Behind a proxy that is not in `http.trustedProxies`, all callers are one caller to the limits. So the operator
/// is told, once, when requests from a neighbour say that they come from somebody else. Safe from any task.
final class ProxyHint: Sendable {
  /// Loopback, private and link-local addresses: where a proxy of one's own has its address.
  private static let neighbours = [
    "127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "::1",
    "fc00::/7", "fe80::/10",
  ].compactMap { IPNetwork($0) }

  private let wasTold = Mutex(false)

  /// Whether now is the one time to tell: the proxy's address, or `nil`.
  func news(peer: IPAddress?, isForwarded: Bool, trusted: TrustedProxies) -> IPAddress? {
    guard isForwarded, trusted.networks.isEmpty, let peer,
      Self.neighbours.contains(where: { $0.contains(peer) })
    else { return nil }
    return wasTold.withLock { wasTold in
      defer { wasTold = true }
      return wasTold ? nil : peer
    }
  }
}
