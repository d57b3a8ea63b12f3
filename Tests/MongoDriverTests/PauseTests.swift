// A server that is paused, and one that is none for us.

import Foundation
import Glibc
import MongoDriver
import Testing

extension MongoServerTests {
  struct PauseTests {
    @Test(
      "M05 M08 a paused server: operations end by their deadline, tasks go on, it recovers by itself",
      .enabled(if: TestServer.process != nil, "ARCHIVE_TEST_MONGO_PID names no process"))
    func paused() async throws {
      let process = try #require(TestServer.process)
      try await withClient({
        ($0.connectionLimit, $0.requestLimit) = (2, 20)
        ($0.socketTimeout, $0.operationDeadline) = (.seconds(3), .seconds(1))
      }) { client in
        try await client.fill("a", [["_id": -1]])
        let stream = try await client.changes(MongoChangeRequest("a"))
        defer { kill(process, SIGCONT) }
        try await stop(process)
        let ticks = Tally()
        let ticker = Task {
          while !Task.isCancelled {
            ticks.add()
            await Task.yield()
          }
        }
        let failures = await withTaskGroup(of: MongoError?.self) { group in
          for id in 0..<40 {
            group.addTask {
              await failure {
                try await client.run { (connection) throws(MongoError) in
                  try connection.insert([["_id": .int32(Int32(id))]], into: "a")
                }
              }
            }
          }
          return await group.reduce(into: []) { $0.append($1) }
        }
        // Two had a thread, twenty waited (fewer while no thread had taken one), the rest found the queue full.
        let kinds = failures.compactMap { $0?.kind }
        #expect(kinds.filter { $0 == .unknownOutcome }.count == 2)
        #expect((18...20).contains(kinds.filter { $0 == .timedOut }.count))
        #expect((18...20).contains(kinds.filter { $0 == .busy }.count))
        #expect(ticks.count > 100)
        ticker.cancel()
        let read = await failure { try await client.count("a") }
        #expect(read?.kind == .timedOut)
        kill(process, SIGCONT)
        try await recover(client)
        #expect(try await client.count("a", ["_id": 1000]) == 1)
        // The stream goes on as well, and brings what was written meanwhile.
        while let change = try await stream.next(), change.document?.id != 1000 {}
      }
    }

    /// Returns when each of its threads has stopped, which the signal does not wait for.
    private func stop(_ process: pid_t) async throws {
      #expect(kill(process, SIGSTOP) == 0)
      let tasks = "/proc/\(process)/task"
      for thread in try FileManager.default.contentsOfDirectory(atPath: tasks) {
        while !(try String(contentsOfFile: "\(tasks)/\(thread)/stat", encoding: .utf8)).contains(
          ") T ")
        {
          await Task.yield()
        }
      }
    }

    private func recover(_ client: MongoClient) async throws {
      for _ in 0..<60 {
        do {
          _ = try await client.run { (connection) throws(MongoError) in
            try connection.update("a", where: ["_id": 1000], ["$set": ["n": 1]], upsert: true)
          }
          return
        } catch {
          #expect([.unknownOutcome, .timedOut, .unreachable].contains(error.kind))
        }
      }
      Issue.record("the client did not recover")
    }

    @Test(
      "a standalone server is refused with its cure",
      .enabled(if: TestServer.program != nil, "ARCHIVE_TEST_MONGOD names no program"))
    func standalone() async throws {
      let program = try #require(TestServer.program)
      let folder = FileManager.default.temporaryDirectory.appending(
        path: "mongo-driver-\(UInt64.random(in: 0...UInt64.max))")
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
      defer { try? FileManager.default.removeItem(at: folder) }
      let port = Int.random(in: 20_000...30_000)
      let server = Process()
      server.executableURL = URL(filePath: program)
      server.arguments = [
        "--dbpath", folder.path(), "--port", "\(port)", "--bind_ip", "127.0.0.1",
        "--nounixsocket", "--quiet", "--logpath", folder.appending(path: "log").path(),
      ]
      server.standardOutput = nil
      try server.run()
      defer {
        kill(server.processIdentifier, SIGKILL)
        server.waitUntilExit()
      }
      var settings = MongoSettings(uri: MongoURI("mongodb://127.0.0.1:\(port)"), database: "a")
      settings.operationDeadline = .seconds(60)
      settings.serverSelectionTimeout = .seconds(60)
      let client = try MongoClient(settings, logger: quietLogger)
      let error = await failure { try await client.checkDeployment() }
      #expect(error?.kind == .refused)
      #expect(error?.hint?.contains("rs.initiate()") == true)
      #expect(error?.hint?.contains("127.0.0.1:\(port)") == true)
      await client.close()
    }
  }
}
