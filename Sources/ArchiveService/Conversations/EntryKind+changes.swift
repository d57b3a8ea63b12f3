// The entries that say how a conversation changed.

import ArchiveCore

/// None of them counts as a message. `senderID` is who did it; `data` names whom or what it is about, by ids.
extension EntryKind {
  /// `{userId, role, history}`: `all` or `none` of what was said before.
  static let memberAdded = EntryKind(rawValue: "memberAdded")
  /// `{userId}`
  static let memberRemoved = EntryKind(rawValue: "memberRemoved")
  /// `{userId, newOwnerId?}`: who leaves a group that is theirs leaves it to somebody.
  static let memberLeft = EntryKind(rawValue: "memberLeft")
  /// `{userId, role, previousOwnerId?}`
  static let roleChanged = EntryKind(rawValue: "roleChanged")
  /// `{title?}`
  static let titleChanged = EntryKind(rawValue: "titleChanged")
  /// `{description?}`
  static let descriptionChanged = EntryKind(rawValue: "descriptionChanged")
  /// `{}`: the last entry of a deleted group.
  static let conversationDeleted = EntryKind(rawValue: "conversationDeleted")
  /// `{agentId}`
  static let supportTaken = EntryKind(rawValue: "supportTaken")
  /// `{agentId?}`: without one it waits in the queue again.
  static let supportHandedOver = EntryKind(rawValue: "supportHandedOver")
  /// `{}`
  static let supportClosed = EntryKind(rawValue: "supportClosed")
  /// `{}`
  static let supportReopened = EntryKind(rawValue: "supportReopened")
}
