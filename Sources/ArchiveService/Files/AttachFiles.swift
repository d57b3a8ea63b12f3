// Files become part of messages, and leave with them.

import ArchiveCore
import Logging

/// Checks the files that a sender names, and makes the steps that note their use together with the message's entry.
struct AttachFiles: Sendable {
  let files: Files
  let remove: RemoveFile

  /// The ids, where they are some and not too many. Throws a wrong field `files` otherwise.
  func ids(_ texts: [String]) throws -> [FileID] {
    guard texts.count <= files.settings.filesPerMessage else {
      throw ServiceError.field("files", "are more than \(files.settings.filesPerMessage)")
    }
    let ids = texts.compactMap { FileID($0) }
    guard ids.count == texts.count else { throw Self.unknown }
    guard Set(ids).count == ids.count else {
      throw ServiceError.field("files", "name a file twice")
    }
    return ids
  }

  /// The files with these ids, in their order; each is the caller's own, or in a message that the caller can read. Throws
  /// a wrong field `files` otherwise.
  func callAsFunction(_ wanted: [FileID], by caller: Caller) async throws -> [StoredFile] {
    let known = try await files.find(wanted)
    var attached: [StoredFile] = []
    for id in wanted {
      guard let file = known[id] else { throw Self.unknown }
      do {
        try await files.access.check(.pass, to: file, of: caller)
      } catch let error as ServiceError where error.kind == .notFound {
        throw Self.unknown
      }
      attached.append(file)
    }
    return attached
  }

  static let unknown = ServiceError.field("files", "name a file that you do not have")

  /// Notes that the message has the files. Fails the transaction where one was deleted meanwhile.
  static func steps(
    attaching files: [FileID], to seq: Int64, in conversation: ConversationID
  ) -> [TransactionStep] {
    files.flatMap { id -> [TransactionStep] in
      let use = FileUse(fileID: id, conversationID: conversation, seq: seq)
      let file = Filter.and([.id(id.description), .missing("deletedAt")])
      return [
        .update(
          Update(
            StoredFile.schema.name, where: file, [.increment("revision", 1), .unset("looseSince")]),
          mustMatch: true),
        // An edit that was taken back by another may have left one.
        .update(
          Update(
            FileUse.schema.name, where: .id(use.id), [.set("message", .string(use.message))],
            extent: .upsert(insertedOnMiss: Document(["id": .string(use.id)]))), mustMatch: true),
      ]
    }
  }

  /// Notes that the message does not have the files any more.
  func steps(detaching uses: [FileUse]) -> [TransactionStep] {
    uses.flatMap { use -> [TransactionStep] in
      [
        .delete(FileUse.schema.name, where: .id(use.id)),
        .update(
          Update(
            StoredFile.schema.name, where: .id(use.fileID.description),
            [.increment("revision", 1), .set("looseSince", .time(files.surroundings.now()))]),
          mustMatch: false),
      ]
    }
  }

  /// What a message has, by the documents.
  func uses(of seq: Int64, in conversation: ConversationID) async throws(StoreError) -> [FileUse] {
    try await files.uses.find(
      where: .equal("message", .string(FileUse.message(conversation, seq))), limit: 1000)
  }

  /// Deletes those of the files that nothing uses any more. What fails here, `FileCare` does later.
  func removeUnused(_ ids: [FileID]) async {
    do throws(StoreError) {
      for id in ids {
        if let file = try await files.stored.find(id: id.description) {
          try await remove.ifUnused(file)
        }
      }
    } catch {
      files.logger.warning(
        "files of a deleted message could not be deleted; they go later",
        metadata: ["error": "\(error)"])
    }
  }

  /// Takes away what a deleted message still has: an edit at the same moment may have brought it.
  func settleDeleted(_ seq: Int64, in conversation: ConversationID) async throws(StoreError) {
    let left = try await uses(of: seq, in: conversation)
    guard !left.isEmpty else { return }
    try await files.documents.transact(steps(detaching: left))
    await removeUnused(left.map(\.fileID))
  }
}
