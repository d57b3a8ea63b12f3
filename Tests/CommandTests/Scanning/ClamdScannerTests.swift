// The search for viruses, against a stand-in that is held to clamd's protocol.

import ArchiveCore
import ArchiveService
import Foundation
import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import archive_service

@Suite struct ClamdScannerTests {
  /// Finds this in what it is sent; the real test file of virus scanners stands in no file of ours.
  static let virus = Array("a virus, for tests".utf8)

  private static func scan(
    _ bytes: [UInt8], _ daemon: StandInClamd, pieces: Int = 3, deadline: Duration = .seconds(60)
  ) async throws -> ScanResult {
    try await ClamdScanner(
      address: daemon.address, deadline: deadline, sleep: LiveSurroundings.make().sleep
    ).scan(source(bytes, pieces))
  }

  private static func source(_ bytes: [UInt8], _ pieces: Int)
    -> @Sendable () async throws
    -> [UInt8]?
  {
    let rest = SharedBytes(bytes)
    let size = max(1, bytes.count / pieces)
    return { rest.take(size) }
  }

  @Test(
    "what is clean is clean, and what is not has its name, over TCP and a socket",
    arguments: [false, true])
  func verdicts(isSocket: Bool) async throws {
    try await StandInClamd.run(.honest, isSocket: isSocket) { daemon async throws in
      #expect(try await Self.scan([], daemon) == .clean)
      #expect(try await Self.scan(Array("hello".utf8), daemon) == .clean)
      let large = [UInt8](repeating: 7, count: 3_000_000)
      #expect(try await Self.scan(large, daemon, pieces: 1) == .clean)
      #expect(
        try await Self.scan(large + Self.virus + large, daemon) == .infected("Test.Virus FOUND"))
      try await ClamdScanner(
        address: daemon.address, deadline: .seconds(60), sleep: LiveSurroundings.make().sleep
      ).ping()
    }
  }

  @Test("what is larger than clamd takes is said to be, although it stops listening")
  func tooLarge() async throws {
    try await StandInClamd.run(.honest) { daemon async throws in
      let large = [UInt8](repeating: 7, count: 30_000_000)
      #expect(try await Self.scan(large, daemon, pieces: 300) == .tooLarge)
    }
  }

  @Test(
    "a daemon that hangs up, talks nonsense or says nothing gives no verdict",
    arguments: [
      StandInClamd.Manner.hangsUp, .says("stream: ERROR"), .says(""), .says("OK"),
      .says("stream: OK FOUN"), .babbles, .isSilent,
    ])
  func faults(manner: StandInClamd.Manner) async throws {
    try await StandInClamd.run(manner) { daemon async throws in
      let deadline = manner == .isSilent ? Duration.milliseconds(200) : .seconds(60)
      do {
        let result = try await Self.scan(Array("hello".utf8), daemon, deadline: deadline)
        Issue.record("a verdict came out of it: \(result)")
      } catch is ScanError {}
    }
  }

  @Test("a daemon that is not there gives no verdict")
  func away() async throws {
    let address = try #require(ClamdAddress("/nowhere/clamd.ctl"))
    let scanner = ClamdScanner(
      address: address, deadline: .seconds(60), sleep: LiveSurroundings.make().sleep)
    await #expect(throws: ScanError.self) { try await scanner.scan { nil } }
    await #expect(throws: ScanError.self) { try await scanner.ping() }
  }

  @Test("a file that cannot be read is no fault of the daemon's, and not clean")
  func sourceFails() async throws {
    struct Broken: Error {}
    try await StandInClamd.run(.honest) { daemon async throws in
      let scanner = ClamdScanner(
        address: daemon.address, deadline: .seconds(60), sleep: LiveSurroundings.make().sleep)
      await #expect(throws: Broken.self) { try await scanner.scan { throw Broken() } }
    }
  }

  @Test("addresses are a host and a port, or a path")
  func addresses() {
    #expect(ClamdAddress("localhost:3310") == .host("localhost", port: 3310))
    #expect(ClamdAddress("[::1]:3310") == .host("::1", port: 3310))
    #expect(ClamdAddress("/run/clamav/clamd.ctl") == .socket(path: "/run/clamav/clamd.ctl"))
    for text in ["", "localhost", ":3310", "a:0", "a:65536", "a:x", "a b:1", "run/clamd"] {
      #expect(ClamdAddress(text) == nil)
    }
    #expect(ClamdAddress("/" + String(repeating: "x", count: 107)) == nil)
  }
}

/// Bytes that are taken from the front.
private final class SharedBytes: Sendable {
  private let rest: Mutex<ArraySlice<UInt8>>

  init(_ bytes: [UInt8]) { rest = Mutex(bytes[...]) }

  func take(_ count: Int) -> [UInt8]? {
    rest.withLock { rest in
      guard !rest.isEmpty else { return nil }
      defer { rest = rest.dropFirst(count) }
      return Array(rest.prefix(count))
    }
  }
}
