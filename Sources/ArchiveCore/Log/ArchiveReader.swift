// Archived entries by seq: manifests find the blocks, the cache fetches them.

/// Reads the archived part of a conversation.
struct ArchiveReader: Sendable {
  let known: ManifestCache
  let cache: BlockCache

  /// The archived entries of the range, all of them, in rising seq. `corrupt` where one, or its object, is missing.
  func entries(_ conversation: ConversationID, _ range: ClosedRange<Int64>)
    async throws(StoreError) -> [Entry]
  {
    do throws(StoreError) {
      return try await read(conversation, range)
    } catch  where error.kind == .notFound {
      // A remembered manifest may be of before a compaction whose packs are deleted by now.
      known.forget(conversation)
      return try await readPresent(conversation, range)
    }
  }

  /// Reads what the manifests of this moment name. That an object is missing is damage now, and not an answer:
  /// "there is nothing here" would tell a reader that the conversation does not exist.
  private func readPresent(_ conversation: ConversationID, _ range: ClosedRange<Int64>)
    async throws(StoreError) -> [Entry]
  {
    do throws(StoreError) {
      return try await read(conversation, range)
    } catch {
      guard error.kind == .notFound else { throw error }
      throw StoreError(
        .corrupt, "an archived object is missing conversation=`\(conversation)`",
        hint: "run verify", cause: error)
    }
  }

  private func read(_ conversation: ConversationID, _ range: ClosedRange<Int64>)
    async throws(StoreError) -> [Entry]
  {
    var entries: [Entry] = []
    var next = range.lowerBound
    for manifest in try await known.manifests(conversation, covering: range) {
      for place in manifest.blocks where place.lastSeq >= next && place.firstSeq <= range.upperBound
      {
        let block = try await cache.block(place, of: manifest).entries
        // Entries of a checked block are consecutive, so the wanted ones are a slice.
        let from = Int(next - place.firstSeq)
        let to = Int(min(range.upperBound, place.lastSeq) - place.firstSeq)
        guard from >= 0, to < block.count else { break }
        entries += block[from...to]
        next = place.firstSeq + Int64(to) + 1
      }
    }
    guard next == range.upperBound + 1 else {
      throw StoreError(
        .corrupt,
        "an archived entry is missing conversation=`\(conversation)` seq=`\(next)`",
        hint: "run verify")
    }
    return entries
  }
}
