// A decorator that makes an object store fail as networks and disks do.

public import ArchiveCore
import Synchronization

/// Passes calls on to another store and lets some of them go wrong, by script or by seed.
public final class FaultyObjectStore: ObjectStore {
  private struct State {
    var plan: ObjectFaultPlan
    var callCounts: [ObjectOperation: Int] = [:]
  }

  private let inner: any ObjectStore
  private let state: Mutex<State>
  private let gate = Gate()

  public init(_ inner: any ObjectStore, _ plan: ObjectFaultPlan = .scripted([:])) {
    self.inner = inner
    state = Mutex(State(plan: plan))
  }

  /// From now on this plan; the numbers of calls go on.
  public func follow(_ plan: ObjectFaultPlan) { state.withLock { $0.plan = plan } }

  /// The next call of the operation suffers the fault; replaces what was planned before.
  public func failNext(_ operation: ObjectOperation, _ fault: ObjectFault) {
    state.withLock { state in
      let number = state.callCounts[operation, default: 0] + 1
      state.plan = .scripted([operation: [number: fault]])
    }
  }

  /// Every call of the operations fails from now on, as if the engine were away, until `follow`.
  public func goAway(_ kind: StoreError.Kind = .unavailable) {
    follow(.seeded(0, oneIn: 1, faults: [.failBefore(kind)]))
  }

  public func callCount(_ operation: ObjectOperation) -> Int {
    state.withLock { $0.callCounts[operation, default: 0] }
  }

  /// Lets all held calls go on.
  public func release() { gate.open() }

  /// Returns when at least so many calls are held.
  public func waitUntilHeld(_ count: Int = 1) async { await gate.waitUntilHeld(count) }

  public func put(_ key: ObjectKey, _ body: ObjectBody, mode: PutMode, type: String)
    async throws(StoreError)
  {
    let fault = try await begin(.put)
    try await inner.put(key, body.suffering(fault), mode: mode, type: type)
    try end(.put, fault)
  }

  public func get(_ key: ObjectKey, range: Range<Int64>?) async throws(StoreError) -> StoredObject {
    let fault = try await begin(.get)
    let object = try await inner.get(key, range: range)
    try end(.get, fault)
    guard let damage = BodyDamage(fault) else { return object }
    return StoredObject(info: object.info) { try await damage.next(of: object.next) }
  }

  public func head(_ key: ObjectKey) async throws(StoreError) -> ObjectInfo? {
    let fault = try await begin(.head)
    let info = try await inner.head(key)
    try end(.head, fault)
    return info
  }

  public func delete(_ key: ObjectKey) async throws(StoreError) {
    let fault = try await begin(.delete)
    try await inner.delete(key)
    try end(.delete, fault)
  }

  public func list(prefix: String, after: ObjectKey?, limit: Int)
    async throws(StoreError) -> [ObjectInfo]
  {
    let fault = try await begin(.list)
    let infos = try await inner.list(prefix: prefix, after: after, limit: limit)
    try end(.list, fault)
    return infos
  }

  public func ping() async throws(StoreError) {
    let fault = try await begin(.ping)
    try await inner.ping()
    try end(.ping, fault)
  }

  private func begin(_ operation: ObjectOperation) async throws(StoreError) -> ObjectFault? {
    let fault = state.withLock { state in
      state.callCounts[operation, default: 0] += 1
      return state.plan.fault(for: operation, call: state.callCounts[operation, default: 0])
    }
    switch fault {
    case .failBefore(let kind):
      throw StoreError(kind, "a planned fault before the call operation=`\(operation)`")
    case .hold: try await gate.pass()
    case .failAfter, .cutBody, .flipByte, nil: break
    }
    return fault
  }

  private func end(_ operation: ObjectOperation, _ fault: ObjectFault?) throws(StoreError) {
    guard case .failAfter(let kind) = fault else { return }
    throw StoreError(kind, "a planned fault after the call operation=`\(operation)`")
  }
}

extension ObjectBody {
  /// The body as it arrives; a stream's announced length is altered with it, as nobody is to be told.
  fileprivate func suffering(_ fault: ObjectFault?) -> ObjectBody {
    guard let damage = BodyDamage(fault) else { return self }
    switch self {
    case .bytes(let bytes): return .bytes(damage.apply(to: bytes) ?? [])
    case .stream(_, let source):
      return .stream(length: nil) { try await damage.next(of: source) }
    }
  }
}

/// Cuts or alters a body that comes in chunks.
private final class BodyDamage: Sendable {
  private let fault: ObjectFault
  private let position = Mutex<Int64>(0)

  init?(_ fault: ObjectFault?) {
    switch fault {
    case .cutBody, .flipByte: self.fault = fault ?? .hold
    case .failBefore, .failAfter, .hold, nil: return nil
    }
  }

  func next(of source: @Sendable () async throws -> [UInt8]?) async throws -> [UInt8]? {
    guard let chunk = try await source() else { return nil }
    return apply(to: chunk)
  }

  /// `nil` behind a cut.
  func apply(to chunk: [UInt8]) -> [UInt8]? {
    let start = position.withLock { position in
      defer { position += Int64(chunk.count) }
      return position
    }
    switch fault {
    case .cutBody(let atByte):
      let kept = chunk.prefix(Int(clamping: max(0, atByte - start)))
      return kept.isEmpty ? nil : Array(kept)
    case .flipByte(let at):
      guard at >= start, at < start + Int64(chunk.count) else { return chunk }
      var altered = chunk
      altered[Int(at - start)] ^= 0xFF
      return altered
    case .failBefore, .failAfter, .hold: return chunk
    }
  }
}
