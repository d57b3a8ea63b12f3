// What every document engine must do, as checks that any engine runs.

public import ArchiveCore
public import Testing

/// One sentence of the contract of `DocumentStore`, and how it is checked on an engine.
///
/// An engine's tests run all of them:
/// `@Test(arguments: DocumentStoreContract.checks) func contract(check: ContractCheck) async throws {
///   try await check.run { try await makeEmptyStore() } }`
public struct ContractCheck: Sendable, CustomTestStringConvertible {
  public typealias MakeStore = @Sendable () async throws -> any DocumentStore

  let sentence: String
  let body: @Sendable (any DocumentStore) async throws -> Void

  init(
    _ sentence: String, _ body: @escaping @Sendable (any DocumentStore) async throws -> Void
  ) {
    (self.sentence, self.body) = (sentence, body)
  }

  public var testDescription: String { sentence }

  /// Runs on a fresh store, in which `DocumentStoreContract.schemas` are prepared first.
  public func run(_ makeStore: MakeStore) async throws {
    let store = try await makeStore()
    try await store.prepare(DocumentStoreContract.schemas)
    try await body(store)
  }
}

/// The contract of `DocumentStore`, apart from durability, which each engine shows in its own way.
public enum DocumentStoreContract {
  public static let checks: [ContractCheck] =
    insertion + filters + orders + updates + transactions + schemaChecks + changeChecks + hostile

  /// What the checks use: `things` has one index of each kind, `plain` has none.
  public static let schemas = [
    CollectionSchema(
      "things",
      indexes: [
        CollectionIndex("byOwner", on: [.ascending("owner"), .ascending("seq")], kind: .unique),
        CollectionIndex("byRank", on: [.descending("rank"), .ascending("id")]),
        CollectionIndex("byExpiry", on: [.ascending("expires")], kind: .expiring),
      ]),
    CollectionSchema("plain"),
  ]
}
