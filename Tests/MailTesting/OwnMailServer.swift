// A mail server that one test starts, kills, and starts again.

import Foundation
import Synchronization

/// One process of `scripts/services/smtp/server.py` on ports of its own.
public final class OwnMailServer: Sendable {
  public let port: Int
  public let folder: String
  private let place: TestMailServer
  private let arguments: [String]
  private let process = Mutex<Process?>(nil)

  /// Takes four ports that are free now; nothing listens there before `start`.
  public init(_ place: TestMailServer, arguments: [String] = []) throws {
    (self.place, self.arguments) = (place, arguments)
    folder = FileManager.default.temporaryDirectory.appending(path: "mails-\(UUID())").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    port = try Self.freePort()
  }

  deinit {
    kill()
    try? FileManager.default.removeItem(atPath: folder)
  }

  /// In the clear, without signing in.
  public var url: String { "smtp://127.0.0.1:\(port)" }

  public func mails(to address: String) throws -> [ReceivedMail] {
    try ReceivedMail.all(in: folder, to: address)
  }

  /// Returns when it answers.
  public func start() throws {
    let new = Process()
    new.executableURL = URL(filePath: "/usr/bin/env")
    new.arguments = ["python3", "-S", place.program, folder, String(port)] + arguments
    new.environment = ProcessInfo.processInfo.environment.merging(
      ["PYTHONPATH": place.pythonPath, "PYTHONDONTWRITEBYTECODE": "1"]) { $1 }
    let output = Pipe()
    new.standardOutput = output
    new.standardError = FileHandle.nullDevice
    try new.run()
    process.withLock { $0 = new }
    // It says one word when it listens.
    guard !output.fileHandleForReading.availableData.isEmpty else { throw DidNotStart() }
  }

  /// SIGKILL; returns when it has ended.
  public func kill() {
    let old = process.withLock { process in
      defer { process = nil }
      return process
    }
    guard let old else { return }
    Foundation.kill(old.processIdentifier, SIGKILL)
    old.waitUntilExit()
  }

  private struct DidNotStart: Error {}

  private static func freePort() throws -> Int {
    // Below those that the kernel hands out by itself, and beside those of ./dev test.
    for _ in 0..<100 {
      let port = 15_000 + Int.random(in: 0..<1000) * 4
      if (0..<4).allSatisfy({ !isOpen(port + $0) }) { return port }
    }
    throw DidNotStart()
  }

  private static func isOpen(_ port: Int) -> Bool {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    let length = socklen_t(MemoryLayout<sockaddr_in>.size)
    return withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, length) == 0 }
    }
  }
}
