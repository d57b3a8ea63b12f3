// Nobody archives at the source of a migration while it is read.

/// The archive lease of the source, taken and renewed until it is given back.
///
/// It is the only document of the source that a migration writes. A server that runs there all the same can accept
/// messages; that is found by the comparison at the end.
struct SourceHold: Sendable {
  private let documents: any DocumentStore
  private let lease: ArchiveLease
  private let surroundings: Surroundings

  /// How often somebody looks whether a lease has become free.
  private static let look = Duration.milliseconds(500)

  /// Takes the lease; waits for as long as one that was killed keeps it.
  init(documents: any DocumentStore, lifetime: Duration, surroundings: Surroundings)
    async throws(StoreError)
  {
    let taker = LeaseTaker(documents: documents, lifetime: lifetime, surroundings: surroundings)
    let start = surroundings.uptime()
    while true {
      if let lease = try await taker.take() {
        (self.documents, self.lease, self.surroundings) = (documents, lease, surroundings)
        return
      }
      // Once round the lifetime it is abandoned, unless somebody renews it.
      guard surroundings.uptime() - start <= lifetime + Self.look * 4 else {
        throw StoreError(
          .refused, "a server archives at the source",
          hint: "stop all servers of the source and run the migration again")
      }
      do { try await surroundings.sleep(min(Self.look, lifetime / 4)) } catch {
        throw StoreError(.unavailable, "the migration was cancelled")
      }
    }
  }

  /// Does the work while the lease is renewed; ends with `refused` where somebody else took it.
  func during<Value: Sendable>(
    _ work: @escaping @Sendable () async throws(StoreError) -> Value
  ) async throws(StoreError) -> Value {
    let result = await withTaskGroup(of: Result<Value, StoreError>.self) { group in
      group.addTask { .failure(await renewing()) }
      group.addTask {
        do throws(StoreError) { return .success(try await work()) } catch { return .failure(error) }
      }
      let first = await group.next()
      group.cancelAll()
      return first
    }
    guard let result else { throw StoreError(.unavailable, "the migration did not run") }
    return try result.get()
  }

  /// Returns when the lease is lost, or nobody waits any more.
  private func renewing() async -> StoreError {
    var renewedAt = surroundings.uptime()
    while true {
      do {
        try await surroundings.sleep(lease.lifetime / 4)
      } catch {
        return StoreError(.unavailable, "the migration was cancelled")
      }
      do throws(StoreError) {
        let before = surroundings.uptime()
        try await documents.transact([lease.renewal(at: surroundings.now())])
        renewedAt = before
      } catch {
        let isTooLate = surroundings.uptime() - renewedAt >= lease.lifetime
        if error.kind == .conflict || isTooLate { return lost(error) }
      }
    }
  }

  private func lost(_ cause: StoreError) -> StoreError {
    StoreError(
      .refused, "the archive lease of the source was lost",
      hint: "stop all servers of the source and run the migration again", cause: cause)
  }

  /// Gives the lease back. One that cannot be given back expires.
  func release() async { try? await lease.release(in: documents) }
}
