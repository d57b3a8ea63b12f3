// What the driver makes of breaks, lost answers and errors that look like successes.

import MongoDriver
import Testing

extension MongoServerTests {
  @Suite(.enabled(if: TestServer.hasFaults, TestServer.faultsMissing))
  struct FaultTests {
    @Test("M01 a write whose answer was lost after it was carried out is in once")
    func lostAnswer() async throws {
      try await withClient { client in
        try await client.fill("a", numbered(0..<1, [("n", 0)]))
        // The server carries out the write, then breaks the connection instead of answering.
        let fault: BSONDocument = [
          "configureFailPoint": "onPrimaryTransactionalWrite", "mode": ["times": 1],
          "data": ["closeConnection": true],
        ]
        _ = try await client.command(fault, on: "admin")
        try await client.fill("a", numbered(1..<101))
        #expect(try await client.count("a") == 101)
        _ = try await client.command(fault, on: "admin")
        let updated = try await client.run { (connection) throws(MongoError) in
          try connection.update("a", where: ["_id": 0], ["$inc": ["n": 1]])
        }
        #expect(updated.modifiedCount == 1)
        _ = try await client.command(fault, on: "admin")
        let modified = try await client.run { (connection) throws(MongoError) in
          try connection.findAndModify("a", where: ["_id": 0], update: ["$inc": ["n": 1]])
        }
        #expect(modified?["n"]?.asInteger == 2)
        _ = try await client.command(fault, on: "admin")
        let deleted = try await client.run { (connection) throws(MongoError) in
          try connection.delete("a", where: ["_id": ["$gte": 1]], onlyFirst: true)
        }
        #expect(deleted == 1)
        #expect(try await client.find(MongoQuery("a", where: ["_id": 0])).first?["n"] == .int32(2))
        #expect(try await client.count("a") == 100)
      }
    }

    @Test(
      "M01 a write is sent again when the connection broke or the primary changed",
      arguments: [
        ["closeConnection": true], ["errorCode": 10107, "errorLabels": ["RetryableWriteError"]],
        ["errorCode": 262, "errorLabels": ["RetryableWriteError"]],
        [
          "writeConcernError": [
            "code": 91, "errmsg": "going down", "errorLabels": ["RetryableWriteError"],
          ], "errorLabels": ["RetryableWriteError"],
        ],
      ] as [BSONDocument])
    func sendsAgain(fault: BSONDocument) async throws {
      // After such an error libmongoc looks at the server anew only with the next heartbeat.
      try await withClient({ $0.serverSelectionTimeout = .seconds(20) }) { client in
        try await client.setFault(["insert"], of: client.applicationName, times: 1, fault)
        let outcome = try await client.run(within: .seconds(30)) {
          (connection) throws(MongoError) in
          try connection.insert(numbered(0..<10), into: "a")
        }
        #expect(outcome.insertedCount == 10)
        #expect(outcome.failure == nil)
        #expect(try await client.count("a") == 10)
      }
    }

    @Test("M01 a read is asked again when the connection broke")
    func readsAgain() async throws {
      try await withClient { client in
        try await client.fill("a", numbered(0..<10))
        try await client.setFault(
          ["find", "aggregate"], of: client.applicationName, times: 2, ["closeConnection": true])
        #expect(try await client.find(MongoQuery("a")).count == 10)
      }
    }

    @Test("M03 an answer that says ok and holds a write concern error is no success")
    func writeConcernErrors() async throws {
      try await withClient { client in
        try await client.fill("a", numbered(0..<3))
        let writes: [(String, @Sendable (borrowing MongoConnection) throws(MongoError) -> Void)] = [
          (
            "insert",
            { (connection) throws(MongoError) in _ = try connection.insert([["_id": 9]], into: "a")
            }
          ),
          (
            "update",
            { (connection) throws(MongoError) in
              try connection.update("a", where: ["_id": 0], ["$set": ["n": 1]])
            }
          ),
          (
            "findAndModify",
            { (connection) throws(MongoError) in
              _ = try connection.findAndModify("a", where: ["_id": 1], update: ["$set": ["n": 1]])
            }
          ),
          (
            "delete",
            { (connection) throws(MongoError) in try connection.delete("a", where: ["_id": 2]) }
          ),
          (
            "createIndexes",
            { (connection) throws(MongoError) in
              try connection.createIndexes("a", [["key": ["n": 1], "name": "n"]])
            }
          ),
        ]
        for (name, write) in writes {
          try await client.setFault(
            [name], of: client.applicationName, times: 1,
            ["writeConcernError": ["code": 64, "codeName": "WriteConcernFailed", "errmsg": "late"]])
          let error = await failure { try await client.run(write) }
          #expect(error?.kind == .unknownOutcome, "\(name)")
          #expect(error?.code == 64, "\(name)")
          #expect(error?.outcomeIsKnown == false, "\(name)")
        }
        // Each was carried out all the same.
        #expect(try await client.count("a", ["n": 1]) == 2)
        #expect(try await client.count("a") == 3)
      }
    }

    @Test("M04 a write that breaks each time has an unknown outcome; a read only failed")
    func unknownOutcome() async throws {
      try await withClient { client in
        try await client.setFault(
          ["insert", "find"], of: client.applicationName, times: 6, ["closeConnection": true])
        let write = await failure {
          try await client.run { (connection) throws(MongoError) in
            try connection.insert([["_id": 1]], into: "a")
          }
        }
        #expect(write?.kind == .unknownOutcome)
        let read = await failure { try await client.find(MongoQuery("a")) }
        #expect(read?.kind == .unreachable)
        #expect(read?.outcomeIsKnown == true)
      }
    }

    @Test("M04 a change of many documents is never sent twice, so a break leaves it unknown")
    func manyAreNotRepeated() async throws {
      try await withClient { client in
        try await client.fill("a", numbered(0..<5, [("n", 0)]))
        try await client.setFault(
          ["update", "delete"], of: client.applicationName, times: 2, ["closeConnection": true])
        let update = await failure {
          try await client.run { (connection) throws(MongoError) in
            try connection.update("a", where: [:], ["$inc": ["n": 1]], multi: true)
          }
        }
        #expect(update?.kind == .unknownOutcome)
        let delete = await failure {
          try await client.run { (connection) throws(MongoError) in
            try connection.delete("a", where: [:])
          }
        }
        #expect(delete?.kind == .unknownOutcome)
        #expect(try await client.count("a", ["n": 0]) == 5)
      }
    }

    @Test("M04 a server that is silent beyond the deadline: a write is unknown, a read timed out")
    func silence() async throws {
      try await withClient({ $0.connectionLimit = 2 }) { client in
        try await client.setFault(
          ["insert", "find"], of: client.applicationName, times: 2,
          ["blockConnection": true, "blockTimeMS": 2000])
        let write = await failure {
          try await client.run(within: .milliseconds(300)) { (connection) throws(MongoError) in
            try connection.insert([["_id": 1]], into: "a")
          }
        }
        #expect(write?.kind == .unknownOutcome)
        let read = await failure {
          try await client.run(within: .milliseconds(300)) { (connection) throws(MongoError) in
            try connection.find(MongoQuery("a"))
          }
        }
        #expect(read?.kind == .timedOut)
        // The threads come back by themselves.
        #expect(try await client.count("a") <= 1)
      }
    }

    @Test("M04 a write is sent again on a new connection when the old one was silent too long")
    func silentConnection() async throws {
      try await withClient({ $0.socketTimeout = .milliseconds(1000) }) { client in
        try await client.setFault(
          ["insert"], of: client.applicationName, times: 1,
          ["blockConnection": true, "blockTimeMS": 1400])
        try await client.fill("a", numbered(0..<3))
        #expect(try await client.count("a") == 3)
      }
    }

    @Test("a cursor that the server forgot is told apart, and no batch is skipped")
    func lostCursor() async throws {
      try await withClient { client in
        try await client.fill("a", numbered(0..<500))
        try await client.setFault(
          ["getMore"], of: client.applicationName, times: 1, ["errorCode": 43])
        let lost = await failure { try await client.find(MongoQuery("a", batchSize: 100)) }
        #expect(lost?.kind == .cursorLost)
        try await client.setFault(
          ["getMore"], of: client.applicationName, times: 1, ["closeConnection": true])
        let broken = await failure { try await client.find(MongoQuery("a", batchSize: 100)) }
        #expect(broken?.kind == .unreachable)
        #expect(try await client.find(MongoQuery("a", batchSize: 100)).count == 500)
      }
    }

    @Test("M08 a full disk is the server's failure and passes")
    func fullDisk() async throws {
      try await withClient { client in
        try await client.setFault(
          ["insert"], of: client.applicationName, times: 1, ["errorCode": 14031])
        let error = await failure {
          try await client.run { (connection) throws(MongoError) in
            try connection.insert([["_id": 1]], into: "a")
          }
        }
        #expect(error?.code == 14031)
        #expect(error?.kind == .unknownOutcome)
        try await client.fill("a", [["_id": 1]])
      }
    }
  }
}
