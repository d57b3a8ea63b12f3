// Makes the index of users where it is missing: after a restoration, and in a store of an older version.

import ArchiveCore
import Logging

/// Goes through all users once and writes their terms, unless that was done before. Others may do the same at the
/// same time; users who are found change meanwhile.
struct UserIndexing: Sendable {
  private let documents: any DocumentStore
  private let users: Collection<User>
  private let surroundings: Surroundings
  private let logger: Logger

  /// Rises when terms are to look different, which makes them all anew.
  private static let version: Int64 = 1
  private static let page = 100
  private static let pause = Duration.seconds(10)

  static let stateSchema = CollectionSchema("searchState")

  init(documents: any DocumentStore, surroundings: Surroundings, logger: Logger) {
    self.documents = documents
    users = Collection(in: documents)
    (self.surroundings, self.logger) = (surroundings, logger)
  }

  /// Tries until it is done, or cancelled.
  func run() async {
    while !Task.isCancelled {
      do {
        return try await indexAll()
      } catch {
        logger.warning(
          "users cannot be indexed for searches, will try again", metadata: ["error": "\(error)"])
      }
      do { try await surroundings.sleep(Self.pause) } catch { return }
    }
  }

  /// Returns when every user is found.
  func indexAll() async throws {
    let state = Query(
      Self.stateSchema.name,
      where: .and([.id("users"), .equal("version", .integer(Self.version))]), limit: 1)
    guard try await documents.find(state).isEmpty else { return }
    var behind = ""
    while true {
      let page = try await users.find(
        where: .greater("id", .string(behind)), sort: [.ascending("id")], limit: Self.page)
      for user in page { try await index(user) }
      guard page.count == Self.page, let last = page.last else { break }
      behind = last.id.description
    }
    try await documents.update(
      Update(
        Self.stateSchema.name, where: .id("users"), [.set("version", .integer(Self.version))],
        extent: .upsert(insertedOnMiss: Document(["id": .string("users")]))))
  }

  private func index(_ user: User) async throws {
    do throws(StoreError) {
      try await documents.transact([user.isIndexedAs] + (try IndexedUser(user).steps()))
    } catch {
      // Whoever changed the user meanwhile has written the terms.
      guard error.kind == .conflict else { throw error }
    }
  }
}

extension User {
  /// Fails a transaction unless the user still has what its terms are made from.
  fileprivate var isIndexedAs: TransactionStep {
    .expect(
      Self.schema.name,
      where: .and([
        .id(id.description), .equal("name", .string(name)), .equal("email", .string(email)),
        .equal("role", .string(role.rawValue)),
      ]))
  }
}
