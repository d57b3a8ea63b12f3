// Readiness with stores that do not answer.

import ArchiveService
import Testing

@Suite(.timeLimit(.minutes(5))) struct ReadinessTests {
  @Test("J2 a store that hangs makes the service unready in time, and is asked once")
  func hanging() async throws {
    let store = SwitchedStore()
    try await TestServer.run(documents: store) {
      $0.http.readinessDeadline = .milliseconds(100)
    } _: { server async throws in
      store.setHanging(true)
      for _ in 0..<3 {
        let reply = try await server.send("GET", "/readyz")
        #expect(reply.status == 503)
        #expect(try reply.json["checks"]?["documents"]?.text == "no answer in time")
        #expect(reply.headers["retry-after"] == "2")
      }
      #expect(store.pingCount == 1)
      #expect(try await server.send("GET", "/healthz").status == 200)
      store.setHanging(false)
    }
  }

  @Test("J2 a store that answers again makes the service ready again")
  func recovered() async throws {
    let store = SwitchedStore()
    try await TestServer.run(documents: store) {
      $0.http.readinessDeadline = .seconds(60)
    } _: { server async throws in
      store.setHanging(true)
      async let waiting = server.send("GET", "/readyz")
      while store.pingCount == 0 { await Task.yield() }
      store.setHanging(false)
      #expect(try await waiting.status == 200)
      #expect(try await server.send("GET", "/readyz").status == 200)
      #expect(store.pingCount == 2)
    }
  }

  @Test("J2 a store that hangs does not keep the service from stopping")
  func stopping() async throws {
    let store = SwitchedStore()
    try await TestServer.run(documents: store) {
      $0.http.readinessDeadline = .milliseconds(100)
    } _: { server async throws in
      store.setHanging(true)
      #expect(try await server.send("GET", "/readyz").status == 503)
    }
    store.setHanging(false)
  }
}
