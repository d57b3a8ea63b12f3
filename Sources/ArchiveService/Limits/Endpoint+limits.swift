// Which endpoints are limited, and by which rule.

extension Endpoint {
  /// The rule that the router counts each request against, before anything else is done for it.
  ///
  /// The paths of the group-chat specification count as those that they stand for.
  var rateRule: RateRule? {
    switch self {
    // Each of them hashes a password.
    case .signIn, .resetPassword, .submitReset, .changePassword, .deactivateOwnUser: .signIn
    case .signUp: .signUp
    case .forgotPassword, .resendConfirmation: .mail
    case .searchUsers, .search, .listUsers, .listArchives: .search
    // What others are shown.
    case .createConversation, .changeConversation, .deleteConversation, .putMember, .removeMember,
      .takeSupport, .handOverSupport, .closeSupport, .postMessage, .editMessage, .deleteMessage,
      .editOwnUser, .createLink:
      .send
    case .download: .download
    case .deleteFile: .send
    // Pieces are not counted: a client chooses their size, and bytes have limits of their own.
    case .uploadFile, .tusCreate: .upload
    case .showFile, .tusOptions, .tusHead, .tusPatch, .tusDelete, .tusOverride: nil
    // What costs no more than a look, is asked all the time, or is for admins alone.
    case .refreshSession, .signOut, .signingKeys, .confirmEmail, .confirmationPage,
      .submitConfirmation, .resetPage, .showOwnUser, .showUser,
      .listSessions, .endSession, .endOtherSessions, .showUserToAdmin, .editUser, .endUserSessions,
      .listLinks, .revokeLinks, .revokeLink, .getOwnLinks, .listConversations, .openConversation,
      .listSupport, .readHistory, .markRead, .listAudit,
      .exportAudit, .showArchive, .listSegments, .downloadSegment, .downloadArchive,
      .beginVerification, .listVerifications, .showVerification, .cancelVerification, .health,
      .readiness, .metrics, .openAPI, .docs, .docsStyle, .docsScript,
      .webPage, .webFile:
      nil
    case .chatSignUp, .chatSignIn, .chatResetPassword, .chatShowUser, .chatEditUser, .chatList,
      .chatCreate, .chatOpen, .chatPost, .chatHistory:
      original?.rateRule
    }
  }
}
