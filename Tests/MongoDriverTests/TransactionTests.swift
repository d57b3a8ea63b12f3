// Transactions on a real server.

import MongoDriver
import Testing

extension MongoServerTests {
  struct TransactionTests {
    @Test("a transaction commits all its steps, and reads its own writes")
    func commits() async throws {
      try await withClient { client in
        try await client.fill("a", numbered(0..<2, [("n", 0)]))
        let seen = try await client.transaction { (connection) throws(MongoError) in
          _ = try connection.insert([["_id": 10]], into: "a")
          try connection.update("a", where: ["_id": 0], ["$set": ["n": 9]])
          try connection.delete("a", where: ["_id": 1])
          let changed = try connection.findAndModify(
            "a", where: ["_id": 0], update: ["$inc": ["n": 1]])
          #expect(changed?["n"]?.asInteger == 10)
          return try connection.count("a")
        }
        #expect(seen == 2)
        #expect(try await client.find(MongoQuery("a", sort: ["_id": 1])).map(\.id) == [0, 10])
      }
    }

    @Test("a transaction whose closure throws changes nothing")
    func abortsOnThrow() async throws {
      try await withClient { client in
        try await client.fill("a", numbered(0..<1))
        let error = await failure {
          try await client.transaction { (connection) throws(MongoError) in
            _ = try connection.insert([["_id": 10]], into: "a")
            throw MongoError(.invalid, "not so")
          }
        }
        #expect(error?.message == "not so")
        #expect(try await client.count("a") == 1)
        // The same thread and session serve the next one.
        try await client.transaction { (connection) throws(MongoError) in
          _ = try connection.insert([["_id": 11]], into: "a")
        }
        #expect(try await client.count("a") == 2)
      }
    }

    @Test(
      "a transaction with a step that failed is not committed, even if the closure overlooks it")
    func abortsOnFailedStep() async throws {
      try await withClient { client in
        try await client.fill("a", numbered(0..<1))
        let error = await failure {
          try await client.transaction { (connection) throws(MongoError) in
            _ = try connection.insert([["_id": 10], ["_id": 0]], into: "a")
          }
        }
        #expect(error?.kind == .duplicateKey)
        #expect(try await client.count("a") == 1)
      }
    }

    @Test("transactions that conflict are done again until each is in")
    func retriesConflicts() async throws {
      try await withClient { client in
        try await client.fill("a", numbered(0..<1, [("n", 0)]))
        let attempts = Tally()
        try await withThrowingTaskGroup(of: Void.self) { group in
          for _ in 0..<20 {
            group.addTask {
              try await client.transaction(within: .seconds(60)) {
                (connection) throws(MongoError) in
                attempts.add()
                let old = try connection.find(MongoQuery("a", where: ["_id": 0], limit: 1))
                let number = old.first?["n"]?.asInteger ?? 0
                try connection.update("a", where: ["_id": 0], ["$set": ["n": .int64(number + 1)]])
              }
            }
          }
          try await group.waitForAll()
        }
        #expect(try await client.find(MongoQuery("a")).first?["n"]?.asInteger == 20)
        #expect(attempts.count > 20)
      }
    }

    @Test("a conflict that lasts ends with the deadline, and nothing happened")
    func conflictEndsAtDeadline() async throws {
      try await withClient { client in
        try await client.fill("a", numbered(0..<1, [("n", 0)]))
        let error = await failure {
          try await client.transaction(within: .seconds(3)) { (holder) throws(MongoError) in
            try holder.update("a", where: ["_id": 0], ["$set": ["n": 1]])
            // Another transaction, while this one holds the document.
            let done = Signal()
            Task {
              let error = await failure {
                try await client.transaction(within: .seconds(1)) {
                  (connection) throws(MongoError) in
                  try connection.update("a", where: ["_id": 0], ["$set": ["n": 2]])
                }
              }
              #expect(error?.kind == .transient || error?.kind == .timedOut)
              #expect(error?.outcomeIsKnown == true)
              done.give()
            }
            done.wait()
            throw MongoError(.invalid, "enough")
          }
        }
        #expect(error?.message == "enough")
        #expect(try await client.find(MongoQuery("a")).first?["n"]?.asInteger == 0)
      }
    }

    @Test(
      "M04 a commit whose outcome is unknown is sent again, and the changes are in once",
      .enabled(if: TestServer.hasFaults, TestServer.faultsMissing),
      arguments: [
        ["closeConnection": true],
        ["writeConcernError": ["code": 64, "errmsg": "waiting for replication timed out"]],
        ["errorCode": 50],
      ] as [BSONDocument])
    func repeatsUnknownCommit(fault: BSONDocument) async throws {
      try await withClient { client in
        try await client.fill("a", numbered(0..<1, [("n", 0)]))
        let runs = Tally()
        // libmongoc itself repeats a commit once, so three are needed to see us do it.
        try await client.setFault(
          ["commitTransaction"], of: client.applicationName, times: 3, fault)
        try await client.transaction { (connection) throws(MongoError) in
          runs.add()
          try connection.update("a", where: ["_id": 0], ["$inc": ["n": 1]])
        }
        #expect(runs.count == 1)
        #expect(try await client.find(MongoQuery("a")).first?["n"]?.asInteger == 1)
      }
    }

    @Test(
      "M04 a commit that stays unknown until the deadline is an unknown outcome",
      .enabled(if: TestServer.hasFaults, TestServer.faultsMissing))
    func tellsUnknownCommit() async throws {
      try await withClient { client in
        try await client.fill("a", numbered(0..<1, [("n", 0)]))
        try await client.setFault(
          ["commitTransaction"], of: client.applicationName, times: 1_000_000,
          ["writeConcernError": ["code": 64, "errmsg": "waiting for replication timed out"]])
        let error = await failure {
          try await client.transaction(within: .seconds(2)) { (connection) throws(MongoError) in
            try connection.update("a", where: ["_id": 0], ["$inc": ["n": 1]])
          }
        }
        #expect(error?.kind == .unknownOutcome)
      }
    }

    @Test(
      "a transaction whose connection breaks in a step is done again as a whole",
      .enabled(if: TestServer.hasFaults, TestServer.faultsMissing))
    func repeatsAfterBreak() async throws {
      try await withClient { client in
        try await client.fill("a", numbered(0..<1, [("n", 0)]))
        try await client.setFault(
          ["update"], of: client.applicationName, times: 1, ["closeConnection": true])
        let runs = Tally()
        try await client.transaction { (connection) throws(MongoError) in
          runs.add()
          _ = try connection.insert([["_id": .int32(7)]], into: "a")
          try connection.update("a", where: ["_id": 0], ["$inc": ["n": 1]])
        }
        #expect(runs.count == 2)
        #expect(try await client.count("a") == 2)
        #expect(
          try await client.find(MongoQuery("a", where: ["_id": 0])).first?["n"]?.asInteger == 1)
      }
    }
  }
}
