// Queue, deadlines, cancellation and settings, for which no server is needed.

import MongoDriver
import Testing

@Suite(.timeLimit(.minutes(1)))
struct ClientTests {
  @Test("a full queue refuses, a cancelled task leaves it, and what waited is done in order")
  func queue() async throws {
    let client = try idleClient { ($0.connectionLimit, $0.requestLimit) = (1, 2) }
    let (held, release) = (Tally(), Signal())
    async let holder: Void = client.run { (_) throws(MongoError) in
      held.add()
      release.wait()
    }
    await until { held.count == 1 }
    let order = Notes()
    async let first: Void = client.run { (_) throws(MongoError) in order.add(1) }
    await until { client.waitingCount == 1 }
    let second = Task {
      await failure { try await client.run { (_) throws(MongoError) in order.add(2) } }
    }
    await until { client.waitingCount == 2 }
    let refused = await failure { try await client.run { (_) throws(MongoError) in order.add(3) } }
    #expect(refused?.kind == .busy)
    second.cancel()
    #expect(await second.value?.kind == .cancelled)
    #expect(client.waitingCount == 1)
    async let fourth: Void = client.run { (_) throws(MongoError) in order.add(4) }
    await until { client.waitingCount == 2 }
    release.give()
    _ = try await (holder, first, fourth)
    #expect(order.all == [1, 4])
    await client.close()
  }

  @Test("the deadline of what waits counts from the call, and it is not begun afterwards")
  func deadlineInQueue() async throws {
    let client = try idleClient { $0.connectionLimit = 1 }
    let (held, release) = (Tally(), Signal())
    async let holder: Void = client.run(within: .seconds(50)) { (_) throws(MongoError) in
      held.add()
      release.wait()
    }
    await until { held.count == 1 }
    let order = Notes()
    // The later one has the nearer deadline.
    async let patient = failure {
      try await client.run(within: .milliseconds(400)) { (_) throws(MongoError) in order.add(1) }
    }
    await until { client.waitingCount == 1 }
    async let hasty = failure {
      try await client.run(within: .milliseconds(50)) { (_) throws(MongoError) in order.add(2) }
    }
    #expect(await hasty?.kind == .timedOut)
    #expect(client.waitingCount == 1)
    #expect(await patient?.kind == .timedOut)
    #expect(client.waitingCount == 0)
    release.give()
    try await holder
    try await client.run { (_) throws(MongoError) in order.add(3) }
    #expect(order.all == [3])
    await client.close()
  }

  @Test("an operation that overstays is given up, and begins no command afterwards")
  func overstays() async throws {
    let client = try idleClient { $0.connectionLimit = 1 }
    let (release, ended) = (Signal(), Tally())
    let late = Notes()
    let error = await failure {
      try await client.run(within: .milliseconds(50)) { (connection) throws(MongoError) in
        release.wait()
        do throws(MongoError) {
          _ = try connection.insert([["_id": 1]], into: "a")
        } catch {
          late.add(error.kind == .timedOut ? 1 : 2)
        }
        ended.add()
      }
    }
    // Nothing was sent, so nothing can have been changed.
    #expect(error?.kind == .timedOut)
    release.give()
    await until { ended.count == 1 }
    #expect(late.all == [1])
    await client.close()
  }

  @Test("closing refuses what waits and what comes, and waits for what runs")
  func closing() async throws {
    let client = try idleClient { $0.connectionLimit = 1 }
    let (held, release) = (Tally(), Signal())
    async let holder = client.run { (_) throws(MongoError) -> Int in
      held.add()
      release.wait()
      return 7
    }
    await until { held.count == 1 }
    async let waiting = failure { try await client.run { (_) throws(MongoError) in } }
    await until { client.waitingCount == 1 }
    async let closed: Void = client.close()
    #expect(await waiting?.kind == .closed)
    let late = await failure { try await client.run { (_) throws(MongoError) in } }
    #expect(late?.kind == .closed)
    release.give()
    #expect(try await holder == 7)
    await closed
    await client.close()
  }

  @Test("as many operations run at once as there are connections, not one more")
  func threads() async throws {
    let client = try idleClient { $0.connectionLimit = 3 }
    let (running, release) = (Tally(), Signal())
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<9 {
        group.addTask {
          try await client.run(within: .seconds(50)) { (_) throws(MongoError) in
            running.add()
            release.wait()
          }
        }
      }
      await until { running.count == 3 && client.waitingCount == 6 }
      for _ in 0..<9 { release.give() }
      try await group.waitForAll()
    }
    #expect(running.count == 9)
    await client.close()
  }

  @Test("a server that is not there is unreachable, and nothing happened")
  func unreachable() async throws {
    let client = try idleClient { $0.serverSelectionTimeout = .milliseconds(100) }
    let error = await failure {
      try await client.run { (connection) throws(MongoError) in
        try connection.insert([["_id": 1]], into: "a")
      }
    }
    #expect(error?.kind == .unreachable)
    #expect(error?.outcomeIsKnown == true)
    #expect(error?.hint != nil)
    await client.close()
  }

  @Test("J2 a connection string prints as stars, and errors about it keep its secrets")
  func secrets() throws {
    let settings = MongoSettings(
      uri: MongoURI("mongodb://me:Secr3tWord@127.0.0.1/?tls=maybe"), database: "a")
    var dumped = ""
    dump(settings, to: &dumped)
    for text in ["\(settings)", String(reflecting: settings), "\(settings.uri)", dumped] {
      #expect(!text.contains("Secr3tWord"))
    }
    let error = #expect(throws: MongoError.self) {
      try MongoClient(settings, logger: quietLogger)
    }
    #expect(error.map { "\($0)" }?.contains("Secr3tWord") == false)
  }

  @Test(
    "a connection string that cannot be meant so is refused at once",
    arguments: [
      "", "http://127.0.0.1", "mongodb://", "mongodb://me:a@b:c@127.0.0.1/",
      "mongodb://127.0.0.1/?tlscafilee=x", "mongodb://127.0.0.1/?loadBalanced=true",
    ])
  func badStrings(uri: String) {
    let error = #expect(throws: MongoError.self) {
      try MongoClient(MongoSettings(uri: MongoURI(uri), database: "a"), logger: quietLogger)
    }
    #expect(error?.kind == .invalid || error?.kind == .refused)
  }

  @Test(
    "every option that libmongoc documents is known",
    arguments: [
      "appname=a", "authMechanism=SCRAM-SHA-256", "authSource=admin", "compressors=zlib",
      "connectTimeoutMS=5", "heartbeatFrequencyMS=5000", "journal=true", "localThresholdMS=5",
      "maxIdleTimeMS=5", "maxPoolSize=5", "maxStalenessSeconds=90", "readConcernLevel=local",
      "readPreference=secondary", "readPreferenceTags=a:b", "replicaSet=rs0", "retryReads=true",
      "retryWrites=true", "serverSelectionTimeoutMS=5", "socketTimeoutMS=5", "tls=true",
      "tlsCAFile=a.pem", "tlsCertificateKeyFile=a.pem", "tlsAllowInvalidHostnames=true",
      "tlsInsecure=true", "ssl=true", "w=majority", "wTimeoutMS=5", "waitQueueTimeoutMS=5",
      "zlibCompressionLevel=1",
    ])
  func knownOptions(option: String) async throws {
    // Some options need another one beside them.
    let more = option.hasPrefix("auth") ? "me:pw@" : ""
    let rest =
      option.hasPrefix("maxStaleness") || option.hasPrefix("readPreferenceTags")
      ? "&readPreference=secondary" : ""
    let uri = "mongodb://\(more)127.0.0.1:1/?\(option)\(rest)"
    let client = try MongoClient(
      MongoSettings(uri: MongoURI(uri), database: "a"), logger: quietLogger)
    #expect(client.hosts == "127.0.0.1:1")
    await client.close()
  }

  @Test("settings out of bounds are refused with the bounds")
  func bounds() {
    let changes: [@Sendable (inout MongoSettings) -> Void] = [
      { $0.database = "" }, { $0.database = "a.b" }, { $0.connectionLimit = 0 },
      { $0.requestLimit = 0 }, { $0.changeStreamLimit = -1 }, { $0.socketTimeout = .zero },
      { $0.operationDeadline = .seconds(1_000_000) },
      { $0.applicationName = String(repeating: "a", count: 129) },
    ]
    for change in changes {
      let error = #expect(throws: MongoError.self) { try idleClient(change) }
      #expect(error?.kind == .invalid)
      #expect(error?.hint != nil)
    }
  }
}

/// A client of a server that is not there: whatever it is asked waits in vain.
private func idleClient(_ change: (inout MongoSettings) -> Void) throws -> MongoClient {
  var settings = MongoSettings(
    uri: MongoURI("mongodb://127.0.0.1:1/?replicaSet=none"), database: "a")
  change(&settings)
  return try MongoClient(settings, logger: quietLogger)
}

private func until(_ condition: () -> Bool) async {
  while !condition() { await Task.yield() }
}
