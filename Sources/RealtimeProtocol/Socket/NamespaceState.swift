// Where a client stands with one namespace.

/// A namespace that the client is in, or was.
struct NamespaceState: Sendable {
  enum Phase: Sendable {
    /// Somebody decides whether the client may join.
    case connecting
    /// The client left before that was decided.
    case abandoned
    case connected(socketID: String)
    /// The server put the client out; what was on its way from the client then is passed over.
    case left
  }

  let name: String
  var phase: Phase
  private var nextID: Int64 = 0
  private var awaited: [Int64] = []

  init(_ name: String) {
    self.name = name
    phase = .connecting
  }

  var isConnected: Bool { if case .connected = phase { true } else { false } }
  var socketID: String? { if case .connected(let id) = phase { id } else { nil } }

  /// An identifier for an event that the client is to acknowledge; `nil` while too many are open.
  mutating func awaitAcknowledgement(limit: Int) -> Int64? {
    guard awaited.count < limit else { return nil }
    defer { nextID += 1 }
    awaited.append(nextID)
    return nextID
  }

  /// Whether this acknowledgement was awaited; it is not any more.
  mutating func takeAcknowledgement(_ id: Int64) -> Bool {
    guard let index = awaited.firstIndex(of: id) else { return false }
    awaited.remove(at: index)
    return true
  }
}
