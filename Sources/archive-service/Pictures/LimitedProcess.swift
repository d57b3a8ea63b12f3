// A program that may not take more than it is given.

import ArchiveCore
import Foundation
import Threads

/// Runs a program under limits of the kernel, with nothing of this process: no environment, no descriptors, no input.
struct LimitedProcess: Sendable {
  /// How it ended.
  enum End: Sendable, Equatable {
    case success
    /// It said no, broke a limit, or crashed.
    case failure(code: Int32)
    case tooSlow
  }

  let program: String
  let environment: [String: String]
  /// Of address space.
  let memoryBytes: Int
  let processorSeconds: Int
  /// The largest file that it may write.
  let fileBytes: Int
  let deadline: Duration
  let sleep: @Sendable (Duration) async throws -> Void

  /// From util-linux, which every Debian has: sets limits and becomes the program.
  static let limiter = "/usr/bin/prlimit"

  static var isPossible: Bool { FileManager.default.isExecutableFile(atPath: limiter) }

  /// Throws where the program cannot be started, and `CancellationError`; it does not outlive the call.
  func run(_ arguments: [String], in directory: String) async throws -> End {
    let process = Process()
    process.executableURL = URL(filePath: Self.limiter)
    process.arguments =
      [
        "--as=\(memoryBytes)", "--cpu=\(processorSeconds)", "--fsize=\(fileBytes)",
        "--nofile=64", "--core=0", "--", program,
      ] + arguments
    process.environment = environment
    process.currentDirectoryURL = URL(filePath: directory)
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    let ended = Promise<End, Never>()
    process.terminationHandler = { process in
      let isSuccess = process.terminationReason == .exit && process.terminationStatus == 0
      ended.settle(.success(isSuccess ? .success : .failure(code: process.terminationStatus)))
    }
    try process.run()
    let id = process.processIdentifier
    let end = await withTaskCancellationHandler {
      async let _ = watch(id, ended)
      // Leaving the scope ends the watch.
      return await ended.value {}.get()
    } onCancel: {
      if !ended.isSettled { kill(id, SIGKILL) }
    }
    try Task.checkCancellation()
    return end
  }

  /// Ends the program at its deadline.
  private func watch(_ id: pid_t, _ ended: Promise<End, Never>) async {
    do { try await sleep(deadline) } catch { return }
    guard !ended.isSettled else { return }
    ended.settle(.success(.tooSlow))
    kill(id, SIGKILL)
  }
}
