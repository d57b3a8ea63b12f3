// What other nodes do with the log: their entries, and what they archived.

internal import Logging

/// Follows the changes of a store that several processes share, for as long as the log runs.
///
/// - Entries move the heads, count as buffered, and go to the subscribers of live entries. Own entries come back too;
///   they are known, so they are not even decoded.
/// - Archive states say up to where a conversation was flushed, by whomever.
///
/// After a break it resumes where it was: then everything is late and nothing is missing. Where it cannot, the
/// archivist is asked to read the buffer, remembered heads are forgotten, and subscribers are sent back to the log.
struct LogFollower: Sendable {
  let documents: any DocumentStore
  let heads: LogHeads
  let watch: BufferWatch
  let live: LiveFeed
  let surroundings: Surroundings
  let logger: Logger

  /// Follows until cancelled.
  func run() async {
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await followEntries() }
      group.addTask { await followArchiveStates() }
    }
  }

  private func follower(of collection: CollectionName) -> ChangeFollower {
    ChangeFollower(
      collection: collection, documents: documents, surroundings: surroundings, logger: logger)
  }

  private func followEntries() async {
    await follower(of: BufferedEntry.schema.name).run(
      opened: { opening in
        // In both cases: a head that was read in the break may be older than what was missed.
        heads.beginFollowing()
        if opening == .anew {
          live.interrupt()
          watch.askForReading()
        }
      },
      broke: { heads.stopFollowing() },
      heard: { heard(entry: $0.document) })
  }

  private func heard(entry document: Document) {
    // Without a line it is the memory of an archived entry: a trim, and no news.
    guard case .string(let text)? = document["line"], let id = document.id,
      let (conversation, seq) = SeqID.parts(id)
    else { return }
    watch.noted(conversation, seq, bytes: text.utf8.count, at: surroundings.uptime())
    var entry: Entry?
    if heads.isBehind(conversation, seq) || live.isWaiting(for: seq, in: conversation) {
      entry = decoded(document, id)
    }
    if let entry {
      let head = LogHead(seq: seq, ordinal: entry.ordinal)
      heads.advance(conversation, to: head, since: heads.era)
    }
    live.heard(entry, seq, in: conversation)
  }

  private func decoded(_ document: Document, _ id: String) -> Entry? {
    do throws(StoreError) {
      return try BufferedEntry(document: document).entry()
    } catch {
      // Readers and the flush meet the same damage, and refuse.
      logger.critical(
        "a buffered entry is damaged; run verify", metadata: ["id": "\(id)", "error": "\(error)"])
      return nil
    }
  }

  private func followArchiveStates() async {
    await follower(of: ArchiveState.schema.name).run(
      opened: { opening in if opening == .anew { watch.askForReading() } },
      broke: {},
      heard: { change in
        guard let id = change.document.id.flatMap({ ConversationID($0) }),
          case .integer(let archivedSeq)? = change.document["archivedSeq"]
        else { return }
        watch.archived(id, upTo: archivedSeq, restSince: surroundings.uptime())
      })
  }
}
