// archive-bench-s3: our S3 client as one contestant of `./dev bench s3`, a process of its own.

import CAllocator
import Glibc
import Logging
import S3Client

/// `archive-bench-s3 put|upload|get BUCKET KEYS FILE AT-ONCE [SHA256]`, called by scripts/bench/s3.py.
///
/// `KEYS` is a file with one key a line, `FILE` is what each object is made of. The server is told by the
/// variables that all S3 tools know (`AWS_ENDPOINT_URL` and so on). Prints how many bytes it moved.
@main
struct BenchS3 {
  enum Act: String { case put, upload, get }

  /// Read from a file at once; curl's own size.
  private static let chunkBytes = 64 << 10

  let act: Act
  let bucket: String
  let keys: [Substring]
  let file: String
  /// Objects at the same time.
  let atOnce: Int
  /// Of the file, where it is known beforehand.
  let sha256: String?

  static func main() async throws {
    // As the server does.
    _ = allocator_keep_freed_memory(4 << 20)
    print(try await BenchS3(CommandLine.arguments).run())
  }

  init(_ arguments: [String]) throws(BenchError) {
    guard (6...7).contains(arguments.count), let act = Act(rawValue: arguments[1]),
      let atOnce = Int(arguments[5])
    else { throw BenchError("usage: put|upload|get BUCKET KEYS FILE AT-ONCE [SHA256]") }
    (self.act, bucket, file, self.atOnce) = (act, arguments[2], arguments[4], atOnce)
    sha256 = arguments.count == 7 ? arguments[6] : nil
    let list = try BenchFile(arguments[3]).rest()
    keys = String(decoding: list, as: UTF8.self).split(separator: "\n")
  }

  private func run() async throws -> Int64 {
    let client = try S3Client(
      settings: try settings(), logger: Logger(label: "bench") { _ in SwiftLogNoOpLogHandler() })
    let outcome: Result<Int64, any Error>
    do { outcome = .success(try await moveAll(in: try client.bucket(bucket))) } catch {
      outcome = .failure(error)
    }
    await client.close()
    return try outcome.get()
  }

  /// As many workers as objects at the same time; each takes the next key until none is left.
  private func moveAll(in bucket: S3Bucket) async throws -> Int64 {
    let queue = KeyQueue(keys)
    return try await withThrowingTaskGroup(of: Int64.self) { group in
      for _ in 0..<atOnce {
        group.addTask {
          var bytes: Int64 = 0
          while let key = queue.next() { bytes += try await move(key, in: bucket) }
          return bytes
        }
      }
      return try await group.reduce(0, +)
    }
  }

  private func move(_ key: String, in bucket: S3Bucket) async throws -> Int64 {
    switch act {
    case .put: try await put(key, in: bucket)
    case .upload: try await upload(key, in: bucket)
    case .get: try await get(key, in: bucket)
    }
  }

  /// What fits in a chunk is read whole. The rest is streamed, and as S3 wants the hash in the head of the
  /// request, the file is read once more before that.
  private func put(_ key: String, in bucket: S3Bucket) async throws -> Int64 {
    let opened = try BenchFile(file)
    if opened.length <= Self.chunkBytes {
      _ = try await bucket.put(key, .bytes(try opened.rest()))
    } else {
      let hash = try sha256 ?? BenchFile(file).sha256()
      _ = try await bucket.put(
        key, .stream(length: opened.length, sha256: hash) { try opened.next(Self.chunkBytes) })
    }
    return opened.length
  }

  private func upload(_ key: String, in bucket: S3Bucket) async throws -> Int64 {
    let opened = try BenchFile(file)
    _ = try await bucket.upload(key, length: opened.length) { try opened.next(Self.chunkBytes) }
    return opened.length
  }

  private func get(_ key: String, in bucket: S3Bucket) async throws -> Int64 {
    let object = try await bucket.get(key)
    var bytes: Int64 = 0
    while let chunk = try await object.next() { bytes += Int64(chunk.count) }
    return bytes
  }

  private func settings() throws(BenchError) -> S3Settings {
    guard let endpoint = S3Endpoint(try variable("AWS_ENDPOINT_URL")) else {
      throw BenchError("AWS_ENDPOINT_URL is no endpoint")
    }
    let credentials = S3Credentials(
      accessKey: try variable("AWS_ACCESS_KEY_ID"), secretKey: try variable("AWS_SECRET_ACCESS_KEY")
    )
    var settings = S3Settings(endpoint: endpoint, credentials: credentials)
    settings.region = try variable("AWS_DEFAULT_REGION")
    return settings
  }

  private func variable(_ name: String) throws(BenchError) -> String {
    guard let value = getenv(name) else { throw BenchError("\(name) is not set") }
    return String(cString: value)
  }
}
