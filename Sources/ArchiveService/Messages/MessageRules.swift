// What a message's text and a client's own id must look like.

import ArchiveCore

/// Checks on the input of messages, noted in `FieldErrors`.
///
/// Lengths are counted in bytes: counting characters takes long for hostile text, and one
/// character can be as long as a book.
enum MessageRules {
  static func check(text: String?, limitBytes: Int, _ errors: inout FieldErrors) {
    guard let text else {
      errors.require(false, "text", "is missing")
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

  /// Appends; what the log finds too large is a fault of the text.
  static func append(_ draft: EntryDraft, to log: ConversationLog) async throws -> AppendedEntry {
    do {
      return try await log.append(draft)
    } catch {
      guard error.kind == .invalid else { throw error }
      throw ServiceError.field("text", "is too long when it is written down")
    }
  }
}
