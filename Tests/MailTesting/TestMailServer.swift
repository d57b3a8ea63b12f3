// The mail server that the environment names for tests, and what it received.

import Foundation
public import SMTPClient

/// A real server, by `ARCHIVE_TEST_SMTP_URL` and the variables that `./dev services env smtp` lists beside it.
///
/// Its doors demand different things; see `scripts/services/smtp/server.py`, which also says which recipients provoke
/// errors. Tests run side by side: each writes to recipients of its own.
public struct TestMailServer: Sendable {
  /// In the clear, without signing in.
  public let url: String
  /// Demands STARTTLS and signing in.
  public let startTLS: String
  /// TLS from the first byte; demands signing in.
  public let tls: String
  /// In the clear; demands AUTH LOGIN.
  public let login: String
  public let certificateAuthorityFile: String
  /// Where mails are laid.
  public let folder: String
  /// To start one of one's own; see `OwnMailServer`.
  public let program: String
  public let pythonPath: String

  /// `nil` where the environment names none.
  public static let first: TestMailServer? = {
    let environment = ProcessInfo.processInfo.environment
    func value(_ name: String) -> String? { environment["ARCHIVE_TEST_SMTP_" + name] }
    guard let url = value("URL"), let startTLS = value("STARTTLS_URL"), let tls = value("TLS_URL"),
      let login = value("LOGIN_URL"), let file = value("CA_FILE"), let folder = value("FOLDER"),
      let program = value("PROGRAM"), let pythonPath = value("PYTHONPATH")
    else { return nil }
    return TestMailServer(
      url: url, startTLS: startTLS, tls: tls, login: login, certificateAuthorityFile: file,
      folder: folder, program: program, pythonPath: pythonPath)
  }()

  /// What a skipped test says.
  public static let wanted =
    "needs a mail server: set ARCHIVE_TEST_SMTP_URL and its companions (./dev services up smtp)"

  /// The mails to an address, in the order of their arrival.
  public func mails(to address: String) throws -> [ReceivedMail] {
    try ReceivedMail.all(in: folder, to: address)
  }

  /// Whether it holds a mail to `hang+…` that it will never answer.
  public func isInHand(_ address: String) throws -> Bool {
    FileManager.default.fileExists(atPath: "\(folder)/\(address).hangs")
  }

  /// A client of one of its doors, to be closed.
  public func client(
    _ url: String, _ change: (inout SMTPSettings) -> Void = { _ in }
  ) throws -> SMTPClient {
    guard let server = SMTPServer(url) else { throw NoSuchServer() }
    var settings = SMTPSettings(server: server)
    settings.certificateAuthorityFile = certificateAuthorityFile
    settings.helloName = "tests.example.org"
    change(&settings)
    return try SMTPClient(settings: settings)
  }

  private struct NoSuchServer: Error {}
}

/// A mail as the server took it over.
public struct ReceivedMail: Sendable {
  /// The envelope.
  public struct Envelope: Decodable, Sendable {
    public let door: String
    public let helo: String
    public let from: String
    public let to: [String]
    public let options: [String]
    public let user: String?
    public let tls: Bool
  }

  public let envelope: Envelope
  /// Exactly as received.
  public let bytes: [UInt8]

  /// Those of a folder, in the order of their arrival.
  public static func all(in folder: String, to address: String) throws -> [ReceivedMail] {
    let names = try FileManager.default.contentsOfDirectory(atPath: folder)
    return try names.filter { $0.hasSuffix(".eml") }.sorted().compactMap { name in
      let path = folder + "/" + name.dropLast(4)
      let about = try Data(contentsOf: URL(filePath: path + ".json"))
      let envelope = try JSONDecoder().decode(Envelope.self, from: about)
      guard envelope.to.contains(address) else { return nil }
      return ReceivedMail(
        envelope: envelope, bytes: Array(try Data(contentsOf: URL(filePath: path + ".eml"))))
    }
  }

  /// The mail as Python's `email` package reads it: somebody else's idea of what it says.
  public func read() async throws -> ReadMail { try await ReadMail(bytes) }
}
