// Pictures of files are made when somebody wants to see them, once.

import ArchiveCore
import ArchiveTesting
import Crypto
import Encodings
import Foundation
import Logging
import Synchronization
import Testing
import Uploads

@testable import ArchiveService

@Suite struct PictureDeskTests {
  private static let original = Array("an original".utf8)

  @Test("E2 many who want to see one picture wait for one making, and find it in the store")
  func oneMaking() async throws {
    let desk = try await Studio(queueLimit: 4)
    let maker = desk.maker
    try await desk.run { studio async throws in
      let file = try await studio.file()
      let all = try await withThrowingTaskGroup(of: FilePictures.self) { group in
        for _ in 0..<20 { group.addTask { try await studio.desk.pictures(of: file) } }
        return try await group.reduce(into: []) { $0.append($1) }
      }
      #expect(maker.originals == [Self.original])
      let made = try #require(all.first?.made)
      #expect(all.allSatisfy { $0.made == made })
      let stored = try #require(try await studio.files.find(file.id))
      #expect(stored.pictures?.made == made)
      for (variant, picture) in [(FileVariant.preview, made.preview), (.thumbnail, made.thumbnail)]
      {
        let object = try await studio.objects.get(PictureKeys.object(file.id, variant), range: nil)
        let bytes = try await object.bytes(limitBytes: 1000)
        #expect(picture.sizeBytes == Int64(bytes.count))
        #expect(picture.sha256 == Hex.text(Array(SHA256.hash(data: bytes))))
      }
      // What is known is not made again.
      _ = try await studio.desk.pictures(of: file)
      _ = try await studio.desk.pictures(of: stored)
      #expect(maker.originals.count == 1)
    }
  }

  @Test("E2 what cannot be decoded is tried once, and has no pictures then")
  func unfit() async throws {
    let studio = try await Studio(failing: PictureError(.unfit, "broken"))
    try await studio.run { studio async throws in
      let file = try await studio.file()
      #expect(try await studio.desk.pictures(of: file) == .none)
      let stored = try #require(try await studio.files.find(file.id))
      #expect(stored.pictures == FilePictures.none && !studio.desk.promises(stored))
      #expect(try await studio.desk.pictures(of: stored) == .none)
      #expect(studio.maker.originals.count == 1)
    }
  }

  @Test("E2 a program that cannot be started says nothing about the file")
  func unavailable() async throws {
    let studio = try await Studio(failing: PictureError(.unavailable, "no room"))
    try await studio.run { studio async throws in
      let file = try await studio.file()
      await #expect(throws: ServiceError.self) { try await studio.desk.pictures(of: file) }
      #expect(try await studio.files.find(file.id)?.pictures == nil)
    }
  }

  @Test("E2 pictures of a file that was deleted meanwhile go with it")
  func deletedMeanwhile() async throws {
    let studio = try await Studio()
    try await studio.run { studio async throws in
      let file = try await studio.file()
      studio.maker.onMaking {
        try await studio.files.stored.update(
          where: .id(file.id.description), [.set("deletedAt", .time(studio.clock.now))])
      }
      await #expect(throws: ServiceError.self) { try await studio.desk.pictures(of: file) }
      #expect(
        try await studio.objects.list(prefix: PictureKeys.prefix, after: nil, limit: 9).isEmpty)
    }
  }

  @Test(
    "E2 U26 an image that announces too much is not decoded",
    arguments: [
      (50_000, 50_000), (70_000, 10), (Int.max, Int.max), (10_001, 10_000),
    ])
  func bombs(width: Int, height: Int) async throws {
    let studio = try await Studio()
    try await studio.run { studio async throws in
      let file = try await studio.file(width: width, height: height)
      #expect(!studio.desk.promises(file))
      #expect(try await studio.desk.pictures(of: file) == .none)
      #expect(studio.maker.originals.isEmpty)
    }
  }

  @Test("E2 a queue that is full refuses, and who waits at the end is told to come back")
  func fullQueue() async throws {
    let studio = try await Studio(queueLimit: 2)
    let files = [try await studio.file(), try await studio.file(), try await studio.file()]
    // Nobody makes pictures yet.
    let waiting = files.prefix(2).map { file in
      Task { try await studio.desk.pictures(of: file) }
    }
    while await studio.desk.work.waitingCount < 2 { await Task.yield() }
    await #expect(throws: ServiceError.self) { try await studio.desk.pictures(of: files[2]) }
    let running = Task { await studio.desk.work.run() }
    running.cancel()
    await running.value
    for each in waiting { _ = await each.result }
    await #expect(throws: ServiceError.self) { try await studio.desk.pictures(of: files[2]) }
  }
}

/// A desk, and what stands around it.
private struct Studio: Sendable {
  let clock = ManualSurroundings()
  let objects = InMemoryObjectStore()
  let files: Files
  let maker: ScriptedMaker
  let desk: PictureDesk

  init(failing error: PictureError? = nil, queueLimit: Int = 64) async throws {
    let documents = InMemoryDocumentStore()
    try documents.prepare(ArchiveService.schemas)
    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    files = Files(
      documents: ArchiveService.marking(documents, surroundings: clock.surroundings),
      objects: objects, settings: .init(), surroundings: clock.surroundings, logger: logger)
    maker = ScriptedMaker(failing: error)
    var settings = ServiceSettings.Pictures()
    settings.queueLimit = queueLimit
    desk = PictureDesk(files: files, maker: maker, settings: settings, logger: logger)
  }

  func run(_ body: @escaping @Sendable (Studio) async throws -> Void) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { await desk.work.run() }
      try await body(self)
      group.cancelAll()
    }
  }

  func file(width: Int = 4000, height: Int = 3000) async throws -> StoredFile {
    let bytes = Array("an original".utf8)
    let file = StoredFile(
      id: StoredFile.newID(clock.surroundings), ownerID: UserID(ULID(high: 1, low: 1)),
      name: "a.jpg", content: SniffedContent(.jpeg), sizeBytes: Int64(bytes.count), sha256: "00",
      width: width, height: height, createdAt: clock.now)
    try await files.stored.insert(file)
    try await objects.put(
      FileKeys.object(file.id), .bytes(bytes), mode: .create, type: "image/jpeg")
    return file
  }
}

/// Notes what it gets, and makes the same of everything.
final class ScriptedMaker: PictureMaker {
  private struct State {
    var originals: [[UInt8]] = []
    var onMaking: @Sendable () async throws -> Void = {}
  }

  private let error: PictureError?
  private let state = Mutex(State())

  init(failing error: PictureError? = nil) { self.error = error }

  var originals: [[UInt8]] { state.withLock { $0.originals } }

  func onMaking(_ act: @escaping @Sendable () async throws -> Void) {
    state.withLock { $0.onMaking = act }
  }

  func pictures(
    within sides: PictureSides, of next: @escaping @Sendable () async throws -> [UInt8]?
  ) async throws -> MadePictures {
    var bytes: [UInt8] = []
    while let chunk = try await next() { bytes += chunk }
    let act = state.withLock { state in
      state.originals.append(bytes)
      return state.onMaking
    }
    try await act()
    if let error { throw error }
    return MadePictures(
      preview: Array("a preview of \(sides.preview)".utf8),
      thumbnail: Array("a thumbnail of \(sides.thumbnail)".utf8))
  }
}
