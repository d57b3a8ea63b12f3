// What can go wrong in an object store, as values that a test writes down.

public import ArchiveCore

/// The calls of the object port.
public enum ObjectOperation: String, CaseIterable, Hashable, Sendable {
  case put, get, head, delete, list, ping
}

/// One thing that goes wrong in one call.
public enum ObjectFault: Hashable, Sendable {
  /// The call throws and nothing happened.
  case failBefore(StoreError.Kind)
  /// The call takes effect and throws all the same: the reply was lost.
  case failAfter(StoreError.Kind)
  /// The call waits, before anything happens, until the test releases it.
  case hold
  /// Only the first bytes of the body are stored (put) or handed out (get), and nobody is told.
  case cutBody(atByte: Int64)
  /// All bits of one byte of the body are turned (put: as stored; get: as handed out).
  case flipByte(at: Int64)
}

/// Which call suffers which fault.
public enum ObjectFaultPlan: Sendable {
  /// Fault by operation and number of the call, counted from 1 for each operation.
  case scripted([ObjectOperation: [Int: ObjectFault]])
  /// About one call in `oneIn` suffers one of the faults. Depends on nothing but the seed, the
  /// operation and the number of the call, so that a replay does not depend on the order of tasks.
  case seeded(UInt64, oneIn: UInt64, faults: [ObjectFault])

  func fault(for operation: ObjectOperation, call number: Int) -> ObjectFault? {
    switch self {
    case .scripted(let faults):
      return faults[operation]?[number]
    case .seeded(let seed, let oneIn, let faults):
      guard oneIn > 0, !faults.isEmpty else { return nil }
      let place = UInt64(ObjectOperation.allCases.firstIndex(of: operation) ?? 0)
      let random = Self.mixed(seed ^ Self.mixed(place << 56 ^ UInt64(number)))
      guard random % oneIn == 0 else { return nil }
      return faults[Int(Self.mixed(random) % UInt64(faults.count))]
    }
  }

  /// The finisher of SplitMix64 (Steele, Lea, Flood 2014): every bit depends on every bit.
  private static func mixed(_ value: UInt64) -> UInt64 {
    var mixed = value &+ 0x9E37_79B9_7F4A_7C15
    mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
    return mixed ^ mixed >> 31
  }
}
