// Change streams on a real server.

import MongoDriver
import Testing

extension MongoServerTests {
  struct ChangeStreamTests {
    @Test("inserted, updated, replaced and deleted documents come in order, whole")
    func kinds() async throws {
      try await withStream { client, stream in
        try await client.fill("a", [["_id": 1, "n": 1]])
        try await client.run { (connection) throws(MongoError) in
          try connection.update("a", where: ["_id": 1], ["$set": ["more": "x"]])
        }
        let updated = try await take(2, from: stream)
        try await client.run { (connection) throws(MongoError) in
          try connection.update("a", where: ["_id": 1], ["n": 5])
          try connection.delete("a", where: ["_id": 1])
        }
        let changes = updated + (try await take(2, from: stream))
        #expect(changes.map(\.kind) == [.inserted, .updated, .replaced, .deleted])
        #expect(changes[0].document == ["_id": 1, "n": 1])
        #expect(changes[1].document == ["_id": 1, "n": 1, "more": "x"])
        #expect(changes[3].document == nil)
        #expect(changes[3].key == ["_id": 1])
      }
    }

    @Test("a stream goes on in another client behind a stored position, and from its opening")
    func resumesElsewhere() async throws {
      try await withStream { client, stream in
        try await client.fill("a", numbered(0..<20))
        let first = try await take(8, from: stream)
        stream.close()
        #expect(try await stream.next() == nil)
        try await withClient({ $0.database = client.applicationName }) { other in
          let rest = try await other.changes(
            MongoChangeRequest("a", start: .after(try #require(first.last).position)))
          #expect(try await take(12, from: rest).compactMap(\.document?.id) == Array(8..<20))
          let all = try await other.changes(MongoChangeRequest("a", start: .after(stream.opening)))
          #expect(try await take(20, from: all).compactMap(\.document?.id) == Array(0..<20))
        }
      }
    }

    @Test(
      "a position that the server no longer has is told apart",
      .enabled(if: TestServer.hasFaults, TestServer.faultsMissing))
    func lostHistory() async throws {
      try await withStream { client, stream in
        let request = MongoChangeRequest("a", start: .after(stream.opening))
        try await client.setFault(
          ["aggregate"], of: client.applicationName, times: 1, ["errorCode": 286])
        let error = await failure { try await client.changes(request) }
        #expect(error?.kind == .changeStreamHistoryLost)
      }
    }

    @Test(
      "a stream that loses its history while it runs ends with that, behind what came before",
      .enabled(if: TestServer.hasFaults, TestServer.faultsMissing))
    func losesHistory() async throws {
      try await withStream { client, stream in
        try await client.fill("a", numbered(0..<3))
        _ = try await take(3, from: stream)
        try await client.setFault(
          ["getMore"], of: client.applicationName, times: 1, ["errorCode": 286])
        let error = await failure { try await stream.next() }
        #expect(error?.kind == .changeStreamHistoryLost)
      }
    }

    @Test(
      "a stream survives broken connections, lost cursors and changes of the primary: no gap, nothing twice",
      .enabled(if: TestServer.hasFaults, TestServer.faultsMissing))
    func survives() async throws {
      let faults: [BSONDocument] = [
        ["closeConnection": true], ["errorCode": 43],
        ["errorCode": 10107, "errorLabels": ["ResumableChangeStreamError"]],
        ["errorCode": 89, "errorLabels": ["ResumableChangeStreamError"]],
      ]
      try await withStream(batchSize: 7) { client, stream in
        async let seen = take(1000, from: stream)
        for round in 0..<20 {
          try await client.setFault(
            round % 5 == 4 ? ["getMore", "aggregate"] : ["getMore"], of: client.applicationName,
            times: 1 + round % 3, faults[round % faults.count])
          for id in (round * 50)..<(round * 50 + 50) {
            try await client.fill("a", numbered(id..<(id + 1)))
          }
        }
        #expect(try await seen.compactMap(\.document?.id) == Array(0..<1000))
      }
    }

    @Test("a stream survives that its cursor is killed")
    func cursorKilled() async throws {
      try await withStream { client, stream in
        for round in 0..<5 {
          #expect(try await killCursors(client) > 0)
          try await client.fill("a", numbered((round * 10)..<(round * 10 + 10)))
          let ids = try await take(10, from: stream).compactMap(\.document?.id)
          #expect(ids == Array((round * 10)..<(round * 10 + 10)))
        }
      }
    }

    /// Kills what the server is asked on the collection; how many cursors that were.
    private func killCursors(_ client: MongoClient) async throws -> Int {
      for _ in 0..<10_000 {
        let operations = try await client.command(
          [
            "aggregate": 1, "cursor": [:],
            "pipeline": [
              ["$currentOp": ["idleCursors": true]],
              ["$match": ["ns": .string("\(client.applicationName).a")]],
            ],
          ], on: "admin")
        let found = operations["cursor"]?.asDocument?["firstBatch"]?.asArray ?? []
        let cursors = found.compactMap { $0.asDocument?["cursor"]?.asDocument?["cursorId"] }
        guard !cursors.isEmpty else { continue }
        let killed = try await client.command(["killCursors": "a", "cursors": .array(cursors)])
        let count = killed["cursorsKilled"]?.asArray?.count ?? 0
        if count > 0 { return count }
      }
      return 0
    }

    @Test("a dropped collection is told, and its next life is followed")
    func invalidated() async throws {
      try await withStream { client, stream in
        try await client.fill("a", [["_id": 1]])
        _ = try await client.command(["drop": "a"])
        let ended = try await take(3, from: stream)
        #expect(ended.map(\.kind) == [.inserted, .other("drop"), .invalidated])
        try await client.fill("a", [["_id": 2]])
        #expect(try await take(1, from: stream).first?.document?.id == 2)
      }
    }

    @Test("a slow reader holds the stream back and loses nothing")
    func slowReader() async throws {
      try await withClient { client in
        var request = MongoChangeRequest("a")
        (request.queueLimit, request.batchSize) = (10, 10)
        let stream = try await client.changes(request)
        try await client.fill("a", numbered(0..<500))
        #expect(try await take(500, from: stream).compactMap(\.document?.id) == Array(0..<500))
      }
    }

    @Test("cancelling the reader ends the stream and its thread; streams are bounded")
    func cancellation() async throws {
      try await withClient({ $0.changeStreamLimit = 1 }) { client in
        let stream = try await client.changes(MongoChangeRequest("a"))
        let busy = await failure { try await client.changes(MongoChangeRequest("a")) }
        #expect(busy?.kind == .busy)
        let reader = Task { await failure { try await stream.next() } }
        await Task.yield()
        reader.cancel()
        #expect(await reader.value?.kind == .cancelled)
        // Its thread ends soon; until then there is no room for another.
        let next = try await eventually { try await client.changes(MongoChangeRequest("a")) }
        try await client.fill("a", [["_id": 1]])
        #expect(try await next.next()?.kind == .inserted)
      }
    }

    @Test("a stream that nobody holds ends, and so does one whose client is closed")
    func lettingGo() async throws {
      try await withClient({ $0.changeStreamLimit = 1 }) { client in
        _ = try await client.changes(MongoChangeRequest("a"))
        let next = try await eventually { try await client.changes(MongoChangeRequest("a")) }
        await client.close()
        #expect(try await next.next() == nil)
        let error = await failure { try await client.changes(MongoChangeRequest("a")) }
        #expect(error?.kind == .closed)
      }
    }
  }
}

/// A client and a stream of its collection `a`.
private func withStream(
  batchSize: Int = 1000, _ body: (MongoClient, MongoChangeStream) async throws -> Void
) async throws {
  try await withClient { client in
    var request = MongoChangeRequest("a")
    request.batchSize = batchSize
    try await body(client, try await client.changes(request))
  }
}

private func take(_ count: Int, from stream: MongoChangeStream) async throws -> [MongoChange] {
  var changes: [MongoChange] = []
  while changes.count < count, let change = try await stream.next() { changes.append(change) }
  return changes
}

/// Tries again while it is busy.
private func eventually<Value>(_ body: () async throws -> Value) async throws -> Value {
  while true {
    do {
      return try await body()
    } catch let error as MongoError where error.kind == .busy {
      await Task.yield()
    }
  }
}
