// How what is about conversations, messages and searches is put together.

import ArchiveCore
import Logging

/// The handlers of conversations, messages and searches, and what they share.
struct ConversationParts: Sendable {
  let conversations: ConversationHandlers
  let messages: MessageHandlers
  let search: SearchHandlers
  let chats: GroupChatHandlers
  /// To be run in the background.
  let stranded: StrandedSupport

  init(
    documents: any DocumentStore, log: ConversationLog, activity: ActivityRecorder,
    audit: AuditLog, attach: AttachFiles, settings: ServiceSettings, surroundings: Surroundings,
    logger: Logger,
    onRead: @escaping MarkRead.OnRead = { _, _, _ in }
  ) {
    let (rules, users) = (settings.conversations, Collection(User.self, in: documents))
    let access = Access(documents: documents)
    let open = OpenConversation(
      access: access, documents: documents, log: log, activity: activity, settings: rules)
    let list = ListConversations(documents: documents, log: log, activity: activity)
    let changes = ConversationChanges(
      documents: documents, log: log, activity: activity, audit: audit, settings: rules)
    let support = SupportWork(
      changes: changes, open: open, users: users, surroundings: surroundings)
    stranded = StrandedSupport(
      documents: documents, support: support, surroundings: surroundings, logger: logger)
    conversations = ConversationHandlers(
      createConversation: CreateConversation(
        documents: documents, open: open, settings: rules, surroundings: surroundings),
      listConversations: list, openConversation: open,
      changeConversation: ChangeConversation(changes: changes, open: open),
      deleteConversation: DeleteConversation(
        documents: documents, changes: changes, log: log, activity: activity,
        surroundings: surroundings),
      putMember: PutMember(
        changes: changes, open: open, users: users, settings: rules,
        surroundings: surroundings),
      removeMember: RemoveMember(changes: changes, users: users, surroundings: surroundings),
      support: support,
      listSupport: ListSupport(documents: documents, log: log, activity: activity),
      settings: rules, bodyLimitBytes: settings.http.bodyLimitBytes)
    messages = Self.messages(
      access,
      MarkRead(
        access: access, documents: documents, log: log, activity: activity, onRead: onRead),
      log, activity, support, attach, settings)
    search = SearchHandlers(
      users: SearchUsers(documents: documents, settings: rules),
      conversations: SearchConversations(
        documents: documents, list: list, activity: activity, settings: rules),
      settings: rules)
    chats = GroupChatHandlers(messages: messages)
  }

  private static func messages(
    _ access: Access, _ markRead: MarkRead, _ log: ConversationLog, _ activity: ActivityRecorder,
    _ support: SupportWork, _ attach: AttachFiles, _ settings: ServiceSettings
  ) -> MessageHandlers {
    MessageHandlers(
      postMessage: PostMessage(
        access: access, log: log, activity: activity, support: support, attach: attach,
        settings: settings.messages),
      editMessage: EditMessage(
        access: access, log: log, activity: activity, attach: attach, settings: settings.messages),
      deleteMessage: DeleteMessage(access: access, log: log, activity: activity, attach: attach),
      readHistory: ReadHistory(access: access, log: log), markRead: markRead,
      settings: settings.messages, bodyLimitBytes: settings.http.bodyLimitBytes)
  }
}
