// Who may do what: the one table, and the one place for what depends on data.

import ArchiveCore

/// Every route with what it demands. A route without a row does not compile.
///
/// `Routes` asks it before a handler runs; use cases ask `Access`, which asks it for the standing in a
/// conversation, and the functions below for what only the data can tell. Staff is `admin` and `agent`.
/// To everybody but its members a conversation does not exist, admins included: reading what others wrote
/// is a matter of archives, and audited there.
enum RightsTable {
  static func rule(of endpoint: Endpoint) -> Rule {
    switch endpoint {
    // Before there is a session.
    case .signUp, .signIn, .refreshSession, .signingKeys, .confirmEmail, .forgotPassword,
      .resetPassword, .confirmationPage, .submitConfirmation, .resetPage, .submitReset,
      .chatSignUp, .chatSignIn, .chatResetPassword:
      .open
    case .health, .readiness, .metrics, .openAPI, .docs, .docsStyle, .docsScript: .open
    case .webPage, .webFile: .open
    // One's own account, and what everybody may see of others.
    case .signOut, .resendConfirmation, .changePassword, .showOwnUser, .editOwnUser,
      .deactivateOwnUser, .listSessions, .endSession, .endOtherSessions:
      .signedIn
    case .showUser, .searchUsers, .search, .chatShowUser, .chatEditUser: .signedIn
    // One's own list; whom one may write to, `mayMeet` decides.
    case .listConversations, .createConversation, .chatList, .chatCreate: .signedIn
    // A conversation: what more the act demands depends on its kind, see below.
    case .openConversation, .deleteConversation, .putMember, .removeMember, .chatOpen: .member
    case .changeConversation: .memberAdmin
    case .readHistory, .postMessage, .editMessage, .deleteMessage, .markRead, .chatPost,
      .chatHistory:
      .member
    // Links to files: whether the file may be seen, and the link be taken back, the data tell.
    case .createLink, .listLinks, .revokeLinks, .revokeLink, .getOwnLinks: .signedIn
    // The token is the right.
    case .download: .open
    // One's own uploads, and what is in messages that one can read: `FileAccess` looks.
    case .uploadFile, .showFile, .deleteFile, .tusCreate, .tusHead, .tusPatch, .tusDelete,
      .tusOverride:
      .signedIn
    case .tusOptions: .open
    // The agents' work.
    case .listSupport, .takeSupport: .staff
    case .handOverSupport, .closeSupport: .staffInCharge
    // Administration.
    case .listUsers, .showUserToAdmin, .editUser, .endUserSessions: .admin
    case .listAudit, .exportAudit: .admin
    case .listArchives, .showArchive, .listSegments, .downloadSegment, .downloadArchive: .admin
    case .beginVerification, .listVerifications, .showVerification, .cancelVerification: .admin
    }
  }
}

// MARK: What depends on data

extension RightsTable {
  /// Whether one may write to the other, add the other to a conversation, and find the other in a search.
  ///
  /// Staff reaches everybody and is reached by everybody. Designers, merchants and suppliers reach each other.
  /// Customers reach nobody else, and nobody else reaches them, unless the deployment lets customers meet.
  static func mayMeet(_ one: Role, _ other: Role, customersMayMeet: Bool) -> Bool {
    if one.isStaff || other.isStaff || customersMayMeet { return true }
    return one != .customer && other != .customer
  }

  /// Only who is not staff asks staff for help.
  static func mayOpenSupport(_ role: Role) -> Bool { !role.isStaff }

  /// Only the sender changes a text.
  static func mayEdit(_ message: Message, _ caller: Caller) -> Bool {
    message.entry.kind == .message && message.entry.senderID == caller.userID
  }

  /// The sender deletes a message; in a group those who administer it too; an admin who is a member, anywhere.
  static func mayDelete(
    _ message: Message, _ caller: Caller, _ member: Member, in conversation: Conversation
  ) -> Bool {
    guard message.entry.kind == .message else { return false }
    return message.entry.senderID == caller.userID || caller.role == .admin
      || (conversation.kind == .group && member.role.standing >= .administrator)
  }

  /// A file is deleted by who uploaded it. Whoever takes back a message takes its files with it.
  static func mayDelete(_ file: StoredFile, _ caller: Caller) -> Bool {
    file.ownerID == caller.userID
  }

  /// Those who administer a group add members; only its owner adds one as an admin.
  static func mayAdd(as role: MemberRole, by member: Member) -> Bool {
    switch role {
    case .member: member.role.standing >= .administrator
    case .admin: member.role == .owner
    case .owner: false
    }
  }

  /// The owner removes everybody else, admins remove those who are not. Oneself one does not remove: one leaves.
  static func mayRemove(_ other: Member, by member: Member) -> Bool {
    member.role.standing > other.role.standing && member.role.standing >= .administrator
  }

  /// The owner appoints and dismisses admins and hands the group over; an admin may step down. An orphaned group, whose
  /// owner's account is out of use, any of its admins takes over.
  static func mayGive(
    _ role: MemberRole, to other: Member, by member: Member, isOrphaned: Bool
  ) -> Bool {
    if other.userID == member.userID {
      return member.role == .admin && (role == .member || (role == .owner && isOrphaned))
    }
    return member.role == .owner
  }

  /// Who has, or had, a support conversation in charge is in it as one of the staff, and no longer than that.
  static func mayEnter(_ member: Member, _ caller: Caller) -> Bool {
    !mustBeStaff(member) || caller.role.isStaff
  }

  static func mustBeStaff(_ member: Member) -> Bool {
    member.kind == .support && member.role == .admin
  }

  /// A group is deleted by its owner.
  static func mayDelete(_ conversation: Conversation, _ member: Member) -> Bool {
    conversation.kind == .group && member.role == .owner
  }

  /// A waiting support conversation is taken by any of the staff; one that somebody has in charge, by an admin.
  static func mayTake(_ state: SupportState, _ caller: Caller) -> Bool {
    state.status != .taken || state.agentID == caller.userID || caller.role == .admin
  }
}
