// Where an archive's objects lie, remembered with its documents.

import ArchiveCore

/// The engine, bucket and prefix that a deployment began with.
///
/// Documents name objects by key alone. With other settings those keys lead nowhere, and the archive
/// would look lost; so the place is written down, and another is refused. The endpoint is no part of it: a
/// server may move, and has a name inside and one outside.
struct ObjectPlace: Codable, Hashable, Sendable {
  static let schema = DeploymentDocuments.schema
  private static let documentID = "objects"

  let id: String
  let engine: String
  let bucket: String
  let prefix: String

  init(_ settings: Settings) {
    id = Self.documentID
    let isBucket = settings.s3.client != nil
    engine = isBucket ? "s3" : "directory"
    bucket = isBucket ? settings.s3.bucket ?? "" : ""
    prefix = isBucket ? settings.s3.prefix : ""
  }

  /// Throws where the objects lie elsewhere. `mayMove` lets an archive without objects begin anew here.
  func claim(in documents: any DocumentStore, mayMove: Bool) async throws {
    let places = Collection(ObjectPlace.self, in: documents)
    if let known = try await places.find(id: id) {
      if known == self { return }
      guard mayMove, try await !hasObjects(documents) else { throw refusal(known) }
      try await move(places)
      return
    }
    // Archives that are older than this document lie in a directory.
    if engine != "directory", try await hasObjects(documents) {
      throw refusal(ObjectPlace(Settings()))
    }
    do {
      try await places.insert(self)
    } catch {
      guard error.kind == .conflict else { throw error }
      // Another process was faster; whether it means the same place is seen now.
      guard try await places.find(id: id) == self else { throw refusal(nil) }
    }
  }

  /// Why these settings would be refused; `nil` where they fit or nothing is known. Changes nothing.
  func refusal(by documents: any DocumentStore) async throws -> CommandFailure? {
    let known = try await Collection(ObjectPlace.self, in: documents).find(id: id)
    let isElsewhere = known.map { $0 != self } ?? (engine != "directory")
    guard isElsewhere, try await hasObjects(documents) else { return nil }
    return refusal(known ?? ObjectPlace(Settings()))
  }

  private func hasObjects(_ documents: any DocumentStore) async throws(StoreError) -> Bool {
    try await !documents.find(Query(SegmentManifest.schema.name, limit: 1)).isEmpty
  }

  private func move(_ places: Collection<ObjectPlace>) async throws(StoreError) {
    try await places.update(
      where: .id(id),
      [
        .set("engine", .string(engine)), .set("bucket", .string(bucket)),
        .set("prefix", .string(prefix)),
      ])
  }

  private func refusal(_ known: ObjectPlace?) -> CommandFailure {
    CommandFailure(
      "the archive's objects lie in \(known?.text ?? "another place"), but the settings name \(text); "
        + "put data.directory and s3.… back as they were, or begin with an empty data.directory. "
        + "archive-service migrate moves an archive to another place")
  }

  private var text: String {
    engine == "directory"
      ? "the data directory"
      : "the bucket \(bucket)" + (prefix.isEmpty ? "" : " under the prefix \(prefix)")
  }
}

extension ObjectPlace: StoredDocument {}
