// What a message's text and a client's own id must look like.

import ArchiveCore

/// Checks on the input of messages, noted in `FieldErrors`.
///
/// Lengths are counted in bytes: counting characters takes long for hostile text, and one
/// character can be as long as a book.
enum MessageRules {
  /// - Parameter hasFiles: then a message needs no text.
  static func check(
    text: String?, hasFiles: Bool = false, limitBytes: Int, _ errors: inout FieldErrors
  ) {
    guard let text else {
      errors.require(hasFiles, "text", "is missing")
      return
    }
    errors.require(
      text.utf8.count <= limitBytes, "text", "is longer than \(limitBytes) bytes")
    errors.require(!AccountRules.isBlank(text), "text", "is empty")
  }

  static func check(clientID: String?, _ errors: inout FieldErrors) {
    guard let clientID else { return }
    errors.require(
      (1...128).contains(clientID.utf8.count), "clientId", "is not 1 to 128 bytes long")
  }

  /// Appends; what the log finds too large is a fault of the text. Steps that find something else than they expect
  /// miss a file.
  static func append(
    _ draft: EntryDraft, to log: ConversationLog, together steps: StepsWithEntry? = nil
  ) async throws -> AppendedEntry {
    do {
      guard let steps else { return try await log.append(draft) }
      return try await log.append(draft, together: steps)
    } catch {
      switch error.kind {
      case .invalid: throw ServiceError.field("text", "is too long when it is written down")
      case .conflict where steps != nil: throw AttachFiles.unknown
      default: throw error
      }
    }
  }
}
