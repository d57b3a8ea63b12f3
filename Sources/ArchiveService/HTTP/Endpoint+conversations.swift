// The addresses of conversations, their members, the support queue and search.

import HTTPTypes

extension Endpoint {
  var conversationDescription: Description {
    let tag = "Conversations"
    switch self {
    case .listConversations:
      return Description(
        .get, "/api/conversations", tag, "Your conversations, newest activity first",
        query: ["listLimit", "cursor"], answers: [(200, "ConversationPage", "A page.")])
    case .createConversation:
      return Description(
        .post, "/api/conversations", tag, "Open a conversation", takes: "NewConversation",
        answers: [
          (201, "Conversation", "The new conversation."),
          (200, "Conversation", "The direct conversation that you two have already."),
          (409, "Problem", "You have too many open requests."),
        ])
    case .openConversation:
      return Description(
        .get, "/api/conversations/{id}", tag, "One conversation with all its members",
        answers: [(200, "Conversation", "The conversation.")])
    case .changeConversation:
      return Description(
        .patch, "/api/conversations/{id}", tag,
        "Change title and description; null takes one away. A field that is not there stays as it is",
        takes: "ConversationChange",
        answers: [
          (200, "Conversation", "The conversation as it is now."),
          (409, "Problem", "This kind of conversation has none."),
        ])
    default:
      return Description(
        .delete, "/api/conversations/{id}", tag,
        "Delete a group for everybody, or a direct conversation from your own list",
        answers: [
          (204, nil, "Deleted."), (409, "Problem", "This kind of conversation is not deleted."),
        ])
    }
  }

  var memberDescription: Description {
    let (tag, path) = ("Conversations", "/api/conversations/{id}/members/{userId}")
    switch self {
    case .putMember:
      return Description(
        .put, path, tag,
        "Add a member to a group, or change what a member may do; the role owner hands the group over",
        takes: "MemberChange",
        answers: [
          (200, "Conversation", "The conversation as it is now."),
          (
            409, "Problem",
            "The conversation is no group, or full, or the new owner's account is out of use."
          ),
        ])
    default:
      return Description(
        .delete, path, tag,
        "Remove a member from a group, or leave it; who is no member stays none",
        answers: [(204, nil, "No member."), (409, "Problem", "The conversation is no group.")])
    }
  }

  var supportDescription: Description {
    let tag = "Support"
    switch self {
    case .listSupport:
      return Description(
        .get, "/api/support", tag, "Support conversations that wait for an agent, longest first",
        query: ["listLimit", "cursor"], answers: [(200, "SupportRequestPage", "A page.")])
    case .takeSupport:
      return Description(
        .post, "/api/conversations/{id}/take", tag,
        "Take a support conversation in charge; you become a member of it",
        answers: [
          (200, "Conversation", "The conversation."), (409, "Problem", "Somebody else has it."),
        ])
    case .handOverSupport:
      return Description(
        .post, "/api/conversations/{id}/handover", tag,
        "Hand a support conversation to another agent, or, without userId, back to the queue",
        takes: "HandOver", answers: [(204, nil, "Handed over."), (409, "Problem", "It is closed.")])
    default:
      return Description(
        .post, "/api/conversations/{id}/close", tag,
        "Close a support conversation; a new message opens it again",
        answers: [(200, "Conversation", "The conversation as it is now.")])
    }
  }

  var searchDescription: Description {
    let tag = "Search"
    switch self {
    case .searchUsers:
      return Description(
        .get, "/api/users", tag,
        "Users whose name has every word of the query in it; for staff, name or address",
        query: ["words", "listLimit", "cursor"],
        answers: [(200, "FoundUserPage", "A page. It may be short, or empty, while next goes on.")])
    default:
      return Description(
        .get, "/api/search", tag,
        "Users, or your own conversations by title and by the name of whom they are with",
        query: ["words", "in", "listLimit", "cursor"],
        answers: [(200, "SearchPage", "A page. It may be short, or empty, while next goes on.")])
    }
  }
}
