// The index of users by what is in their names and addresses: an ordered list of endings.

import ArchiveCore

/// One ending of a user's name or address.
///
/// The identifier is the scope, the rank, the ending and the user. A text is found by any part of it, because every part
/// begins some ending, and the endings that begin with a part lie next to each other in the order of identifiers: on
/// both engines that is one range of the one index that every collection has. An address has as many endings as
/// letters, so a user has some thirty of these small documents; they are written in the transaction that writes
/// the user. They are derived, so they are in no snapshot, and `UserIndexing` makes them anew where they are missing.
struct UserTerm: Sendable, StoredDocument {
  /// Which users are meant, and which of their texts; who searches looks only into what they may see.
  enum Scope: String, Sendable, CaseIterable {
    case staffName = "s"
    case partnerName = "p"
    case customerName = "c"
    /// Of everybody; only for staff.
    case address = "a"
  }

  /// Where an ending begins: those at the beginning of a word are shown first.
  enum Rank: String, Sendable, CaseIterable {
    case wordStart = "0"
    case inside = "1"
  }

  let id: String
  let userID: UserID

  /// Scalars of an ending that are kept. A longer query is looked up by its beginning, and then compared.
  static let endingScalars = 24
  /// Scalars of a text that can be found.
  static let textScalars = 128

  static let schema = CollectionSchema(
    "userTerms", indexes: [CollectionIndex("user", on: [.ascending("userId")])])

  init(document: Document) throws(StoreError) {
    id = try document.field("id", \.asText)
    userID = try document.field("userId") { $0.asID() }
  }

  func document() throws(StoreError) -> Document {
    Document(["id": .string(id), "userId": userID.stored])
  }

  init(_ scope: Scope, _ rank: Rank, ending: ArraySlice<Unicode.Scalar>, of user: UserID) {
    id = Self.prefix(scope, rank, ending) + "\n\(user)"
    userID = user
  }

  /// What the identifiers of all endings that begin so begin with. No ending contains a line feed.
  static func prefix(_ scope: Scope, _ rank: Rank, _ beginning: ArraySlice<Unicode.Scalar>)
    -> String
  {
    scope.rawValue + rank.rawValue + FoldedText.text(beginning.prefix(endingScalars))
  }
}

/// What of a user can be found, and the documents by which it is.
struct IndexedUser: Sendable {
  let id: UserID
  let role: Role
  let name: FoldedText
  let address: FoldedText

  /// - Parameter role: the role that the user is about to get.
  init(_ user: User, as role: Role? = nil) {
    self.init(user.id, name: user.name, email: user.email, role: role ?? user.role)
  }

  init(_ id: UserID, name: String, email: String, role: Role) {
    (self.id, self.role) = (id, role)
    self.name = FoldedText(name, limit: UserTerm.textScalars)
    address = FoldedText(email, limit: UserTerm.textScalars)
  }

  static func nameScope(_ role: Role) -> UserTerm.Scope {
    role.isStaff ? .staffName : role == .customer ? .customerName : .partnerName
  }

  var terms: [UserTerm] {
    var terms: [String: UserTerm] = [:]
    for (scope, text) in [(Self.nameScope(role), name), (.address, address)] {
      for place in text.scalars.indices where text.scalars[place] != " " {
        let term = UserTerm(
          scope, text.isWordStart(place) ? .wordStart : .inside, ending: text.scalars[place...],
          of: id)
        terms[term.id] = term
      }
    }
    return terms.values.sorted { $0.id.utf8.lexicographicallyPrecedes($1.id.utf8) }
  }

  /// The one term by which the user is shown for a query, though several begin with its word; `nil` where the
  /// user is not to be found by it.
  func term(for query: SearchQuery, withAddress: Bool) -> String? {
    guard query.matches(withAddress ? [name, address] : [name]) else { return nil }
    return first(in: name, Self.nameScope(role), query.rarest)
      ?? (withAddress ? first(in: address, .address, query.rarest) : nil)
  }

  private func first(in text: FoldedText, _ scope: UserTerm.Scope, _ word: [Unicode.Scalar])
    -> String?
  {
    let places = text.places(of: word)
    let starts = places.filter(text.isWordStart)
    let rank = starts.isEmpty ? UserTerm.Rank.inside : .wordStart
    return (starts.isEmpty ? places : starts)
      .map { UserTerm(scope, rank, ending: text.scalars[$0...], of: id).id }
      .min { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }
}

extension IndexedUser {
  /// The steps that make the user found as it is now. They belong into the transaction that writes the user's
  /// document, or one that expects it to be as it was read.
  ///
  /// - Parameter isNew: the user has no terms yet.
  func steps(isNew: Bool = false) throws(StoreError) -> [TransactionStep] {
    var steps: [TransactionStep] =
      isNew ? [] : [.delete(UserTerm.schema.name, where: .equal("userId", id.stored))]
    for term in terms {
      steps.append(.insert(try term.document(), into: UserTerm.schema.name))
    }
    return steps
  }
}

extension Collection where Value == User {
  /// Changes a user's document, the name among it, together with what the user is found by, and returns the user as
  /// it is then. Somebody else's change at the same moment is looked at and the attempt made again.
  ///
  /// Throws `notSignedIn` where the filter matches no longer.
  func rename(_ user: User, where filter: Filter, _ changes: [DocumentChange]) async throws -> User
  {
    var user = user
    for _ in 0..<4 {
      let after = try User(document: try user.document().applying(changes))
      let isAsSeen = Filter.and([filter, .equal("role", .string(user.role.rawValue))])
      do throws(StoreError) {
        let update = TransactionStep.update(Update(name, where: isAsSeen, changes), mustMatch: true)
        try await store.transact([update] + (try IndexedUser(after).steps()))
        return try await find(id: user.id.description) ?? after
      } catch {
        guard error.kind == .conflict else { throw error }
      }
      guard
        let present = try await find(where: .and([.id(user.id.description), filter]), limit: 1)
          .first
      else { throw ServiceError(.notSignedIn, "the account is out of use") }
      user = present
    }
    throw ServiceError(.busy, "the account keeps changing, try again", retryAfter: .seconds(1))
  }
}
