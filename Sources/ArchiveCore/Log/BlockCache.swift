// Decoded blocks, kept for the next reader, with a bound; each is fetched once however many wait for it.

/// Fetches, checks and keeps blocks.
///
/// An actor, because callers that want the same block at the same time share one fetch.
actor BlockCache {
  /// A block's place in the object store; objects never change, so this names its content.
  struct Place: Hashable, Sendable {
    let key: String
    let offset: Int64
  }

  private let fetcher: BlockFetcher
  private var blocks: RecentlyUsed<Place, CheckedBlock>
  private var fetches: [Place: Task<CheckedBlock, any Error>] = [:]

  /// - Parameter limitBytes: decompressed bytes kept. The entries made of them take about as much again.
  init(fetcher: BlockFetcher, limitBytes: Int) {
    self.fetcher = fetcher
    blocks = RecentlyUsed(limit: limitBytes)
  }

  /// The block of a manifest, checked against the manifest and its own hash chain.
  func block(_ place: SegmentManifest.BlockPlace, of manifest: SegmentManifest)
    async throws(StoreError) -> CheckedBlock
  {
    let name = Place(key: manifest.key, offset: place.offset)
    if let block = blocks.value(name) { return block }
    // Not a child task: several callers wait for it, and none of them may cancel it for the others.
    let fetch = fetches[name] ?? Task { [fetcher] in try await fetcher.block(place, of: manifest) }
    fetches[name] = fetch
    let result = await fetch.result
    fetches[name] = nil
    switch result {
    case .success(let block):
      blocks.insert(block, for: name, cost: Int(clamping: place.plainLength))
      return block
    case .failure(let error as StoreError): throw error
    case .failure(let error):
      throw StoreError(.unavailable, "reading a block broke off key=`\(name.key)`", cause: error)
    }
  }
}
