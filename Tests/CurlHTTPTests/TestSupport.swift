// What several tests of the client need.

import CurlHTTP
import Glibc
import Synchronization
import Testing

extension CurlClient {
  /// A client for the length of a test, closed at its end.
  static func used(
    _ settings: CurlSettings = CurlSettings(), _ test: (CurlClient) async throws -> Void
  ) async throws {
    let client = try CurlClient(settings: settings)
    do {
      try await test(client)
    } catch {
      await client.close()
      throw error
    }
    await client.close()
  }
}

extension CurlDeadlines {
  /// Each of them short, all others as they are.
  static func short(
    connect: Duration = .seconds(10), firstByte: Duration = .seconds(10),
    stall: Duration = .seconds(10), total: Duration? = nil
  ) -> CurlDeadlines {
    var deadlines = CurlDeadlines()
    (deadlines.connect, deadlines.firstByte) = (connect, firstByte)
    (deadlines.stall, deadlines.total) = (stall, total)
    return deadlines
  }
}

/// The kind of error that something ends with; fails the test where it succeeds.
func failureKind(
  sourceLocation: SourceLocation = #_sourceLocation,
  _ work: () async throws -> Void
) async -> CurlError.Kind? {
  do {
    try await work()
    Issue.record("it succeeded", sourceLocation: sourceLocation)
    return nil
  } catch let error as CurlError {
    return error.kind
  } catch {
    Issue.record("another error: \(error)", sourceLocation: sourceLocation)
    return nil
  }
}

extension CurlResponse {
  /// The whole body; only for small ones.
  func all() async throws(CurlError) -> [UInt8] {
    var bytes: [UInt8] = []
    while let chunk = try await next() { bytes += chunk }
    return bytes
  }

  func countBytes() async throws(CurlError) -> Int {
    var count = 0
    while let chunk = try await next() { count += chunk.count }
    return count
  }
}

/// A source of so many zero bytes in chunks; counts how often it was asked.
final class ZeroSource: Sendable {
  private let left: Mutex<Int64>
  private let chunkBytes: Int

  init(_ bytes: Int64, chunkBytes: Int = 64 << 10) {
    left = Mutex(bytes)
    self.chunkBytes = chunkBytes
  }

  var remaining: Int64 { left.withLock { $0 } }

  func next() -> [UInt8]? {
    let count = left.withLock { left in
      let count = min(left, Int64(chunkBytes))
      left -= count
      return Int(count)
    }
    return count == 0 ? nil : [UInt8](repeating: 0, count: count)
  }
}

/// Memory of this process in KiB, from `/proc/self/status`.
enum ProcessMemory {
  /// The peak since `forgetPeak`.
  static var peak: Int { field("VmHWM:") }
  static var resident: Int { field("VmRSS:") }

  static func forgetPeak() {
    guard let file = fopen("/proc/self/clear_refs", "w") else { return }
    fputs("5", file)
    fclose(file)
  }

  private static func field(_ name: String) -> Int {
    guard let file = fopen("/proc/self/status", "r") else { return 0 }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 256)
    while fgets(&line, 256, file) != nil {
      let text = String(
        decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
      if text.hasPrefix(name) { return Int(text.filter(\.isNumber)) ?? 0 }
    }
    return 0
  }
}
