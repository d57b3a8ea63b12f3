// Messages as the HTTP interface shows them.

import ArchiveCore

/// A message or a system entry, in the one form that every route shows.
struct MessageView: Encodable {
  private let conversationId: ConversationID
  let seq: Int64
  private let senderId: UserID?
  private let kind: String
  private let text: String?
  private let files: [FileSummary]
  private let data: [String: DocumentValueView]?
  private let replyTo: Int64?
  private let clientId: String?
  private let createdAt: Timestamp
  private let editedAt: Timestamp?
  private let deletedAt: Timestamp?

  private enum CodingKeys: CodingKey {
    case conversationId, seq, senderId, kind, text, files, data, replyTo, clientId
    case createdAt, editedAt, deletedAt
  }

  init(_ message: Message) {
    let entry = message.entry
    (conversationId, seq, senderId) = (entry.conversationID, entry.seq, entry.senderID)
    (kind, text) = (entry.kind.rawValue, message.text)
    data = entry.data?.mapValues(DocumentValueView.init)
    (replyTo, clientId, createdAt) = (entry.replyTo, entry.clientID, entry.createdAt)
    (editedAt, deletedAt) = (message.editedAt, message.deletedAt)
    files = message.files.map(FileSummary.init)
  }
}

/// A file as messages show it.
struct FileSummary: Encodable {
  let id: FileID
  let name: String
  let contentType: String
  let size: Int64
  let width: Int64?
  let height: Int64?

  init(_ file: AttachedFile) {
    (id, name, contentType, size) = (file.id, file.name, file.contentType, file.sizeBytes)
    (width, height) = (file.width, file.height)
  }
}

/// A stored value as JSON.
struct DocumentValueView: Encodable {
  let value: DocumentValue

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch value {
    case .bool(let bool): try container.encode(bool)
    case .integer(let number): try container.encode(number)
    case .string(let text): try container.encode(text)
    case .time(let time): try container.encode(time)
    case .array(let values): try container.encode(values.map(DocumentValueView.init))
    case .object(let fields): try container.encode(fields.mapValues(DocumentValueView.init))
    }
  }
}

/// How far somebody has read.
struct ReadView: Encodable {
  let readSeq: Int64
  let unread: Int64
}
