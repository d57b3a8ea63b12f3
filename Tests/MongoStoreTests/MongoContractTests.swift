// MongoDB keeps the contract, and answers as the oracle does whatever it is asked.

import ArchiveCore
import ArchiveTesting
import EmbeddedStore
import Foundation
import MongoDriver
import MongoStore
import Testing

@Suite(
  "the contract of the document store on MongoDB",
  .enabled(if: MongoServer.isThere, MongoServer.skipped), .serialized)
struct MongoContractTests {
  @Test("MongoDB keeps the contract", arguments: DocumentStoreContract.checks)
  func contract(check: ContractCheck) async throws {
    try await MongoServer.withStore { store, _ in try await check.run { store } }
  }
}

@Suite(
  "MongoDB, SQLite and the oracle side by side",
  .enabled(if: MongoServer.isThere, MongoServer.skipped))
struct MongoDifferentialTests {
  private static let operations =
    ProcessInfo.processInfo.environment["ARCHIVE_DIFFERENTIAL_OPERATIONS"].flatMap { Int($0) }
    ?? 5_000

  @Test("random operations have the same results and the same errors")
  func differential() async throws {
    try await MongoServer.withStore { mongo, _ in
      let directory = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
      try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: false)
      defer { try? FileManager.default.removeItem(at: directory) }
      let sqlite = try SQLiteDocumentStore(
        directory: directory.path, surroundings: ManualSurroundings().surroundings)
      try await compare([("MongoDB", mongo), ("SQLite", sqlite)])
      await sqlite.close()
    }
  }

  private func compare(_ engines: [(name: String, store: any DocumentStore)]) async throws {
    var random = RandomDocuments(SeededGenerator.fromEnvironment("differential MongoDB"))
    let oracle = InMemoryDocumentStore()
    for store in [oracle as any DocumentStore] + engines.map(\.store) {
      try await store.prepare([RandomDocuments.schema(isExpiring: false)])
    }
    for number in 0..<Self.operations {
      let isLook = number % 200 == 199
      let operation =
        isLook ? RandomOperation.find(Query("random", limit: .max)) : random.operation()
      let expected = await operation.answer(of: oracle)
      for (name, store) in engines {
        let actual = await operation.answer(of: store)
        guard actual == expected else {
          Issue.record("operation \(number): \(operation)\noracle: \(expected)\n\(name): \(actual)")
          return
        }
      }
      random.learn(from: expected)
    }
  }
}
