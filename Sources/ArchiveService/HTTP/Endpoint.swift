// Every address of the service as data: the router, the 405 answers and the OpenAPI document are made from it.

import HTTPTypes

/// One method on one path.
enum Endpoint: String, CaseIterable, Sendable {
  case signUp, signIn, refreshSession, signOut
  case signingKeys
  case confirmEmail, resendConfirmation, forgotPassword, resetPassword, changePassword
  case confirmationPage, submitConfirmation, resetPage, submitReset
  case showOwnUser, editOwnUser, deactivateOwnUser, showUser
  case listSessions, endSession, endOtherSessions
  case listUsers, showUserToAdmin, editUser, endUserSessions
  case listConversations, createConversation, openConversation
  case changeConversation, deleteConversation, putMember, removeMember
  case listSupport, takeSupport, handOverSupport, closeSupport
  case searchUsers, search
  case chatSignUp, chatSignIn, chatResetPassword, chatShowUser, chatEditUser
  case chatList, chatCreate, chatOpen, chatPost, chatHistory
  case readHistory, postMessage, editMessage, deleteMessage, markRead
  case createLink, listLinks, revokeLinks, revokeLink, getOwnLinks, download
  case uploadFile, showFile, deleteFile
  case tusOptions, tusCreate, tusHead, tusPatch, tusDelete, tusOverride
  case listAudit, exportAudit
  case listArchives, showArchive, listSegments, downloadSegment, downloadArchive
  case beginVerification, listVerifications, showVerification, cancelVerification
  case health, readiness, metrics, openAPI, docs, docsStyle, docsScript
  case webPage, webFile

  /// Everything about it that is not code.
  struct Description: Sendable {
    let method: HTTPRequest.Method
    /// With parameters in braces, as in OpenAPI.
    let path: String
    let tag: String
    let summary: String
    let needsSignIn: Bool
    /// The names of the schemas of body and answer.
    let takes: String?
    /// Whether there must be a body.
    let needsBody: Bool
    let answers: [(status: Int, schema: String?, meaning: String)]
    let query: [String]

    init(
      _ method: HTTPRequest.Method, _ path: String, _ tag: String, _ summary: String,
      open: Bool = false, takes: String? = nil, takesIfAny: String? = nil, query: [String] = [],
      answers: [(status: Int, schema: String?, meaning: String)]
    ) {
      (self.method, self.path, self.tag, self.summary) = (method, path, tag, summary)
      (needsSignIn, self.answers, self.query) = (!open, answers, query)
      (self.takes, needsBody) = (takes ?? takesIfAny, takes != nil)
    }
  }

  var description: Description {
    switch self {
    case .signUp, .signIn, .refreshSession, .signOut, .signingKeys, .confirmEmail,
      .resendConfirmation, .forgotPassword, .resetPassword, .changePassword:
      signInDescription
    case .confirmationPage, .submitConfirmation, .resetPage, .submitReset: letterPageDescription
    case .showOwnUser, .editOwnUser, .deactivateOwnUser, .showUser, .listSessions, .endSession,
      .endOtherSessions:
      accountDescription
    case .listUsers, .showUserToAdmin, .editUser, .endUserSessions:
      administrationDescription
    case .listConversations, .createConversation, .openConversation, .changeConversation,
      .deleteConversation:
      conversationDescription
    case .putMember, .removeMember: memberDescription
    case .listSupport, .takeSupport, .handOverSupport, .closeSupport: supportDescription
    case .searchUsers, .search: searchDescription
    case .chatSignUp, .chatSignIn, .chatResetPassword, .chatShowUser, .chatEditUser, .chatList,
      .chatCreate, .chatOpen, .chatPost, .chatHistory:
      groupChatDescription
    case .readHistory, .postMessage, .editMessage, .deleteMessage, .markRead:
      messageDescription
    case .createLink, .listLinks, .revokeLinks, .revokeLink, .getOwnLinks: linkDescription
    case .download: downloadDescription
    case .uploadFile, .showFile, .deleteFile: fileDescription
    case .tusOptions, .tusCreate, .tusHead, .tusPatch, .tusDelete, .tusOverride: tusDescription
    case .listAudit, .exportAudit:
      auditDescription
    case .listArchives, .showArchive, .listSegments, .downloadSegment, .downloadArchive:
      archiveDescription
    case .beginVerification, .listVerifications, .showVerification, .cancelVerification:
      verificationDescription
    case .health, .readiness, .metrics, .openAPI, .docs, .docsStyle, .docsScript:
      operationDescription
    case .webPage, .webFile: webDescription
    }
  }

  /// The methods that are answered at a path, in alphabetical order.
  static func methods(at path: String) -> [HTTPRequest.Method] {
    let steps = path.split(separator: "/")
    let fitting = allCases.map(\.description).filter { description in
      let pattern = description.path.split(separator: "/")
      return pattern.count == steps.count
        && zip(pattern, steps).allSatisfy { $0 == $1 || $0.hasPrefix("{") }
    }
    // As the router has it: `/api/files/links` is not the file `links`.
    let fewest = fitting.map(\.placeholders).min()
    var methods = fitting.filter { $0.placeholders == fewest }.map(\.method)
    if methods.contains(.get) { methods.append(.head) }
    return Set(methods).sorted { $0.rawValue < $1.rawValue }
  }
}

extension Endpoint.Description {
  fileprivate var placeholders: Int { path.count { $0 == "{" } }
}

extension Endpoint {
  private var messageDescription: Description {
    let tag = "Messages"
    let messages = "/api/conversations/{id}/messages"
    switch self {
    case .readHistory:
      return Description(
        .get, messages, tag, "Messages in rising seq, from buffer and archive alike",
        query: ["before", "after", "limit", "cursor"], answers: [(200, "MessagePage", "A page.")])
    case .postMessage:
      return Description(
        .post, messages, tag, "Send a message; it is durable when this answers",
        takes: "NewMessage",
        answers: [
          (201, "Message", "The message."),
          (200, "Message", "The message of your first send with this clientId."),
        ])
    case .editMessage:
      return Description(
        .patch, messages + "/{seq}", tag,
        "Change text and files of your message; what is not named stays", takes: "Edit",
        answers: [
          (200, "Message", "The message as it is now."), (409, "Problem", "It is deleted."),
        ])
    case .deleteMessage:
      return Description(
        .delete, messages + "/{seq}", tag,
        "Take a message back, with its files; its place stays. Deleting it again succeeds",
        answers: [(204, nil, "Deleted.")])
    default:
      return Description(
        .post, "/api/conversations/{id}/read", tag,
        "Say how far you have read; the mark only moves forward", takes: "Read",
        answers: [(200, "ReadMark", "The mark as it is now.")])
    }
  }

  private var operationDescription: Description {
    let tag = "Operation"
    switch self {
    case .health:
      return Description(
        .get, "/healthz", tag, "Whether the process answers", open: true,
        answers: [(200, "Health", "It does.")])
    case .readiness:
      return Description(
        .get, "/readyz", tag,
        "Whether it can serve: both stores answer, and it is not shutting down",
        open: true,
        answers: [(200, "Readiness", "It can."), (503, "Readiness", "It cannot; it says why.")])
    case .metrics:
      return Description(
        .get, "/metrics", tag, "Metrics in Prometheus' text format", open: true,
        answers: [(200, "text/plain", "The metrics.")])
    case .openAPI:
      return Description(
        .get, "/openapi.json", tag, "This description", open: true,
        answers: [(200, "application/json", "OpenAPI 3.1.")])
    case .docs:
      return Description(
        .get, "/docs", tag, "This description as a page", open: true,
        answers: [(200, "text/html", "The page.")])
    case .docsStyle:
      return Description(
        .get, "/docs/style.css", tag, "The page's style", open: true,
        answers: [(200, "text/css", "The style.")])
    default:
      return Description(
        .get, "/docs/page.js", tag, "The page's script", open: true,
        answers: [(200, "text/javascript", "The script.")])
    }
  }
}
