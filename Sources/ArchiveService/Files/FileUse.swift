// Where a file is used.

import ArchiveCore

/// That a message has a file. Written in the transaction of the message's entry, taken away in that of its deletion.
///
/// The identifier is `{file}/{conversation}/{seq}`, so the uses of a file are a range of identifiers.
struct FileUse: Sendable, StoredDocument {
  let fileID: FileID
  let conversationID: ConversationID
  /// The message's.
  let seq: Int64

  var id: String { "\(fileID)/\(message)" }

  var message: String { Self.message(conversationID, seq) }

  static func message(_ conversation: ConversationID, _ seq: Int64) -> String {
    "\(conversation)/\(seq)"
  }

  /// All uses of a file.
  static func filter(of file: FileID) -> Filter { .prefix("id", "\(file)/") }

  static let schema = CollectionSchema(
    "fileUses", indexes: [CollectionIndex("message", on: [.ascending("message")])])
}

extension FileUse {
  init(document: Document) throws(StoreError) {
    let parts = (document.id ?? "").split(separator: "/")
    guard parts.count == 3, let file = FileID(String(parts[0])),
      let conversation = ConversationID(String(parts[1])), let seq = Int64(parts[2])
    else { throw StoreError(.corrupt, "the use of a file has no proper id") }
    self.init(fileID: file, conversationID: conversation, seq: seq)
  }

  func document() throws(StoreError) -> Document {
    Document(["id": .string(id), "message": .string(message)])
  }
}
