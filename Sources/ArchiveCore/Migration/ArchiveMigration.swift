// Moves a whole deployment from one pair of stores to another: who may begin, and on what.

/// A move of all documents and objects to stores that hold nothing else.
///
/// Documents and objects keep their identifiers, keys and bytes, so the hash chains stay as they are. The source
/// is only read, under its archive lease; the target remembers how far it came, so that a move that was killed at any
/// moment goes on where it was. What belongs to a deployment and not to its archive stays behind: see `schemas`.
public struct ArchiveMigration: Sendable {
  /// Two stores that belong together.
  public struct Place: Sendable {
    public let documents: any DocumentStore
    public let objects: any ObjectStore

    public init(documents: any DocumentStore, objects: any ObjectStore) {
      (self.documents, self.objects) = (documents, objects)
    }
  }

  let source: Place
  let target: Place
  let collections: [CollectionSchema]
  private let otherSchemas: [CollectionSchema]
  let movesObjects: Bool
  let settings: LogSettings
  let anchorKey: AnchorKey
  let pageLimit: Int
  let surroundings: Surroundings

  /// Collections of the core that are never copied: who archives there, and the note of a migration.
  private static let staysBehind = [LeaseDocument.schema, MigrationRecord.schema]

  /// - Parameters:
  ///   - schemas: all collections of the deployment. Leases are left out by themselves.
  ///   - deploymentSchemas: those among them whose documents are made for each deployment, so are not copied.
  ///   - movesObjects: false where both places have the same object store, which stays as it is.
  ///   - settings: of the source; the lease is held for its `leaseLifetime`.
  ///   - anchorKey: the one key of both.
  ///   - pageLimit: documents, or objects, that are read at once. A document may have 512 KiB and more, and two pages
  ///     are in memory together.
  public init(
    from source: Place, to target: Place, schemas: [CollectionSchema],
    deploymentSchemas: [CollectionSchema], movesObjects: Bool = true, settings: LogSettings,
    anchorKey: AnchorKey, pageLimit: Int = 200, surroundings: Surroundings
  ) {
    (self.source, self.target, self.movesObjects) = (source, target, movesObjects)
    otherSchemas = deploymentSchemas + Self.staysBehind
    let others = Set(otherSchemas.map(\.name))
    collections = schemas.filter { !others.contains($0.name) }
    (self.settings, self.anchorKey) = (settings, anchorKey)
    (self.pageLimit, self.surroundings) = (pageLimit, surroundings)
  }

  /// Whether the documents are the target of a migration that was not finished: nobody may use them then.
  public static func isUnfinished(in documents: any DocumentStore) async throws(StoreError) -> Bool
  {
    try await documents.prepare([MigrationRecord.schema])
    return try await MigrationRecord.find(in: documents)?.isComplete == false
  }

  /// Takes the source's archive lease and claims the target. Waits where a process was killed that held the lease.
  ///
  /// Throws `refused` where the target is not empty and holds no migration from this very source, where the source
  /// is not whole, and where a server archives there.
  public func begin() async throws(StoreError) -> BegunMigration {
    try await source.documents.prepare(collections + otherSchemas)
    try await target.documents.prepare(collections + otherSchemas)
    guard try await !Self.isUnfinished(in: source.documents) else {
      throw StoreError(
        .refused, "the source is itself the target of a migration that was not finished",
        hint: "finish that one first")
    }
    let hold = try await SourceHold(
      documents: source.documents, lifetime: settings.leaseLifetime, surroundings: surroundings)
    do throws(StoreError) {
      let census = try await SourceCensus(
        of: collections, in: source.documents, anchorKey: anchorKey)
      return BegunMigration(
        migration: self, hold: hold, census: census, record: try await claim(census))
    } catch {
      await hold.release()
      throw error
    }
  }

  /// The record of the target: a new one where it is empty, else that of an earlier attempt.
  private func claim(_ census: SourceCensus) async throws(StoreError) -> MigrationRecord {
    if let known = try await MigrationRecord.find(in: target.documents) {
      return try checked(known, census)
    }
    if let what = try await somethingInTarget() {
      throw StoreError(
        .refused, "the target is not empty: it holds \(what)",
        hint: "name an empty place as the target; nothing was changed")
    }
    let record = MigrationRecord(source: census.fingerprint, at: surroundings.now())
    do throws(StoreError) {
      try await Collection(MigrationRecord.self, in: target.documents).insert(record)
      return record
    } catch {
      // Another process was faster, or this one: a first attempt whose answer was lost.
      guard error.kind == .conflict || error.kind == .unavailable,
        let known = try await MigrationRecord.find(in: target.documents)
      else { throw error }
      return try checked(known, census)
    }
  }

  private func checked(_ known: MigrationRecord, _ census: SourceCensus) throws(StoreError)
    -> MigrationRecord
  {
    guard known.source == census.fingerprint else {
      throw StoreError(
        .refused,
        "the target holds \(known.isComplete ? "a" : "an interrupted") migration from another source, "
          + "or from this one before it was changed",
        hint: "empty the target, or name another, and begin again")
    }
    return known
  }

  /// What a target must not hold, for people; `nil` where it is empty.
  private func somethingInTarget() async throws(StoreError) -> String? {
    for schema in collections + otherSchemas {
      let query = Query(schema.name, limit: 1)
      if try await !target.documents.find(query).isEmpty {
        return "documents collection=`\(schema.name)`"
      }
    }
    guard movesObjects else { return nil }
    let object = try await target.objects.list(prefix: "", after: nil, limit: 1).first
    return object.map { "objects key=`\($0.key)`" }
  }
}

/// What a migration is doing, for those who wait.
public enum MigrationStep: Hashable, Sendable {
  case objects
  case documents(CollectionName)
  case comparing(CollectionName)
  case comparingObjects
  case verifying
}

/// What was moved, counted in the target once it was compared with the source.
public struct MigrationReport: Sendable {
  public internal(set) var documents = 0
  public internal(set) var objects = 0
  public internal(set) var objectBytes: Int64 = 0
  /// What the verification of the target looked at.
  public internal(set) var verification = VerificationReport()
}
