// Who asks too often is told so, and nobody else is.

import ArchiveCore
import ArchiveService
import Testing

@Suite struct RateLimitTests {
  /// Believes what tests say about where they come from.
  private static func behindProxy(_ settings: inout ServiceSettings) {
    settings.http.trustedProxies = ["127.0.0.1", "::1"].compactMap { IPNetwork($0) }
  }

  private static func from(_ address: String) -> [String] { ["X-Forwarded-For: \(address)"] }

  private static func signUp(_ name: String, at server: TestServer, from address: String)
    async throws -> Reply
  {
    try await server.send(
      "POST", "/api/auth/signup",
      json: #"{"email":"\#(name)@example.org","name":"N","password":"correct horse battery"}"#,
      headers: from(address))
  }

  @Test("B5 too many sign-ups from one address are a 429 that says when to come back")
  func signUps() async throws {
    try await TestServer.run {
      Self.behindProxy(&$0)
      $0.limits.signUpsPerAddress = Rate(3, per: .seconds(600))
    } _: { server in
      for number in 0..<3 {
        let reply = try await Self.signUp("a\(number)", at: server, from: "192.0.2.1")
        #expect(reply.status == 201)
        #expect(reply.headers["ratelimit-policy"] == #""signUp-address";q=3;w=600"#)
        #expect(
          reply.headers["ratelimit"]?.hasPrefix(#""signUp-address";r=\#(2 - number);t="#) == true)
      }
      let refused = try await Self.signUp("b", at: server, from: "192.0.2.1")
      #expect(refused.status == 429)
      #expect(refused.headers["content-type"] == "application/problem+json")
      #expect(refused.headers["ratelimit"]?.hasPrefix(#""signUp-address";r=0;t="#) == true)
      let wait = try #require(refused.headers["retry-after"].flatMap { Int($0) })
      #expect((1...200).contains(wait))
      #expect(try refused.json["status"]?.number == 429)
      #expect(try refused.json["detail"]?.text?.isEmpty == false)
      #expect(try await Self.signUp("c", at: server, from: "192.0.2.2").status == 201)
      server.clock.advance(by: .seconds(Int64(wait)))
      #expect(try await Self.signUp("d", at: server, from: "192.0.2.1").status == 201)
    }
  }

  @Test(
    "B5 A15 another address of the same IPv6 subscriber is the same, and a forged header changes nothing"
  )
  func subscribers() async throws {
    try await TestServer.run {
      Self.behindProxy(&$0)
      $0.limits.signUpsPerAddress = Rate(1, per: .seconds(600))
    } _: { server async throws in
      #expect(try await Self.signUp("a", at: server, from: "2001:db8:1:1::1").status == 201)
      #expect(try await Self.signUp("b", at: server, from: "2001:db8:1:1:9::1").status == 429)
      #expect(
        try await Self.signUp("c", at: server, from: "198.51.100.7, 2001:db8:1:1::2").status == 429)
      #expect(try await Self.signUp("d", at: server, from: "2001:db8:1:2::1").status == 201)
    }
  }

  @Test("B5 without a trusted proxy a header that names another address is not believed")
  func untrusted() async throws {
    try await TestServer.run {
      $0.limits.signUpsPerAddress = Rate(1, per: .seconds(600))
    } _: { server async throws in
      #expect(try await Self.signUp("a", at: server, from: "192.0.2.1").status == 201)
      #expect(try await Self.signUp("b", at: server, from: "192.0.2.2").status == 429)
    }
  }

  @Test("B5 sends are limited for each account, and what was refused is not sent")
  func sends() async throws {
    try await TestServer.run {
      $0.limits.sendsPerAccount = Rate(5, per: .seconds(60))
      $0.limits.sendsPerAddress = Rate(100, per: .seconds(60))
    } _: { server in
      let anna = try await server.signUp("Anna")
      let boris = try await server.signUp("Boris")
      let conversation = try await server.converse(anna, with: [boris])
      var replies: [Reply] = []
      for number in 0..<6 {
        replies.append(try await server.post("\(number)", as: anna, in: conversation))
      }
      #expect(replies.map(\.status) == [201, 201, 201, 201, 429, 429])
      #expect(
        replies[0].headers["ratelimit-policy"]
          == #""send-address";q=100;w=60, "send-account";q=5;w=60"#)
      #expect(try await server.post("mine", as: boris, in: conversation).status == 201)
      let history = try await server.ask(
        "GET", "/api/conversations/\(conversation)/messages", as: anna)
      #expect(history["items"]?.list.map { $0["text"]?.text } == ["0", "1", "2", "3", "mine"])
      server.clock.advance(by: .seconds(13))
      #expect(try await server.post("later", as: anna, in: conversation).status == 201)
    }
  }

  @Test("what has no limit says nothing of limits, and is never refused")
  func unlimited() async throws {
    try await TestServer.run {
      $0.limits = .init()
    } _: { server in
      for _ in 0..<50 {
        let reply = try await server.send("GET", "/healthz")
        #expect(reply.status == 200)
        #expect(reply.headers["ratelimit"] == nil)
      }
    }
  }

  @Test(
    "B5 A15 guessing is delayed on all nodes, and the owner gets in from where the account is known"
  )
  func guessing() async throws {
    let documents = try await TestDocuments.make()
    try await TestServer.run(documents: documents.store) {
      Self.behindProxy(&$0)
      $0.limits = .init()
    } _: { one in
      let victim = try await one.signUp("Victim")
      try await TestServer.run(documents: documents.store) {
        Self.behindProxy(&$0)
        $0.limits = .init()
      } _: { other in
        var statuses: [Int] = []
        for number in 0..<10 {
          let node = number % 2 == 0 ? one : other
          statuses.append(
            try await Self.signIn(victim.email, "wrong \(number)", at: node, from: "203.0.113.9")
              .status)
        }
        #expect(statuses == Array(repeating: 401, count: 6) + Array(repeating: 429, count: 4))
        let right = try await Self.signIn(
          victim.email, Person.password, at: other, from: "198.51.100.3")
        #expect(right.status == 429)
        #expect(right.headers["retry-after"] != nil)
        // The sign-up came without a header, from this machine: that address the account knows.
        #expect(try await other.signIn(victim.email).status == 200)
      }
    }
    try await documents.discard()
  }

  /// The failures that count against sign-ins now.
  private static func failures(_ server: TestServer) async throws -> Int64 {
    try await server.stored("signInCounts").reduce(0) { sum, document in
      if case .integer(let failures)? = document["failures"] { sum + failures } else { sum }
    }
  }

  @Test("B5 a right password that another limit refuses is no failure")
  func rightAndRefused() async throws {
    try await TestServer.run {
      $0.limits.freeSignInFailures = 2
      $0.limits.signInsPerAccount = Rate(1, per: .seconds(600))
    } _: { server async throws in
      let ada = try await server.signUp("Ada")
      #expect(try await server.signIn(ada.email).status == 200)
      for _ in 0..<8 {
        let refused = try await server.signIn(ada.email)
        #expect(
          try refused.json["detail"]?.text == "too many requests of this kind, try again later")
      }
      #expect(try await Self.failures(server) == 0)
    }
  }

  @Test("B5 the right password of an account out of use is no failure, and buys no guesses")
  func rightAndOutOfUse() async throws {
    try await TestServer.run {
      $0.limits.freeSignInFailures = 2
    } _: { server async throws in
      let ada = try await server.signUp("Ada")
      try await server.documents.update(
        Update(
          "users", where: .id(ada.id), [.set("deactivatedAt", .time(Timestamp(milliseconds: 1)))]))
      for _ in 0..<8 { #expect(try await server.signIn(ada.email).status == 403) }
      #expect(try await Self.failures(server) == 0)
      var statuses: [Int] = []
      for number in 0..<2 {
        statuses.append(try await server.signIn(ada.email, "guess \(number)").status)
        statuses.append(try await server.signIn(ada.email).status)
      }
      statuses.append(try await server.signIn(ada.email, "one more").status)
      #expect(statuses == [401, 403, 401, 403, 401])
      #expect(
        try await Self.failures(server) == 3, "each wrong one counts, whatever stands between")
    }
  }

  @Test(
    "B5 a proof of the password at which nobody could look is no failure", .timeLimit(.minutes(1)))
  func busyProof() async throws {
    let documents = try await TestDocuments.make()
    try await TestServer.run(documents: documents.store) { one in
      let ada = try await one.signUp("Ada")
      try await TestServer.run(documents: documents.store) {
        $0.limits.freeSignInFailures = 2
        ($0.auth.passwordThreads, $0.auth.passwordQueueLimit) = (0, 0)
      } _: { busy async throws in
        for _ in 0..<5 {
          let change = try await busy.send(
            "POST", "/api/users/me/password", token: ada.token,
            json: #"{"currentPassword":"\#(Person.password)","newPassword":"a new password"}"#)
          #expect(change.status == 503)
          let off = try await busy.send(
            "POST", "/api/users/me/deactivation", token: ada.token,
            json: #"{"password":"\#(Person.password)"}"#)
          #expect(off.status == 503)
        }
        #expect(try await Self.failures(busy) == 0)
      }
    }
    try await documents.discard()
  }

  @Test("A15 an unknown account is refused with the same words as a known one, also when delayed")
  func sameAnswers() async throws {
    try await TestServer.run {
      Self.behindProxy(&$0)
      $0.limits.freeSignInFailures = 2
    } _: { server in
      let known = try await server.signUp("Known")
      var answers: [[String]] = []
      for (email, address) in [
        (known.email, "203.0.113.1"), ("unknown@example.org", "203.0.113.2"),
      ] {
        var told: [String] = []
        for _ in 0..<5 {
          let reply = try await Self.signIn(email, "wrong", at: server, from: address)
          let names = reply.headers.keys.filter { $0 != "retry-after" }.sorted()
          told.append("\(reply.status) \(try reply.json["detail"]?.text ?? "") \(names)")
        }
        answers.append(told)
      }
      #expect(answers[0] == answers[1])
      #expect(answers[0].first?.hasPrefix("401") == true)
      #expect(answers[0].last?.hasPrefix("429") == true)
    }
  }

  private static func signIn(
    _ email: String, _ password: String, at server: TestServer, from address: String
  ) async throws -> Reply {
    try await server.send(
      "POST", "/api/auth/login",
      json: #"{"email":\#(try quoted(email)),"password":\#(try quoted(password))}"#,
      headers: from(address))
  }
}
