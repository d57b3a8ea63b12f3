// An archive whose objects would be looked for in another place.

import ArchiveCore
import EmbeddedStore
import Foundation
import Testing

@testable import archive_service

@Suite("Where objects lie")
struct ObjectPlaceTests {
  private let scratch: ScratchDirectory

  init() throws { scratch = try ScratchDirectory() }

  private func place(_ bucket: String?, _ prefix: String = "", _ endpoint: String = "http://a")
    async throws -> ObjectPlace
  {
    guard let bucket else { return ObjectPlace(Settings()) }
    let environment = [
      "ARCHIVE_S3_ENDPOINT": endpoint, "ARCHIVE_S3_BUCKET": bucket, "ARCHIVE_S3_ACCESSKEY": "k",
      "ARCHIVE_S3_SECRETKEY": "s",
    ].merging(prefix.isEmpty ? [:] : ["ARCHIVE_S3_PREFIX": prefix]) { $1 }
    return ObjectPlace(try await SettingsReader(environment: environment).settings())
  }

  private func withDocuments(_ body: (SQLiteDocumentStore) async throws -> Void) async throws {
    let documents = try SQLiteDocumentStore(
      directory: scratch.path, surroundings: LiveSurroundings.make())
    try await documents.prepare(ConversationLog.schemas + [ObjectPlace.schema])
    try await body(documents)
    await documents.close()
  }

  private func archiveSomething(_ documents: SQLiteDocumentStore) async throws {
    let document = Document(["id": .string("01ARZ3NDEKTSV4RRFFQ69G5FAV/000000000001")])
    _ = try await documents.insert([document], into: SegmentManifest.schema.name)
  }

  @Test("once something is archived, another bucket, prefix or engine is refused with the cure")
  func refusal() async throws {
    try await withDocuments { documents in
      try await place("one", "p/").claim(in: documents, mayMove: true)
      try await archiveSomething(documents)
      let same = try await place("one", "p/", "https://elsewhere.example.org:9000")
      try await same.claim(in: documents, mayMove: false)
      for other in [try await place(nil), try await place("two", "p/"), try await place("one")] {
        let failure = try #require(
          await #expect(throws: CommandFailure.self) {
            try await other.claim(in: documents, mayMove: true)
          })
        #expect(failure.message.contains("the bucket one under the prefix p/"))
        #expect(try await other.refusal(by: documents)?.message == failure.message)
      }
      #expect(try await same.refusal(by: documents) == nil)
    }
  }

  @Test("an archive from before places were remembered lies in the directory")
  func olderArchive() async throws {
    try await withDocuments { documents in
      try await archiveSomething(documents)
      await #expect(throws: CommandFailure.self) {
        try await place("one").claim(in: documents, mayMove: true)
      }
      try await place(nil).claim(in: documents, mayMove: false)
    }
  }

  @Test("as long as nothing is archived a server may begin elsewhere, and a command beside it not")
  func moving() async throws {
    try await withDocuments { documents in
      try await place(nil).claim(in: documents, mayMove: true)
      await #expect(throws: CommandFailure.self) {
        try await place("one").claim(in: documents, mayMove: false)
      }
      try await place("one").claim(in: documents, mayMove: true)
      try await place("one").claim(in: documents, mayMove: false)
    }
  }
}
