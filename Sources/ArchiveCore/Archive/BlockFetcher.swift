// One block from the object store, checked against its manifest.

/// Gets a block by a range read and checks everything that can be checked about it.
struct BlockFetcher: Sendable {
  let objects: any ObjectStore
  /// No block is larger, compressed or not; a manifest that says so is corrupt.
  let limitBytes: Int

  /// The block; `corrupt` where it is damaged.
  func block(_ place: SegmentManifest.BlockPlace, of manifest: SegmentManifest)
    async throws(StoreError) -> CheckedBlock
  {
    let outcome: Result<CheckedBlock, CheckedBlock.Damage>
    do {
      outcome = try await inspect(place, of: manifest)
    } catch {
      guard error.kind == .invalid else { throw error }
      // No fault of whoever asked for the block.
      throw StoreError(
        .corrupt,
        "an object ends before one of its blocks key=`\(manifest.key)` offset=`\(place.offset)`",
        hint: "run verify", cause: error)
    }
    switch outcome {
    case .success(let block): return block
    case .failure(let damage):
      throw StoreError(
        .corrupt,
        "a block is damaged: \(damage.description) key=`\(manifest.key)` offset=`\(place.offset)`",
        hint: "run verify")
    }
  }

  /// The block, or what is wrong with it.
  func inspect(_ place: SegmentManifest.BlockPlace, of manifest: SegmentManifest)
    async throws(StoreError) -> Result<CheckedBlock, CheckedBlock.Damage>
  {
    guard let key = ObjectKey(manifest.key), place.isPossible(limitBytes: limitBytes) else {
      throw StoreError(.corrupt, "a manifest has an impossible place id=`\(manifest.id)`")
    }
    let object = try await objects.get(key, range: place.offset..<place.offset + place.length)
    let bytes = try await object.bytes(limitBytes: Int(place.length))
    do {
      let checked = try CheckedBlock(decoding: bytes[...], limitBytes: Int(place.plainLength))
      return manifest.describes(checked.block, at: place)
        ? .success(checked) : .failure(.misplaced(checked.block))
    } catch {
      return .failure(error)
    }
  }
}

extension CheckedBlock.Damage {
  fileprivate static func misplaced(_ block: Block) -> CheckedBlock.Damage {
    CheckedBlock.Damage(
      .misplaced,
      "another block lies here conversation=`\(block.conversationID)` firstSeq=`\(block.firstSeq)` lastSeq=`\(block.lastSeq)`"
    )
  }
}

extension SegmentManifest.BlockPlace {
  /// Whether the numbers can be used for arithmetic and memory at all.
  func isPossible(limitBytes: Int) -> Bool {
    offset >= 0 && length > 0 && length <= Int64(limitBytes) && plainLength > 0
      && plainLength <= Int64(limitBytes) && offset <= .max - length
  }
}

extension SegmentManifest {
  /// Whether a block that was read is the one that the manifest means.
  func describes(_ block: Block, at place: BlockPlace) -> Bool {
    block.conversationID == conversationId && block.firstSeq == place.firstSeq
      && block.lastSeq == place.lastSeq && block.headAfter.description == place.headAfter
  }
}
