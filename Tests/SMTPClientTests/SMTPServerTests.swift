// Which URLs name a mail server, and what they say.

import Testing

@testable import SMTPClient

@Suite struct SMTPServerTests {
  @Test("a URL says host, port, encryption and who we are")
  func good() throws {
    let server = try #require(SMTPServer("smtp://ada:p%40ss%3Aw%2f%C3%A9@mail.example.org:2525"))
    #expect(server.host == "mail.example.org")
    #expect(server.port == 2525)
    #expect(!server.isTLS)
    #expect(server.credentials?.user == "ada")
    #expect(server.credentials?.password == "p@ss:w/é")
    #expect(server.place == "smtp://mail.example.org:2525")
  }

  @Test(
    "without a port it is the one for submission",
    arguments: [("smtp://h", 587), ("SMTPS://h/", 465)])
  func ports(_ url: String, _ port: Int) throws {
    let server = try #require(SMTPServer(url))
    #expect(server.port == port)
    #expect(server.isTLS == (port == 465))
    #expect(server.credentials == nil)
  }

  @Test(
    "anything else is refused",
    arguments: [
      "", "mail.example.org", "http://h", "smtp:/h", "smtp://", "smtp://:25", "smtp://h:0",
      "smtp://h:65536", "smtp://h:+25", "smtp://h:", "smtp://h/path", "smtp://h?x", "smtp://h#x",
      "smtp://user@h", "smtp://:pass@h", "smtp://u:%zz@h", "smtp://u:%4@h", "smtp://u:%00@h",
      "smtp://u:%0d%0aQUIT@h", "smtp://u:%ff@h", "smtp://h h", "smtp://h\r\nx", "smtp://почта.рф",
      "smtp://[::1", "smtp://[]", "smtp://a@b:c@[x]:25", "smtp://h\\x",
    ])
  func refused(_ url: String) {
    #expect(SMTPServer(url) == nil)
  }

  @Test(
    "only this machine is local",
    arguments: [
      ("smtp://localhost", true), ("smtp://127.0.0.1:25", true), ("smtp://127.9.9.9", true),
      ("smtp://[::1]:25", true), ("smtp://mail.localhost", true),
      ("smtp://127.0.0.1.example.org", false),
      ("smtp://localhost.example.org", false), ("smtp://10.0.0.1", false), ("smtp://127.1", false),
      ("smtp://[::2]", false), ("smtp://127.0.0.999", false),
    ])
  func local(_ url: String, _ isLocal: Bool) throws {
    #expect(try #require(SMTPServer(url)).isLocal == isLocal)
  }

  @Test("encryption is required everywhere but on this machine, unless the setting says otherwise")
  func encryption() throws {
    func requires(_ url: String, _ encryption: SMTPSettings.Encryption) throws -> Bool {
      var settings = SMTPSettings(server: try #require(SMTPServer(url)))
      settings.encryption = encryption
      return settings.requiresStartTLS
    }
    #expect(try requires("smtp://mail.example.org", .automatic))
    #expect(try !requires("smtp://localhost", .automatic))
    #expect(try requires("smtp://localhost", .required))
    #expect(try !requires("smtp://mail.example.org", .none))
    #expect(try !requires("smtps://mail.example.org", .required))
  }

  @Test("a password never goes to another machine in the clear")
  func clearPassword() throws {
    var settings = SMTPSettings(server: try #require(SMTPServer("smtp://u:p@mail.example.org")))
    settings.encryption = .none
    #expect(throws: SMTPError.self) { try SMTPClient(settings: settings) }
    settings.server = try #require(SMTPServer("smtp://u:p@127.0.0.1"))
    #expect(throws: Never.self) { try SMTPClient(settings: settings) }
  }

  @Test("J2 credentials print as stars, alone and inside of others")
  func stars() throws {
    let server = try #require(SMTPServer("smtp://ada:geheim@h"))
    var shown = "\(server) \(String(reflecting: server)) \(String(describing: server.credentials))"
    dump(server, to: &shown)
    dump(SMTPSettings(server: server), to: &shown)
    #expect(!shown.contains("geheim") && !shown.contains("ada"))
    #expect(shown.contains("********"))
  }
}
