// A migration under way: copy, compare, verify, complete.

/// A migration whose source is held and whose target is claimed. Call `finish` or `giveUp`, once.
public struct BegunMigration: Sendable {
  let migration: ArchiveMigration
  let hold: SourceHold
  let census: SourceCensus
  let record: MigrationRecord

  /// How much of a step is done, and of how much, where that is known.
  public typealias Progress = @Sendable (MigrationStep, _ done: Int, _ total: Int?) -> Void

  /// An earlier attempt left something here.
  public var isResumed: Bool { record.areObjectsDone || record.objectsBehind != nil }
  /// An earlier attempt finished; `finish` only compares.
  public var isComplete: Bool { record.isComplete }

  /// Lets go of the source; the target keeps what it has.
  public func giveUp() async { await hold.release() }

  /// Copies what is missing, compares both places, verifies the target and marks it complete.
  ///
  /// Throws `corrupt` where an object of the source is not what its manifest says, `conflict` where the target holds
  /// something else in the place of what is to be copied, `refused` where the source changed meanwhile.
  public func finish(progress: @escaping Progress = { _, _, _ in }) async throws(StoreError)
    -> MigrationReport
  {
    let outcome: Result<MigrationReport, StoreError>
    do throws(StoreError) {
      outcome = .success(
        try await hold.during { () async throws(StoreError) in try await move(progress) })
    } catch {
      outcome = .failure(error)
    }
    await hold.release()
    return try outcome.get()
  }

  /// Objects first: so no document of the target ever names an object that is not there.
  private func move(_ progress: @escaping Progress) async throws(StoreError) -> MigrationReport {
    if record.isComplete { return try await confirm(progress) }
    var record = record
    try await copyObjects(&record, progress)
    for schema in migration.collections { try await copy(schema, &record, progress) }
    let report = try await check(progress)
    record.completedAt = migration.surroundings.now()
    try await save(record)
    return report
  }

  private func check(_ progress: @escaping Progress) async throws(StoreError) -> MigrationReport {
    var report = MigrationReport()
    for schema in migration.collections { try await compare(schema, &report, progress) }
    try await compareObjects(&report, progress)
    report.verification = try await verify(progress)
    return report
  }

  /// A target that was finished may be in use by now: it is only looked at.
  private func confirm(_ progress: @escaping Progress) async throws(StoreError)
    -> MigrationReport
  {
    do throws(StoreError) {
      return try await check(progress)
    } catch {
      guard error.kind == .conflict else { throw error }
      throw StoreError(
        .refused, "the target was finished before, and does not hold what the source holds now",
        hint: "one of the two was used since; name an empty target. Nothing was changed",
        cause: StoreError(.conflict, error.message))
    }
  }

  private func copyObjects(_ record: inout MigrationRecord, _ progress: Progress)
    async throws(StoreError)
  {
    if record.areObjectsDone { return }
    if migration.movesObjects {
      let copy = ObjectCopy(migration)
      var done = 0
      var after = record.objectsBehind.flatMap { ObjectKey($0) }
      while true {
        let page = try await copy.nextPage(after: after)
        guard let last = page.last?.key else { break }
        try await copy.copy(page)
        done += page.count
        progress(.objects, done, nil)
        (after, record.objectsBehind) = (last, last.description)
        try await save(record)
      }
    }
    record.areObjectsDone = true
    try await save(record)
  }

  private func copy(
    _ schema: CollectionSchema, _ record: inout MigrationRecord, _ progress: Progress
  ) async throws(StoreError) {
    let known = record.cursor(of: schema.name)
    if known?.isDone == true { return }
    var walk = DocumentWalk(
      schema, in: migration.source.documents, after: known?.behind, migration)
    let copy = DocumentCopy(migration, schema.name)
    var done = 0
    while true {
      let page = try await walk.nextPage()
      guard let last = page.last?.id else { break }
      try await copy.insert(page)
      done += page.count
      progress(.documents(schema.name), done, census.counts[schema.name])
      record.note(schema.name, behind: last, isDone: false)
      try await save(record)
    }
    record.note(schema.name, behind: nil, isDone: true)
    try await save(record)
  }

  private func compare(
    _ schema: CollectionSchema, _ report: inout MigrationReport, _ progress: Progress
  ) async throws(StoreError) {
    var comparison = DocumentComparison(schema, migration)
    let total = census.counts[schema.name]
    var done = 0
    while try await comparison.next() {
      done += 1
      if done.isMultiple(of: 100) { progress(.comparing(schema.name), done, total) }
    }
    report.documents += done
  }

  private func compareObjects(_ report: inout MigrationReport, _ progress: Progress)
    async throws(StoreError)
  {
    guard migration.movesObjects else { return }
    var comparison = ObjectComparison(migration)
    while let object = try await comparison.next() {
      report.objects += 1
      report.objectBytes += object.sizeBytes
      if report.objects.isMultiple(of: 100) { progress(.comparingObjects, report.objects, nil) }
    }
  }

  private func verify(_ progress: @escaping Progress) async throws(StoreError)
    -> VerificationReport
  {
    let verifier = ArchiveVerifier(
      documents: migration.target.documents, objects: migration.target.objects,
      settings: migration.settings, anchorKey: migration.anchorKey,
      surroundings: migration.surroundings)
    let report = try await verifier.verify(nil) { progress(.verifying, $0, $1) }
    guard let problem = report.problems.first else { return report }
    throw StoreError(
      .corrupt, "the target is not whole problems=`\(report.problems.count)` first=`\(problem)`",
      hint: "run verify on the source; where all is well there, empty the target and begin again")
  }

  private func save(_ record: MigrationRecord) async throws(StoreError) {
    try await migration.surroundings.patiently { () async throws(StoreError) in
      try await record.save(in: migration.target.documents)
    }
  }
}

extension Surroundings {
  /// Tries work again that may be done twice, while a store is away: for about a minute and a half.
  func patiently<Value>(_ work: () async throws(StoreError) -> Value) async throws(StoreError)
    -> Value
  {
    for attempt in 1... {
      if Task.isCancelled { break }
      do throws(StoreError) {
        return try await work()
      } catch {
        guard error.kind == .unavailable, attempt < 8 else { throw error }
      }
      do { try await sleep(backoff(after: attempt, atMost: .seconds(30))) } catch { break }
    }
    throw StoreError(.unavailable, "the migration was cancelled")
  }
}
