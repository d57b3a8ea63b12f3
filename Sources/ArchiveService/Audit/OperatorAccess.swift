// What operators do from the command line, as the audit log tells it.

public import ArchiveCore

/// Notes what somebody with the command line read, who needs no account for it.
public struct OperatorAccess: Sendable {
  private let log: AuditLog

  public init(
    documents: any DocumentStore, settings: ServiceSettings, surroundings: Surroundings
  ) {
    log = AuditLog(
      documents: ArchiveService.marking(documents, surroundings: surroundings),
      settings: settings.audit, surroundings: surroundings)
  }

  /// To be noted before anything of the conversation is handed out.
  public func noteReading(of conversation: ConversationID) async throws {
    try await log.note(
      AuditEvent(
        .conversationRead, conversation: conversation, detail: ["by": "the command line"]))
  }
}
