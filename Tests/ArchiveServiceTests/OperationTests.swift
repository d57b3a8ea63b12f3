// Health, metrics, documentation and the end of the service.

import ArchiveCore
import ArchiveTesting
import Foundation
import Logging
import Testing

@testable import ArchiveService

@Suite struct OperationTests {
  @Test("J2 metrics count requests by route and never by path")
  func metrics() async throws {
    try await TestServer.run { server async throws in
      let ada = try await server.signUp("Ada")
      _ = try await server.send("GET", "/api/users/\(ada.id)", token: ada.token)
      _ = try await server.send("GET", "/secret/path")
      let text = String(decoding: try await server.send("GET", "/metrics").body, as: UTF8.self)
      #expect(text.contains(#"method="GET",route="/api/users/{id}",status="2xx"} 1"#))
      #expect(!text.contains(ada.id))
      #expect(!text.contains("secret"))
      #expect(text.contains("process_start_time_seconds"))
      #expect(text.contains("archive_buffered_conversations 0.0"))
    }
  }

  @Test("I2 the OpenAPI document describes exactly the routes that answer")
  func openAPI() async throws {
    try await TestServer.run { server async throws in
      let reply = try await server.send("GET", "/openapi.json")
      #expect(
        String(decoding: reply.body, as: UTF8.self)
          == ArchiveService.openAPIDocument(settings: server.settings))
      let json = try reply.json
      #expect(json["openapi"]?.text == "3.1.0")
      guard case .object(let paths)? = json["paths"] else { return #expect(Bool(false)) }
      for (path, item) in paths {
        let concrete = path.replacing("{id}", with: "01ARZ3NDEKTSV4RRFFQ69G5FAV")
          .replacing("{seq}", with: "1").replacing("{firstSeq}", with: "1").replacing(
            "{userId}", with: "01ARZ3NDEKTSV4RRFFQ69G5FAV"
          )
          .replacing("{sessionId}", with: "01ARZ3NDEKTSV4RRFFQ69G5FAV")
          .replacing("{version}", with: WebPage.embedded.version)
          .replacing("{folder}", with: "shell").replacing("{file}", with: "main.js")
        for method in ["get", "post", "put", "patch", "delete"] {
          let reply = try await server.send(method.uppercased(), concrete)
          // A link that is none is an answer, too.
          let isUnknown = reply.status == 404 && !concrete.hasPrefix("/d/")
          let isAnswered = reply.status != 405 && !isUnknown
          #expect(isAnswered == (item[method] != nil), "\(method) \(path) \(reply.status)")
        }
      }
      #expect(paths.count > 40)
    }
  }

  @Test("I2 every schema and parameter that the OpenAPI document names is there")
  func references() throws {
    let text = ArchiveService.openAPIDocument(settings: TestServer.settings())
    let json = try JSONDecoder().decode(JSONNode.self, from: Data(text.utf8))
    let names = text.matches(of: /"#\/components\/([a-z]+)\/([A-Za-z]+)"/)
      .map { (String($0.1), String($0.2)) }
    #expect(names.count > 40)
    for (kind, name) in names {
      #expect(json["components"]?[kind]?[name] != nil, "\(kind) \(name)")
    }
  }

  @Test("I2 the documentation page comes with the binary and takes nothing from elsewhere")
  func docs() async throws {
    try await TestServer.run { server async throws in
      let page = try await server.send("GET", "/docs")
      #expect(page.headers["content-type"] == "text/html; charset=utf-8")
      let html = String(decoding: page.body, as: UTF8.self)
      #expect(!html.contains("http://") && !html.contains("https://"))
      #expect(page.headers["content-security-policy"]?.contains("unsafe-inline") == false)
      for reference in html.matches(of: /(?:src|href)="(\/[^"]*)"/).map({ String($0.1) }) {
        #expect(try await server.send("GET", reference).status == 200, "\(reference)")
      }
    }
  }

  @Test("J2 HEAD answers as GET without the body")
  func head() async throws {
    try await TestServer.run { server async throws in
      let reply = try await server.send("HEAD", "/healthz")
      #expect(reply.status == 200)
      #expect(reply.body.isEmpty)
    }
  }

  @Test("J2 a stop lets the requests in flight finish and writes the waiting activity")
  func drain() async throws {
    let store: any DocumentStore = InMemoryDocumentStore()
    try await TestServer.run(documents: store) {
      $0.auth.passwordCost = .init(logRounds: 14)
    } _: { server async throws in
      let ada = try await server.signUp("Ada")
      let bob = try await server.signUp("Bob")
      let id = try await server.converse(ada, with: [bob])
      try await server.post("hello", as: ada, in: id)
      // The sign-in's hash is under way when the stop comes: its head was read before.
      async let late = server.signIn(ada.email)
      try await Task.sleep(for: .milliseconds(20))
      await server.stop()
      #expect(try await late.status == 200)
    }
    let marks = try await store.find(Query("members", limit: 10)).map { $0["activityOrdinal"] }
    #expect(marks == [.integer(1), .integer(1)])
  }

  @Test("J2 a secret prints as stars")
  func secret() {
    let secret = Secret(Array("the secret".utf8))
    #expect("\(secret) \(String(reflecting: secret))" == "******** ********")
    var text = ""
    dump(TestServer.settings(), to: &text)
    #expect(!text.contains("116"))
  }

  @Test("J2 a secret of less than 32 bytes does not start the service")
  func shortSecret() async throws {
    let documents: any DocumentStore = InMemoryDocumentStore()
    let (objects, clock) = (InMemoryObjectStore(), TestClock())
    let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
    let key = try #require(AnchorKey([UInt8](repeating: 7, count: 32)))
    let service = ArchiveService(
      documents: documents, objects: objects,
      log: ConversationLog(
        documents: documents, objects: objects, settings: LogSettings(), anchorKey: key,
        surroundings: clock.surroundings, logger: logger),
      settings: TestServer.settings { $0.auth.secret = Secret([1, 2, 3]) },
      surroundings: clock.surroundings, logger: logger)
    await #expect(throws: ArchiveService.InvalidSettings.self) { try await service.run { _ in } }
  }
}
