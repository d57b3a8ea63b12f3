// The object engine that the settings name, tried out.

import ArchiveCore
import CurlHTTP
import EmbeddedStore
import Foundation
import Logging
import S3Client
import S3Store

/// Examines the bucket, or the directory where there is none.
struct ObjectExamination {
  let settings: Settings
  let createsBucket: Bool
  let surroundings: Surroundings
  let logger: Logger

  private static let linkAnswerBytes = 1 << 20

  func findings() async -> [DoctorFinding] {
    guard let (client, name) = settings.s3.client else { return [await directory()] }
    if let file = settings.s3.caFile, !FileManager.default.isReadableFile(atPath: file) {
      return [
        DoctorFinding(
          "bucket", .failed, "s3.caFile cannot be read path=`\(file)`",
          cure: "mend its path or its rights")
      ]
    }
    do {
      let visitor = try CurlClient(settings: visitorSettings)
      let findings = await bucket(name, client, visitor)
      await visitor.close()
      return findings
    } catch {
      return [DoctorFinding("bucket", .failed, "\(error)", cure: "check s3.caFile and s3.proxy")]
    }
  }

  private func bucket(_ name: String, _ settings: S3Settings, _ visitor: CurlClient) async
    -> [DoctorFinding]
  {
    var client = settings
    // Somebody waits for the answers.
    client.http.deadlines.connect = min(client.http.deadlines.connect, .seconds(5))
    client.http.deadlines.firstByte = min(client.http.deadlines.firstByte, .seconds(10))
    client.http.deadlines.total = .seconds(60)
    var examination = BucketExamination(
      settings: client, bucket: name, prefix: self.settings.s3.prefix, surroundings: surroundings,
      logger: logger
    ) { url, headers in try await Self.visit(url, headers, visitor) }
    examination.createsBucket = createsBucket
    return await examination.run().map(DoctorFinding.init)
  }

  /// How a browser would come.
  private var visitorSettings: CurlSettings {
    var visitor = CurlSettings()
    visitor.certificateAuthorityFile = settings.s3.caFile
    // What is public is reached without the proxy of the inside.
    visitor.proxy = settings.s3.publicEndpoint == nil ? settings.s3.proxy : nil
    visitor.deadlines.connect = .seconds(5)
    visitor.deadlines.total = .seconds(15)
    return visitor
  }

  private static func visit(
    _ url: String, _ headers: [(name: String, value: String)], _ visitor: CurlClient
  ) async throws -> OutsideAnswer {
    let request = CurlRequest("GET", url, headers: headers.map { CurlHeader($0.name, $0.value) })
    let answer = try await visitor.fetch(request, limitBytes: linkAnswerBytes)
    let named = answer.head.headers.map { ($0.name.lowercased(), $0.value) }
    return OutsideAnswer(
      status: answer.head.status, headers: Dictionary(named) { first, _ in first },
      body: answer.body)
  }

  /// The directory engine: put for good, refuse what exists, list, read, delete.
  private func directory() async -> DoctorFinding {
    let name = "object directory"
    let root = settings.objectDirectory
    guard FileManager.default.fileExists(atPath: settings.dataDirectory) else {
      return DoctorFinding(name, .skipped, "`\(root)` will be made at the first start")
    }
    do {
      let store = try await DirectoryObjectStore(root: root)
      let key = ObjectKey(trusted: "scratch/\(surroundings.newID())/object")
      let outcome: Result<Void, any Error>
      do { outcome = .success(try await Self.exercise(store, key)) } catch {
        outcome = .failure(error)
      }
      try? await store.delete(key)
      await store.close()
      try outcome.get()
      return DoctorFinding(
        name, .ok, "`\(root)`: durable puts, create-only puts, lists and deletions work")
    } catch let error as StoreError {
      return DoctorFinding(name, .failed, error.message, cure: error.hint)
    } catch {
      return DoctorFinding(name, .failed, "\(error)")
    }
  }

  private static func exercise(_ store: DirectoryObjectStore, _ key: ObjectKey) async throws {
    let bytes = [UInt8](repeating: 7, count: 100_000)
    // Returns only after the file and its folder are on the disk.
    try await store.put(key, .bytes(bytes), mode: .create, type: "application/octet-stream")
    do {
      try await store.put(key, .bytes([1]), mode: .create, type: "application/octet-stream")
      throw FileFailure("the file system lets an existing object be created again")
    } catch let error as StoreError {
      guard error.kind == .conflict else { throw error }
    }
    let listed = try await store.list(prefix: key.description, after: nil, limit: 1)
    let read = try await store.get(key, range: 10..<20).bytes(limitBytes: 100)
    guard listed.map(\.key) == [key], read == Array(bytes[10..<20]) else {
      throw FileFailure("the file system gives back other files than were written")
    }
    try await store.delete(key)
  }
}
