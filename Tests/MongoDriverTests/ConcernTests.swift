// What is sent, whatever the connection string says.

import MongoDriver
import Testing

extension MongoServerTests {
  struct ConcernTests {
    @Test("a connection string cannot weaken what is acknowledged")
    func concerns() async throws {
      let weak =
        "w=0&journal=false&readConcernLevel=local&readPreference=secondary&retryWrites=false"
      try await withClient({ $0.uri = MongoURI("\(TestServer.uri ?? "")&\(weak)") }) { client in
        try await writeInAllWays(client)
        // The server's log of all that it was asked, as it was asked.
        let answer = try await client.command(["getLog": "global"], on: "admin")
        let lines = (answer["log"]?.asArray ?? []).compactMap(\.asString).filter {
          $0.contains("\"type\":\"command\"") && $0.contains(client.applicationName)
        }
        func asked(_ command: String) -> [String] {
          lines.filter { $0.contains("\"command\":{\"\(command)\":\"a\"") }
        }
        let writes = ["insert", "update", "delete", "createIndexes"]
        for command in writes {
          #expect(
            asked(command).count == (["update", "delete"].contains(command) ? 2 : 1), "\(command)")
        }
        let commits = lines.filter { $0.contains("\"command\":{\"commitTransaction\":") }
        // Inside of a transaction a command has no concern of its own.
        let alone = asked("findAndModify").filter { !$0.contains("autocommit") }
        #expect(alone.count == 1)
        for line in writes.flatMap(asked) + alone + commits {
          #expect(line.contains(#""w":"majority","j":true"#), "\(line.prefix(600))")
        }
        #expect(commits.count == 1)
        for line in asked("find") + asked("aggregate") {
          // Behind the writes before it, also where the primary is a new one.
          #expect(
            line.contains(#""readConcern":{"level":"majority","afterClusterTime""#),
            "\(line.prefix(600))")
        }
        #expect(asked("find").count == 1)
      }
    }

    /// Writes of each kind, and reads, while the server writes all of them into its log.
    private func writeInAllWays(_ client: MongoClient) async throws {
      _ = try await client.command(["profile": 0, "slowms": -1])
      try await client.fill("a", numbered(0..<3))
      try await client.run { (connection) throws(MongoError) in
        try connection.update("a", where: ["_id": 0], ["$set": ["n": 1]])
        try connection.update("a", where: [:], ["$set": ["n": 2]], multi: true)
        _ = try connection.findAndModify("a", where: ["_id": 0], update: ["$set": ["n": 3]])
        try connection.delete("a", where: ["_id": 0], onlyFirst: true)
        try connection.delete("a", where: ["_id": 1])
        try connection.createIndexes("a", [["key": ["n": 1], "name": "n"]])
        _ = try connection.find(MongoQuery("a"))
        _ = try connection.count("a")
      }
      try await client.transaction { (connection) throws(MongoError) in
        _ = try connection.findAndModify("a", where: ["_id": 2], update: ["$set": ["n": 1]])
      }
      _ = try await client.command(["profile": 0, "slowms": 100])
    }

    @Test("M07 compression that the connection string asks for is not negotiated")
    func compression() async throws {
      let wish = "compressors=zlib,snappy,zstd"
      try await withClient({ $0.uri = MongoURI("\(TestServer.uri ?? "")&\(wish)") }) { client in
        let before = try await compressedBytes(client)
        try await client.fill("a", numbered(0..<1000, [("text", "the same again and again")]))
        #expect(try await client.find(MongoQuery("a")).count == 1000)
        #expect(try await compressedBytes(client) == before)
        #expect(before.count == 3)
      }
    }

    private func compressedBytes(_ client: MongoClient) async throws -> [Int64] {
      let status = try await client.command(["serverStatus": 1], on: "admin")
      let all = status["network"]?.asDocument?["compression"]?.asDocument
      return ["zlib", "snappy", "zstd"].compactMap {
        all?[$0]?.asDocument?["decompressor"]?.asDocument?["bytesIn"]?.asInteger
      }
    }

    @Test("a wrong password is unauthorized, and appears nowhere")
    func credentials() async throws {
      let hosts = try #require(TestServer.uri).split(separator: "@").last ?? ""
      let host = hosts.replacing("mongodb://", with: "")
      try await withWrongPassword("mongodb://somebody:Secr3tWord@\(host)") { client, settings in
        let error = await failure { try await client.checkDeployment() }
        #expect(error?.kind == .unauthorized)
        for text in ["\(error as Any)", "\(settings)", String(reflecting: settings), client.hosts] {
          #expect(!text.contains("Secr3tWord"))
        }
        var dumped = ""
        dump(settings, to: &dumped)
        dump(error, to: &dumped)
        #expect(!dumped.contains("Secr3tWord"))
      }
    }

    private func withWrongPassword(
      _ uri: String, _ body: (MongoClient, MongoSettings) async throws -> Void
    ) async throws {
      var settings = MongoSettings(uri: MongoURI(uri), database: "driver")
      settings.serverSelectionTimeout = .seconds(1)
      let client = try MongoClient(settings, logger: quietLogger)
      try await body(client, settings)
      await client.close()
    }
  }
}
