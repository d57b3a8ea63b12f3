// A mongod that one test may pause, and nobody else uses.

import Foundation

#if canImport(Glibc)
  import Glibc
#endif

/// The server of `ARCHIVE_TEST_MONGOB_URI` with the process `ARCHIVE_TEST_MONGOB_PID`.
public struct PausableMongod: Sendable {
  public let uri: String
  private let process: pid_t

  /// `nil` where the environment names none.
  public static let first: PausableMongod? = {
    let environment = ProcessInfo.processInfo.environment
    guard let uri = environment["ARCHIVE_TEST_MONGOB_URI"],
      let process = environment["ARCHIVE_TEST_MONGOB_PID"].flatMap(pid_t.init)
    else { return nil }
    return PausableMongod(uri: uri, process: process)
  }()
  /// What a skipped test says.
  public static let wanted =
    "needs a MongoDB server of its own: set ARCHIVE_TEST_MONGOB_URI and ARCHIVE_TEST_MONGOB_PID"

  /// Stands still, connections open, until `wake`.
  public func pause() { kill(process, SIGSTOP) }
  public func wake() { kill(process, SIGCONT) }
}
