// One row of the table of rights: who may ask for a route at all.

import ArchiveCore

/// What a route demands of whoever asks, before anything is known of the thing asked for.
struct Rule: Sendable, Hashable {
  /// What the caller must be in the conversation that the path names.
  enum Standing: Int, Sendable, Comparable {
    /// The route names no conversation, or one that the caller need not belong to.
    case none
    case member
    /// An admin of the group, its owner, or the agent in charge of a support conversation.
    case administrator
    case owner

    static func < (left: Standing, right: Standing) -> Bool { left.rawValue < right.rawValue }
  }

  /// Nobody needs to sign in.
  let isOpen: Bool
  /// Whoever is signed in with one of these roles may ask.
  let roles: Set<Role>
  let standing: Standing

  private init(isOpen: Bool = false, roles: Set<Role>, standing: Standing = .none) {
    (self.isOpen, self.roles, self.standing) = (isOpen, roles, standing)
  }

  static let open = Rule(isOpen: true, roles: Set(Role.allCases))
  static let signedIn = Rule(roles: Set(Role.allCases))
  /// Admins and agents: those who work for the deployment.
  static let staff = Rule(roles: Role.staff)
  static let admin = Rule(roles: [.admin])
  static let member = Rule(roles: Set(Role.allCases), standing: .member)
  static let memberAdmin = Rule(roles: Set(Role.allCases), standing: .administrator)
  static let staffInCharge = Rule(roles: Role.staff, standing: .administrator)

  /// Throws unless the role may ask. Of an open route nobody's role is asked.
  func require(_ role: Role) throws {
    guard roles.contains(role) else {
      throw ServiceError(.forbidden, "your role does not allow it")
    }
  }

  /// Throws unless the member is enough in the conversation.
  func require(_ member: Member) throws {
    guard member.role.standing >= standing else {
      throw ServiceError(.forbidden, "only those who administer the conversation may do that")
    }
  }
}

extension Role {
  /// Those who work for the deployment, and whom everybody may write to.
  static let staff: Set<Role> = [.admin, .agent]

  var isStaff: Bool { Self.staff.contains(self) }
}

extension MemberRole {
  var standing: Rule.Standing {
    switch self {
    case .member: .member
    case .admin: .administrator
    case .owner: .owner
    }
  }
}
