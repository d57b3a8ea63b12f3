// Round trips of every operation on a real server.

import MongoDriver
import Testing

extension MongoServerTests {
  struct OperationTests {
    @Test("what was inserted is found, in order, limited and projected")
    func findsWhatWasInserted() async throws {
      try await withClient { client in
        try await client.fill("a", numbered(0..<50, [("text", "héllo"), ("n", .int64(1 << 40))]))
        let all = try await client.find(MongoQuery("a", sort: ["_id": 1]))
        #expect(all.map(\.id) == Array(0..<50))
        #expect(all[7]["text"]?.asString == "héllo")
        #expect(all[7]["n"] == .int64(1 << 40))
        let some = try await client.find(
          MongoQuery(
            "a", where: ["_id": ["$gte": 10]], sort: ["_id": -1], projection: ["_id": 1], limit: 3))
        #expect(some.map(\.id) == [49, 48, 47])
        #expect(some[0]["text"] == nil)
        #expect(try await client.count("a", ["_id": ["$lt": 5]]) == 5)
      }
    }

    @Test("a batch of 10,000 documents goes in, and comes out in batches")
    func insertsManyAtOnce() async throws {
      try await withClient { client in
        try await client.fill("a", numbered(0..<10_000))
        let sizes = try await client.run { (connection) throws(MongoError) in
          var sizes: [Int] = []
          try connection.forEachBatch(of: MongoQuery("a", batchSize: 3000)) {
            (batch) throws(MongoError) in
            sizes.append(batch.count)
            return true
          }
          return sizes
        }
        #expect(sizes == [3000, 3000, 3000, 1000])
        let wanted = try await client.run { (connection) throws(MongoError) in
          var count = 0
          try connection.forEachBatch(of: MongoQuery("a", batchSize: 100)) {
            (batch) throws(MongoError) in
            count += batch.count
            return count < 300
          }
          return count
        }
        #expect(wanted == 300)
        // The cursor that was not read to its end is gone from the server.
        let status = try await client.command(["serverStatus": 1], on: "admin")
        let open = status["metrics"]?.asDocument?["cursor"]?.asDocument?["open"]?.asDocument
        #expect(open?["pinned"]?.asInteger == 0)
      }
    }

    @Test("documents above 16 MiB together take several commands and count once")
    func splitsLargeBatches() async throws {
      try await withClient { client in
        let large = BSONValue.binary(BSONBinary([UInt8](repeating: 7, count: 1_000_000)))
        try await client.fill("a", numbered(0..<40, [("large", large)]))
        #expect(try await client.count("a") == 40)
        // A duplicate in the second command: the count and the index are those of the whole.
        let outcome = try await client.run { (connection) throws(MongoError) in
          try connection.insert(
            numbered(100..<130, [("large", large)]) + numbered(3..<4) + numbered(200..<201),
            into: "a")
        }
        #expect(outcome.insertedCount == 30)
        #expect(outcome.failedIndex == 30)
        #expect(outcome.failure?.kind == .duplicateKey)
      }
    }

    @Test("a document of 16 MiB goes in and out; one more byte is too large")
    func takesTheLargestDocument() async throws {
      try await withClient { client in
        // length, type, `_id`, zero, int32; type, `b`, zero, length, subtype; end.
        let rest = 16 * 1024 * 1024 - (4 + 1 + 4 + 4 + 1 + 2 + 5 + 1)
        @Sendable func document(_ count: Int) -> BSONDocument {
          ["_id": 1, "b": .binary(BSONBinary([UInt8](repeating: 1, count: count)))]
        }
        #expect(document(rest).bytes.count == 16 * 1024 * 1024)
        try await client.fill("a", [document(rest)])
        let found = try await client.find(MongoQuery("a"))
        #expect(found == [document(rest)])
        let outcome = try await client.run { (connection) throws(MongoError) in
          try connection.insert([["_id": 5], document(rest + 1), ["_id": 6]], into: "a")
        }
        #expect(outcome.failure?.kind == .documentTooLarge)
        #expect(outcome.failedIndex == 1)
        #expect(outcome.insertedCount == 1)
      }
    }

    @Test("an ordered insert stops at a duplicate and says how many went in and which index it was")
    func stopsAtDuplicate() async throws {
      try await withClient { client in
        _ = try await client.run { (connection) throws(MongoError) in
          try connection.createIndexes(
            "a", [["key": ["k": 1], "name": "theKey", "unique": true]])
        }
        try await client.fill("a", [["_id": 100, "k": "x"]])
        let documents: [BSONDocument] = [
          ["_id": 1, "k": "a"], ["_id": 2, "k": "b"], ["_id": 3, "k": "x"], ["_id": 4, "k": "d"],
        ]
        let outcome = try await client.run { (connection) throws(MongoError) in
          try connection.insert(documents, into: "a")
        }
        #expect(outcome.insertedCount == 2)
        #expect(outcome.failedIndex == 2)
        #expect(outcome.failure?.kind == .duplicateKey)
        #expect(outcome.failure?.index == "theKey")
        #expect(outcome.failure?.outcomeIsKnown == true)
        #expect(try await client.count("a") == 3)
        // The text of the key stays out of what people read.
        #expect("\(outcome)".contains("\"x\"") == false)
        let unordered = try await client.run { (connection) throws(MongoError) in
          try connection.insert(documents, into: "a", ordered: false)
        }
        #expect(unordered.insertedCount == 1)
        #expect(unordered.failedIndex == 0)
      }
    }

    @Test("updates say what they matched, changed and inserted")
    func updates() async throws {
      try await withClient { client in
        try await client.fill("a", numbered(0..<10, [("n", 0)]))
        try await client.run { (connection) throws(MongoError) in
          let one = try connection.update("a", where: ["_id": 3], ["$set": ["n": 5]])
          #expect([one.matchedCount, one.modifiedCount] == [1, 1])
          let same = try connection.update("a", where: ["_id": 3], ["$set": ["n": 5]])
          #expect([same.matchedCount, same.modifiedCount] == [1, 0])
          let all = try connection.update("a", where: [:], ["$inc": ["n": 1]], multi: true)
          #expect([all.matchedCount, all.modifiedCount] == [10, 10])
          let new = try connection.update("a", where: ["_id": 77], ["$set": ["n": 1]], upsert: true)
          #expect(new.upsertedID == .int32(77))
          #expect(new.matchedCount == 0)
          #expect(try connection.count("a", where: ["n": 6]) == 1)
        }
      }
    }

    @Test("findAndModify gives the document before or after, or none")
    func findsAndModifies() async throws {
      try await withClient { client in
        try await client.fill("a", numbered(0..<3, [("n", 1)]))
        try await client.run { (connection) throws(MongoError) in
          let after = try connection.findAndModify(
            "a", where: [:], sort: ["_id": -1], update: ["$inc": ["n": 1]])
          #expect(after?.id == 2)
          #expect(after?["n"]?.asInteger == 2)
          let before = try connection.findAndModify(
            "a", where: ["_id": 2], update: ["$inc": ["n": 1]], returnsNew: false)
          #expect(before?["n"]?.asInteger == 2)
          let none = try connection.findAndModify(
            "a", where: ["_id": 9], update: ["$inc": ["n": 1]])
          #expect(none == nil)
        }
      }
    }

    @Test("deletes say how many went")
    func deletes() async throws {
      try await withClient { client in
        try await client.fill("a", numbered(0..<10))
        try await client.run { (connection) throws(MongoError) in
          #expect(try connection.delete("a", where: ["_id": ["$lt": 5]]) == 5)
          #expect(try connection.delete("a", where: [:], onlyFirst: true) == 1)
          #expect(try connection.delete("a", where: ["_id": 100]) == 0)
          #expect(try connection.count("a") == 4)
        }
      }
    }

    @Test("indexes are created once, listed, used, and not redefined")
    func indexes() async throws {
      try await withClient { client in
        try await client.run { (connection) throws(MongoError) in
          #expect(try connection.listIndexes("a").isEmpty)
          let byN: BSONDocument = ["key": ["n": 1], "name": "byN"]
          try connection.createIndexes("a", [byN])
          try connection.createIndexes("a", [byN])
          #expect(
            try connection.listIndexes("a").compactMap { $0["name"]?.asString } == ["_id_", "byN"])
          #expect(try connection.listCollections().compactMap { $0["name"]?.asString } == ["a"])
          let plan = try connection.explain(MongoQuery("a", where: ["n": 3], limit: 1))
          let winner = plan["queryPlanner"]?.asDocument?["winningPlan"]?.asDocument
          #expect(
            winner?["inputStage"]?.asDocument?["inputStage"]?.asDocument?["stage"] == "IXSCAN")
          let changed: BSONDocument = ["key": ["n": 1], "name": "byN", "unique": true]
          let refusal = #expect(throws: MongoError.self) {
            try connection.createIndexes("a", [changed])
          }
          #expect(refusal?.kind == .refused)
        }
      }
    }

    @Test("an aggregation goes through its pipeline")
    func aggregates() async throws {
      try await withClient { client in
        try await client.fill("a", numbered(0..<2500))
        let found = try await client.run { (connection) throws(MongoError) in
          try connection.aggregate(
            "a", [["$match": ["_id": ["$mod": [2, 0]]]], ["$sort": ["_id": 1]]])
        }
        #expect(found.map(\.id) == Array(stride(from: 0, to: 2500, by: 2)))
      }
    }

    @Test("a wrong request is invalid, and its content stays out of the error")
    func tellsInvalidRequests() async throws {
      try await withClient { client in
        try await client.fill("a", [["_id": 1, "n": "secret words"]])
        let error = await failure {
          try await client.run { (connection) throws(MongoError) in
            try connection.update("a", where: ["_id": 1], ["$inc": ["n": 1]])
          }
        }
        #expect(error?.kind == .invalid)
        #expect(error?.outcomeIsKnown == true)
        #expect(error.map { "\($0)" }?.contains("secret") == false)
        let query = await failure {
          try await client.find(MongoQuery("a", where: ["n": ["$no": 1]]))
        }
        #expect(query?.kind == .invalid)
      }
    }

    @Test("the deployment is told, and is a replica set")
    func checksDeployment() async throws {
      try await withClient { client in
        let deployment = try await client.checkDeployment()
        #expect(deployment.shape == .replicaSet(name: "rs0"))
        #expect(deployment.version.hasPrefix("6."))
      }
    }
  }
}
