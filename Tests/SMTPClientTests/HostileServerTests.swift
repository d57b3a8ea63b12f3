// Servers that do not keep to the protocol.

import Foundation
import MailTesting
import Testing

@testable import SMTPClient

/// A process that speaks to each who connects as a test wants it to.
private final class HostileServer {
  let port: Int
  private let process = Process()

  /// - Parameter script: Python, with `client` as the connected socket and `line()` to read one.
  init(_ script: String) throws {
    let output = Pipe()
    process.executableURL = URL(filePath: "/usr/bin/env")
    let body = script.split(separator: "\n").map { "        " + $0 }.joined(separator: "\n")
    process.arguments = [
      "python3", "-c",
      """
      import socket, time
      listener = socket.create_server(("127.0.0.1", 0))
      print(listener.getsockname()[1], flush=True)
      while True:
          client = listener.accept()[0]
          reader = client.makefile("rb")
          line = reader.readline
          try:
      \(body)
          except OSError:
              pass
          client.close()
      """,
    ]
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    let said = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
    port = try #require(Int(said.split(separator: "\n").first ?? ""))
  }

  deinit {
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
  }
}

@Suite struct HostileServerTests {
  private func failure(
    of script: String, _ change: (inout SMTPSettings) -> Void = { _ in }
  ) async throws -> SMTPError? {
    let hostile = try HostileServer(script)
    let url = "smtp://ada:hunter2@127.0.0.1:\(hostile.port)"
    var settings = SMTPSettings(server: try #require(SMTPServer(url)))
    settings.totalDeadline = .seconds(2)
    change(&settings)
    let client = try SMTPClient(settings: settings)
    let failure = await SMTPClient.failure {
      try await client.send(try .sample(to: "ada@example.org"))
    }
    await client.close()
    if let failure { #expect(!"\(failure)".contains("hunter2")) }
    return failure
  }

  @Test(
    "whatever a server says in place of a greeting is an error and no mail",
    arguments: [
      #"pass"#, #"client.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")"#,
      #"client.sendall(b"\0\xff\xfe\r\n\r\n220\r\n")"#, #"client.sendall(b"220")"#,
      #"client.sendall(b"554 go away\r\n"); line(); time.sleep(9)"#,
      #"client.sendall(b"x" * 1000000 + b"\r\n"); line()"#,
      #"client.sendall(b"220 hi\r\n"); line(); client.sendall(b"999 what\r\n"); line()"#,
    ])
  func greetings(_ script: String) async throws {
    let failure = try await failure(of: script)
    #expect(failure != nil)
    #expect(failure?.stage ?? .body < .sender)
  }

  @Test("a server that says nothing, or never ends, is left at the deadline")
  func endless() async throws {
    for script in [
      "time.sleep(30)", "while True: client.sendall(b\"220-x\\r\\n\" * 1000)",
      "while True: client.sendall(b\"x\" * 1000)",
      "client.sendall(b\"220 hi\\r\\n\"); line(); [(client.sendall(b\"250-x\\r\\n\"), time.sleep(0.1)) for _ in range(900)]",
    ] {
      #expect(try await failure(of: script) != nil)
    }
  }

  @Test("what is said in the clear behind STARTTLS counts for nothing, and no password follows")
  func injection() async throws {
    let failure = try await failure(
      of: """
        client.sendall(b"220 hi\\r\\n")
        line()
        client.sendall(b"250-hi\\r\\n250-STARTTLS\\r\\n250 AUTH PLAIN LOGIN\\r\\n")
        line()
        client.sendall(b"220 go\\r\\n250-hi\\r\\n250 AUTH PLAIN\\r\\n235 welcome\\r\\n")
        time.sleep(5)
        """
    ) { $0.encryption = .required }
    #expect(failure != nil)
    #expect(failure?.stage ?? .body < .signIn)
  }

  @Test("where encryption is required nothing but EHLO is said before it")
  func stripped() async throws {
    // The one in the middle takes STARTTLS out of the answer.
    let failure = try await failure(
      of: """
        client.sendall(b"220 hi\\r\\n")
        line()
        client.sendall(b"250-hi\\r\\n250 AUTH PLAIN LOGIN\\r\\n")
        line()
        client.sendall(b"235 welcome\\r\\n")
        line()
        """
    ) { $0.encryption = .required }
    #expect(failure?.kind == .untrusted)
    #expect(failure?.stage == .hello)
  }
}
