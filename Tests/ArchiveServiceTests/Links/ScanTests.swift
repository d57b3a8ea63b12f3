// Files with viruses are handed out to nobody.

import ArchiveCore
import ArchiveTesting
import Logging
import Synchronization
import Testing
import Uploads

@testable import ArchiveService

@Suite struct ScanTests {
  @Test("A5 an infected file is refused, noted for the operator, and searched once for all copies")
  func infected() async throws {
    let lab = try await Lab([.infected("Worm")])
    try await lab.run { () async throws in
      for file in [try await lab.file(), try await lab.file()] {
        do {
          try await lab.scan.require(file)
          Issue.record("an infected file passes")
        } catch let error as ServiceError {
          #expect(error.kind == .forbidden)
        }
      }
      #expect(lab.scanner.count == 1)
      let noted = try await Collection(AuditEntry.self, in: lab.documents).find(limit: 9)
      #expect(noted.map(\.event.kind) == [.virusFound])
      #expect(noted.first?.event.detail["virus"] == "Worm")
    }
  }

  @Test("A5 a verdict is good for some days, and then asked for again")
  func renewal() async throws {
    let lab = try await Lab([.clean, .infected("Worm")])
    try await lab.run { () async throws in
      let file = try await lab.file()
      for _ in 0..<5 { try await lab.scan.require(file) }
      #expect(lab.scanner.count == 1)
      await lab.clock.advance(by: .seconds(8 * 86_400))
      await #expect(throws: ServiceError.self) { try await lab.scan.require(file) }
      #expect(lab.scanner.count == 2)
    }
  }

  @Test("A5 what cannot be searched now is not handed out now, and nothing is noted of it")
  func away() async throws {
    let lab = try await Lab([])
    try await lab.run { () async throws in
      let file = try await lab.file()
      do {
        try await lab.scan.require(file)
        Issue.record("a file passes that nobody searched")
      } catch let error as ServiceError {
        #expect(error.kind == .busy)
      }
      #expect(try lab.documents.count(FileVerdict.schema.name, where: .everything) == 0)
    }
  }

  @Test("A5 what is too large for the scanner is not handed out, and tried again before long")
  func tooLarge() async throws {
    let lab = try await Lab([.tooLarge, .clean])
    try await lab.run { () async throws in
      let file = try await lab.file()
      await #expect(throws: ServiceError.self) { try await lab.scan.require(file) }
      await #expect(throws: ServiceError.self) { try await lab.scan.require(file) }
      await lab.clock.advance(by: .seconds(601))
      try await lab.scan.require(file)
      #expect(lab.scanner.count == 2)
    }
  }
}

/// A scanner that says what it is told to, and what stands around it.
private struct Lab: Sendable {
  let clock = ManualSurroundings()
  let documents = InMemoryDocumentStore()
  let objects = InMemoryObjectStore()
  let scanner: ScriptedScanner
  let scan: FileScan

  init(_ results: [ScanResult]) async throws {
    let surroundings = clock.surroundings
    try documents.prepare(ArchiveService.schemas)
    scanner = ScriptedScanner(results)
    let files = Files(
      documents: documents, objects: objects, settings: .init(), surroundings: surroundings,
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    scan = FileScan(
      files: files, scanner: scanner,
      audit: AuditLog(documents: documents, settings: .init(), surroundings: surroundings),
      settings: .init())
  }

  func run(_ body: () async throws -> Void) async throws {
    let running = Task { await scan.work.run() }
    let outcome: Result<Void, any Error>
    do { outcome = .success(try await body()) } catch { outcome = .failure(error) }
    running.cancel()
    await running.value
    try outcome.get()
  }

  func file() async throws -> StoredFile {
    let file = StoredFile(
      id: StoredFile.newID(clock.surroundings), ownerID: UserID(ULID(high: 1, low: 1)), name: "x",
      content: SniffedContent(.unknown), sizeBytes: 3, sha256: "00", width: nil, height: nil,
      createdAt: clock.now)
    try await objects.put(FileKeys.object(file.id), .bytes([1, 2, 3]), mode: .create, type: "x")
    return file
  }
}

private final class ScriptedScanner: VirusScanner {
  private let state: Mutex<(results: [ScanResult], count: Int)>

  init(_ results: [ScanResult]) { state = Mutex((results, 0)) }

  var count: Int { state.withLock(\.count) }

  func scan(_ next: @escaping @Sendable () async throws -> [UInt8]?) async throws -> ScanResult {
    var bytes: [UInt8] = []
    while let chunk = try await next() { bytes += chunk }
    #expect(bytes == [1, 2, 3])
    return try state.withLock { state in
      guard state.count < state.results.count else { throw ScanError("nobody is there") }
      defer { state.count += 1 }
      return state.results[state.count]
    }
  }
}
