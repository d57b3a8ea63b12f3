// The oracle keeps the contract itself, and the faulty decorator fails exactly as planned.

import ArchiveCore
import ArchiveTesting
import Testing

@Suite("objects in memory")
struct InMemoryObjectStoreTests {
  private let key = ObjectKey(trusted: "a/b")

  @Test("J2 the store in memory keeps the contract", arguments: ObjectStoreContract.checks)
  func keepsContract(check: ObjectStoreCheck) async throws {
    try await check.check(InMemoryObjectStore())
  }

  @Test("a store without planned faults keeps the contract", arguments: ObjectStoreContract.checks)
  func faultlessKeepsContract(check: ObjectStoreCheck) async throws {
    try await check.check(FaultyObjectStore(InMemoryObjectStore(chunkBytes: 1000)))
  }

  @Test("a fault before the call leaves nothing behind, one after it does")
  func failures() async throws {
    let inner = InMemoryObjectStore()
    let store = FaultyObjectStore(
      inner, .scripted([.put: [1: .failBefore(.unavailable), 2: .failAfter(.refused)]]))
    #expect(await kind { () async throws(StoreError) in try await put(store, [1]) } == .unavailable)
    #expect(try await inner.head(key) == nil)
    #expect(await kind { () async throws(StoreError) in try await put(store, [1]) } == .refused)
    #expect(try await inner.head(key)?.sizeBytes == 1)
    #expect(await kind { () async throws(StoreError) in try await put(store, [1]) } == .conflict)
    #expect(store.callCount(.put) == 3)
  }

  @Test("a held call waits until it is released")
  func holding() async throws {
    let inner = InMemoryObjectStore()
    let store = FaultyObjectStore(inner, .scripted([.put: [1: .hold]]))
    async let held: Void = put(store, [1])
    await store.waitUntilHeld()
    #expect(try await inner.head(key) == nil)
    store.release()
    try await held
    #expect(try await inner.head(key) != nil)
  }

  @Test("a held call whose task is cancelled ends")
  func cancelling() async throws {
    let store = FaultyObjectStore(InMemoryObjectStore(), .scripted([.ping: [1: .hold]]))
    let ended = await withTaskGroup(of: StoreError.Kind?.self) { group in
      group.addTask { await kind { () async throws(StoreError) in try await store.ping() } }
      await store.waitUntilHeld()
      group.cancelAll()
      return await group.next() ?? nil
    }
    #expect(ended == .unavailable)
  }

  @Test("a body is cut or altered on its way in and on its way out")
  func damage() async throws {
    let store = FaultyObjectStore(InMemoryObjectStore(chunkBytes: 2))
    store.failNext(.put, .cutBody(atByte: 3))
    try await put(store, [1, 2, 3, 4, 5])
    #expect(try await read(store) == [1, 2, 3])
    store.failNext(.get, .flipByte(at: 2))
    #expect(try await read(store) == [1, 2, 3 ^ 0xFF])
    store.failNext(.get, .cutBody(atByte: 1))
    #expect(try await read(store) == [1])
    #expect(try await read(store) == [1, 2, 3])
  }

  @Test("the same seed gives the same faults, another gives others")
  func seeds() async throws {
    var runs: [[Bool]] = []
    for seed: UInt64 in [1, 1, 2] {
      let store = FaultyObjectStore(
        InMemoryObjectStore(), .seeded(seed, oneIn: 3, faults: [.failBefore(.unavailable)]))
      var failures: [Bool] = []
      for _ in 0..<200 {
        failures.append(await kind { () async throws(StoreError) in try await store.ping() } != nil)
      }
      runs.append(failures)
    }
    #expect(runs[0] == runs[1])
    #expect(runs[0] != runs[2])
    #expect((40...95).contains(runs[0].count(where: \.self)))
  }

  private func put(_ store: any ObjectStore, _ bytes: [UInt8]) async throws(StoreError) {
    try await store.put(key, .bytes(bytes), mode: .create, type: "text/plain")
  }

  private func read(_ store: any ObjectStore) async throws -> [UInt8] {
    try await store.get(key, range: nil).bytes(limitBytes: 100)
  }

  private func kind(_ work: () async throws(StoreError) -> Void) async -> StoreError.Kind? {
    do throws(StoreError) {
      try await work()
      return nil
    } catch {
      return error.kind
    }
  }
}
