// The document engines on which what concerns accounts is tested.

import ArchiveCore
import ArchiveService
import ArchiveTesting
import Testing

/// The engine of the run (memory, or what `ARCHIVE_TEST_ENGINE` names), and the one for a single machine.
enum AccountEngine: CaseIterable, Sendable, CustomTestStringConvertible {
  case ofTheRun, sqlite

  var testDescription: String { self == .sqlite ? "SQLite" : "the engine of the run" }
}

extension TestServer {
  /// Runs a server on an engine.
  static func run<Result: Sendable>(
    on engine: AccountEngine, _ change: (inout ServiceSettings) -> Void = { _ in },
    _ body: @escaping @Sendable (TestServer) async throws -> Result
  ) async throws -> Result {
    guard engine == .sqlite else { return try await run(change, body) }
    let own = try TestDocuments.sqlite()
    let outcome: Swift.Result<Result, any Error>
    do {
      outcome = .success(try await run(documents: own.store, change, body))
    } catch {
      outcome = .failure(error)
    }
    try await own.discard()
    return try outcome.get()
  }

  /// Runs two servers on one store that they share.
  static func runTwo<Result: Sendable>(
    _ change: @escaping @Sendable (inout ServiceSettings) -> Void = { _ in },
    _ body: @escaping @Sendable (TestServer, TestServer) async throws -> Result
  ) async throws -> Result {
    let own = try await TestDocuments.make()
    let store = own.store.isShared ? own.store : InMemoryDocumentStore(isShared: true)
    let objects = InMemoryObjectStore()
    let outcome: Swift.Result<Result, any Error>
    do {
      outcome = .success(
        try await run(documents: store, objects: objects, change) { one in
          try await run(documents: store, objects: objects, change) { other in
            try await body(one, other)
          }
        })
    } catch {
      outcome = .failure(error)
    }
    try await own.discard()
    return try outcome.get()
  }

  /// All documents of a collection.
  func stored(_ collection: CollectionName, where filter: Filter = .everything) async throws
    -> [Document]
  {
    try await documents.find(Query(collection, where: filter, limit: 10_000))
  }

  /// The kinds of what the audit log has about a user, in order.
  func audited(_ user: String) async throws -> [String] {
    try await documents.find(
      Query(
        "audit", where: .equal("subjectId", .string(user)), sort: [.ascending("id")], limit: 1000)
    ).compactMap {
      if case .string(let kind)? = $0["kind"] { kind } else { nil }
    }
  }

  /// Gives a user another role, as the command line would. Sessions count it from their next reading on.
  func setRole(_ role: Role, of person: Person) async throws {
    try await documents.update(
      Update("users", where: .id(person.id), [.set("role", .string(role.rawValue))]))
    clock.advance(by: settings.auth.sessionCacheLifetime)
  }
}
