// Keys that follow one another.

import ArchiveCore
import ArchiveTesting
import Foundation
import Logging
import Testing

@testable import ArchiveService

@Suite(.timeLimit(.minutes(5))) struct SigningKeyTests {
  private let clock = TestClock()
  private let store: any DocumentStore

  init() async throws {
    store = InMemoryDocumentStore(isShared: true)
    try await store.prepare([SigningKeyRecord.schema])
  }

  private func keys(_ secret: String = "a secret that only tests know, 32+") async throws
    -> SigningKeys
  {
    var settings = ServiceSettings.Auth()
    settings.secret = Secret(Array(secret.utf8))
    let keys = SigningKeys(
      documents: store, settings: settings, surroundings: clock.surroundings,
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    try await keys.prepare()
    return keys
  }

  private func tokens(_ keys: SigningKeys) -> AccessTokens {
    AccessTokens(keys: keys, settings: ServiceSettings.Auth(), surroundings: clock.surroundings)
  }

  private func token(_ keys: SigningKeys) async throws -> String {
    let user = User(
      id: UserID(clock.surroundings.newID()), email: "a@b.c", name: "A", role: .customer,
      createdAt: clock.surroundings.now(), passwordHash: "")
    return try await tokens(keys).make(for: user, session: SessionID(clock.surroundings.newID()))
  }

  private func isTaken(_ token: String, by keys: SigningKeys) async -> Bool {
    await tokens(keys).claims(of: token) != nil
  }

  @Test("B2 every process of a deployment signs with the same key, and knows those of before")
  func sameKey() async throws {
    let (one, other) = (try await keys(), try await keys())
    #expect(try await store.count("signingKeys", where: .everything) == 1)
    #expect(await isTaken(try token(one), by: other))
    #expect(await isTaken(try token(other), by: one))
  }

  @Test("B2 of many that start at once one makes the key")
  func startRace() async throws {
    let all = try await withThrowingTaskGroup(of: SigningKeys.self) { group in
      for _ in 0..<200 { group.addTask { try await keys() } }
      return try await group.reduce(into: [SigningKeys]()) { $0.append($1) }
    }
    #expect(try await store.count("signingKeys", where: .everything) == 1)
    #expect(Set(all.compactMap { $0.signing?.record.keyID }).count == 1)
  }

  @Test("B2 a new key is published before it signs, and the old one is taken while its tokens live")
  func rotation() async throws {
    let (one, other) = (try await keys(), try await keys())
    let old = try await token(one)
    let next = try await one.rotate()
    #expect(one.signing?.record.keyID != next.keyID)
    #expect(one.published.keys.map(\.kid).contains(next.keyID))
    let late = try await token(one)
    clock.advance(by: SigningKeys.lead)
    #expect(one.signing?.record.keyID == next.keyID)
    let new = try await token(one)
    #expect(await isTaken(late, by: one))
    // The other has not read the keys since: an unknown one makes it do so.
    #expect(await isTaken(new, by: other))
    let latest = try await token(one)
    clock.advance(by: .seconds(14 * 60))
    #expect(await isTaken(latest, by: other))
    #expect(await !isTaken(old, by: other), "it has expired by itself")
    clock.advance(by: .seconds(3 * 60))
    #expect(one.published.keys.map(\.kid) == [next.keyID])
  }

  @Test("B2 keys that are replaced at once take all their tokens with them")
  func replacedAtOnce() async throws {
    let keys = try await keys()
    let old = try await token(keys)
    let next = try await keys.replaceAtOnce()
    #expect(await !isTaken(old, by: keys))
    #expect(keys.published.keys.map(\.kid) == [next.keyID])
    #expect(await isTaken(try token(keys), by: keys))
  }

  @Test("B2 of two rotations at once one is made, and the other says that it came late")
  func rotationRace() async throws {
    let (one, other) = (try await keys(), try await keys())
    let outcomes = await withTaskGroup(of: Bool.self) { group in
      for keys in [one, other, one, other] {
        group.addTask {
          do throws(StoreError) {
            _ = try await keys.rotate()
            return true
          } catch {
            #expect(error.kind == .conflict)
            return false
          }
        }
      }
      return await group.reduce(into: [Bool]()) { $0.append($1) }
    }
    let made = outcomes.filter { $0 }.count
    #expect(made >= 1)
    #expect(try await store.count("signingKeys", where: .everything) == 1 + made)
  }

  @Test("B2 the documents alone make no key, and another secret makes another")
  func otherSecret() async throws {
    let ours = try await keys()
    let theirs = try await keys("another secret, also of 32 bytes or more")
    #expect(await !isTaken(try token(theirs), by: ours))
    #expect(await !isTaken(try token(ours), by: theirs))
    #expect(await isTaken(try token(ours), by: ours))
    let stored = try await store.find(Query("signingKeys", limit: 10))
    #expect(stored.count == 2)
    for document in stored {
      #expect(
        Set(document.fields.keys).isSubset(of: ["id", "keyId", "salt", "createdAt", "signsFrom"]))
    }
  }

  @Test("B2 a key that is old is followed by itself", .timeLimit(.minutes(1)))
  func byItself() async throws {
    try await TestServer.run {
      $0.auth.signingKeyLifetime = .seconds(3600)
    } _: { server async throws in
      let ada = try await server.signUp("Ada")
      server.clock.advance(by: .seconds(3601))
      // The server looks every five seconds, in real time.
      while try await server.stored("signingKeys").count == 1 {
        try await Task.sleep(for: .milliseconds(50))
      }
      server.clock.advance(by: .seconds(601))
      let refreshed = try await server.refresh(ada.refreshToken)
      let token = try #require(try refreshed.json["accessToken"]?.text)
      #expect(token.prefix { $0 != "." } != ada.token.prefix { $0 != "." })
      #expect(try await server.send("GET", "/api/users/me", token: token).status == 200)
      let published = try await server.send("GET", "/.well-known/jwks.json")
      #expect(try #require(try published.json["keys"]).list.count == 2)
    }
  }
}
