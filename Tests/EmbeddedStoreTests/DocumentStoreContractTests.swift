// Both document engines that need no server keep the contract.

import ArchiveCore
import ArchiveTesting
import Testing

@testable import EmbeddedStore

@Suite("the contract of the document store")
struct DocumentStoreContractTests {
  @Test("the oracle keeps the contract", arguments: DocumentStoreContract.checks)
  func memory(check: ContractCheck) async throws {
    try await check.run { InMemoryDocumentStore() }
  }

  @Test("SQLite keeps the contract", arguments: DocumentStoreContract.checks)
  func sqlite(check: ContractCheck) async throws {
    try await withTemporaryDirectory { directory in
      let store = try SQLiteDocumentStore(
        directory: directory, surroundings: ManualSurroundings().surroundings)
      try await check.run { store }
      await store.close()
    }
  }
}
