// Every route × every role × every standing in a conversation.

import ArchiveCore
import Foundation
import Testing

@testable import ArchiveService

/// The second opinion: what is expected is written down here again, by hand and by other words than in the table. A new
/// route does not compile until somebody has said what is to be expected of it.
@Suite struct RightsTests {
  /// Who is let through; everybody else of those signed in is refused with 403.
  enum Expected: Equatable {
    case everybody, signedIn, onlyStaff, onlyAdmins
    /// In a conversation: from this standing on. Who is no member hears 404, who is less 403.
    case from(Rule.Standing)
    /// The same, and of these roles only.
    case staffFrom(Rule.Standing)
  }

  static func expected(_ endpoint: Endpoint) -> Expected {
    switch endpoint {
    case .signUp, .signIn, .refreshSession, .signingKeys, .confirmEmail, .forgotPassword,
      .resetPassword, .health, .readiness, .metrics, .openAPI, .docs, .docsStyle, .docsScript,
      .chatSignUp, .chatSignIn, .chatResetPassword, .confirmationPage, .submitConfirmation,
      .resetPage, .submitReset, .tusOptions, .download, .webPage, .webFile:
      .everybody
    case .signOut, .resendConfirmation, .changePassword, .showOwnUser, .editOwnUser,
      .deactivateOwnUser, .showUser, .listSessions, .endSession, .endOtherSessions,
      .listConversations, .createConversation, .searchUsers, .search, .chatShowUser,
      .chatEditUser, .chatList, .chatCreate, .uploadFile, .showFile, .deleteFile, .tusCreate,
      .tusHead, .tusPatch, .tusDelete, .tusOverride, .createLink, .listLinks, .revokeLinks,
      .revokeLink, .getOwnLinks:
      .signedIn
    case .listSupport, .takeSupport: .onlyStaff
    case .listUsers, .showUserToAdmin, .editUser, .endUserSessions, .listAudit, .exportAudit,
      .listArchives, .showArchive, .listSegments, .downloadSegment, .downloadArchive,
      .beginVerification, .listVerifications, .showVerification, .cancelVerification:
      .onlyAdmins
    case .openConversation, .readHistory, .postMessage, .editMessage, .markRead, .deleteMessage,
      .chatOpen, .chatPost, .chatHistory:
      .from(.member)
    case .changeConversation, .putMember, .removeMember: .from(.administrator)
    case .deleteConversation: .from(.owner)
    case .handOverSupport, .closeSupport: .staffFrom(.administrator)
    }
  }

  @Test(
    "B3 the table and the description agree on who needs to sign in", arguments: Endpoint.allCases)
  func agreement(endpoint: Endpoint) {
    #expect(RightsTable.rule(of: endpoint).isOpen == !endpoint.description.needsSignIn)
    #expect(RightsTable.rule(of: endpoint).isOpen == (Self.expected(endpoint) == .everybody))
  }

  @Test("A1 without a token every route that is not open answers 401")
  func anonymous() async throws {
    try await TestServer.run { server async throws in
      let nobody = "01ARZ3NDEKTSV4RRFFQ69G5FAV"
      let place = Place(group: nobody, owner: nobody, own: nobody)
      for endpoint in Endpoint.allCases {
        let reply = try await server.send(
          "\(endpoint.description.method)", place.path(of: endpoint), json: place.body(endpoint))
        let isOpen = Self.expected(endpoint) == .everybody
        // A sign-in without a body is bad input, not a missing sign-in.
        #expect((reply.status == 401) == !isOpen, "\(endpoint) answered \(reply.status)")
      }
    }
  }

  @Test(
    "B3 each role gets what the table says, on every route without a conversation",
    arguments: Role.allCases)
  func roles(role: Role) async throws {
    try await TestServer.run {
      $0.limits = .none
    } _: { server async throws in
      _ = try await server.person("Root", .admin)
      let other = try await server.person("Other", .customer)
      let person = try await server.person("Somebody", role)
      for endpoint in Endpoint.allCases {
        let expected = Self.expected(endpoint)
        guard [.signedIn, .onlyStaff, .onlyAdmins].contains(expected) else { continue }
        // Some of these end the session that asks.
        let session = try await server.signedIn(person.id, person.email)
        let place = Place(group: "01ARZ3NDEKTSV4RRFFQ69G5FAV", owner: other.id, own: person.id)
        let reply = try await server.send(
          "\(endpoint.description.method)", place.path(of: endpoint), token: session.token,
          json: place.body(endpoint))
        let isLetThrough =
          expected == .signedIn || (expected == .onlyStaff && [.admin, .agent].contains(role))
          || (expected == .onlyAdmins && role == .admin)
        #expect((reply.status == 403) == !isLetThrough, "\(endpoint) answered \(reply.status)")
        #expect(reply.status != 401 && reply.status < 500, "\(endpoint) answered \(reply.status)")
      }
    }
  }

  @Test(
    "B3 C2 each standing gets what the table says, on every route of a conversation",
    arguments: Role.allCases)
  func standings(role: Role) async throws {
    try await TestServer.run {
      $0.limits = .none
    } _: { server async throws in
      let town = try await GroupTown(server, role)
      for endpoint in Endpoint.allCases {
        for standing in [Rule.Standing.none, .member, .administrator, .owner] {
          let (least, roles) = Self.demand(endpoint)
          guard let least else { continue }
          let place = try await town.group(with: standing)
          let reply = try await server.send(
            "\(endpoint.description.method)", place.path(of: endpoint),
            token: town.person.token, json: place.body(endpoint))
          let wanted: [Int] =
            !roles.contains(role)
            ? [403] : standing == .none ? [404] : standing < least ? [403] : []
          if wanted.isEmpty {
            #expect(
              ![401, 403, 404].contains(reply.status) && reply.status < 500,
              "\(endpoint) answered \(reply.status) to \(standing)")
          } else {
            #expect(
              wanted.contains(reply.status), "\(endpoint) answered \(reply.status) to \(standing)")
          }
        }
      }
    }
  }

  private static func demand(_ endpoint: Endpoint) -> (Rule.Standing?, Set<Role>) {
    switch expected(endpoint) {
    case .from(let standing): (standing, Set(Role.allCases))
    case .staffFrom(let standing): (standing, [.admin, .agent])
    default: (nil, [])
    }
  }
}

/// What paths and bodies name.
struct Place {
  let group: String
  let owner: String
  var own = ""
  /// Somebody who is in the group and may be removed from it.
  var removable = "01ARZ3NDEKTSV4RRFFQ69G5FAV"
  /// Somebody who is not in the group.
  var stranger = "01ARZ3NDEKTSV4RRFFQ69G5FAV"

  func path(of endpoint: Endpoint) -> String {
    let description = endpoint.description
    let isConversation = ["/api/conversations", "/chats", "/messages"].contains {
      description.path.hasPrefix($0)
    }
    let user = endpoint == .putMember ? stranger : removable
    let path = description.path
      .replacing("{id}", with: isConversation ? group : endpoint == .chatEditUser ? own : owner)
      .replacing("{userId}", with: user).replacing("{seq}", with: "1")
      .replacing("{fileId}", with: "01ARZ3NDEKTSV4RRFFQ69G5FAV")
    switch endpoint {
    case .searchUsers: return path + "?query=x"
    case .search: return path + "?query=x&in=users"
    default: return path
    }
  }

  /// A body for the routes that take one: a good one where only that shows who is let through.
  func body(_ endpoint: Endpoint) -> String? {
    switch endpoint {
    case .postMessage, .editMessage: #"{"text":"x"}"#
    case .chatPost: #"{"text":"x","chatId":"\#(group)"}"#
    case .markRead: #"{"seq":1}"#
    case .changeConversation: #"{"title":"x"}"#
    default: endpoint.description.takes == nil ? nil : "{}"
    }
  }
}

/// A person of a role, and groups in which that person is this or that.
struct GroupTown {
  let person: Person
  private let server: TestServer
  private let owner: Person
  private let removable: Person
  private let stranger: Person

  init(_ server: TestServer, _ role: Role) async throws {
    self.server = server
    owner = try await server.person("Owner", .agent)
    removable = try await server.person("Removable", .customer)
    stranger = try await server.person("Stranger", .customer)
    person = try await server.person("Somebody", role)
  }

  /// A new group in which the person is what is asked for, and in which they said the first message.
  func group(with standing: Rule.Standing) async throws -> Place {
    let founder = standing == .owner ? person : owner
    let others = [owner, removable, person].filter { $0.id != founder.id }
    let id = try await server.converse(founder, with: others)
    try await server.post("hello", as: person, in: id)
    if standing == .administrator {
      try await server.put(person, in: id, as: owner, #"{"role":"admin"}"#)
    }
    if standing == .none {
      try await server.ask(
        "DELETE", "/api/conversations/\(id)/members/\(person.id)", as: owner, expecting: 204)
    }
    return Place(
      group: id, owner: owner.id, own: person.id, removable: removable.id, stranger: stranger.id)
  }
}
