// The contract of the object port as checks that every engine must pass.

public import ArchiveCore
public import Testing

/// One sentence of the contract, and how to find out whether an engine keeps it.
///
/// Each check wants a store that nobody else writes to and that is empty.
public struct ObjectStoreCheck: Sendable, CustomTestStringConvertible {
  public let sentence: String
  public let check: @Sendable (any ObjectStore) async throws -> Void

  public var testDescription: String { sentence }

  init(
    _ sentence: String, check: @escaping @Sendable (any ObjectStore) async throws -> Void
  ) {
    (self.sentence, self.check) = (sentence, check)
  }
}

/// All the checks. A test runs each of them on a fresh store:
///
///     @Test("the directory keeps the contract", arguments: ObjectStoreContract.checks)
///     func keepsContract(check: ObjectStoreCheck) async throws { … try await check.check(store) }
public enum ObjectStoreContract {
  public static let checks: [ObjectStoreCheck] =
    writing + streaming + racing + reading + listing + refusing
}

/// Small words in which the checks are written.
extension ObjectStore {
  func put(_ key: String, _ bytes: [UInt8], mode: PutMode = .create) async throws(StoreError) {
    try await put(
      ObjectKey(trusted: key), .bytes(bytes), mode: mode, type: "application/octet-stream")
  }

  func bytes(_ key: String, range: Range<Int64>? = nil) async throws(StoreError) -> [UInt8] {
    try await get(ObjectKey(trusted: key), range: range).bytes(limitBytes: 64 << 20)
  }

  func keys(_ prefix: String, after: String? = nil, limit: Int = 1000)
    async throws(StoreError) -> [String]
  {
    try await list(prefix: prefix, after: after.flatMap { ObjectKey($0) }, limit: limit)
      .map(\.key.description)
  }
}

/// The kind of error that the work throws, `nil` when it throws none.
func thrownKind(_ work: () async throws(StoreError) -> Void) async -> StoreError.Kind? {
  do throws(StoreError) {
    try await work()
    return nil
  } catch {
    return error.kind
  }
}

/// Bytes that tell apart places and objects: a block of 4,099 bytes over and over, which is prime,
/// so that no two chunks begin at the same place of it. Making each byte anew would take most of a
/// test's time.
func patternedBytes(_ count: Int, seed: UInt64 = 1) -> [UInt8] {
  var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
  let block = (0..<4099).map { _ in
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return UInt8(truncatingIfNeeded: state >> 56)
  }
  var bytes: [UInt8] = []
  while bytes.count < count { bytes += block }
  bytes.removeLast(bytes.count - count)
  return bytes
}
