// Uploads in parts: put together right, and nothing left of those that are given up.

import S3Client

extension ScratchWork {
  func multipart() async throws -> BucketFinding {
    let key = scratch.key("parts.bin")
    let parts = [Self.pattern(5 << 20), Self.pattern(1000)]
    let upload = try await bucket.createUpload(key)
    do {
      var sent: [S3Part] = []
      for (number, bytes) in parts.enumerated() {
        sent.append(try await bucket.uploadPart(upload, number: number + 1, bytes))
      }
      guard try await bucket.head(key) == nil else {
        throw Deviation("an upload shows before it is complete")
      }
      _ = try await bucket.completeUpload(upload, parts: sent)
    } catch {
      try? await bucket.abortUpload(upload)
      throw error
    }
    let seam = Int64(5 << 20)
    let across = try await bytes(of: key, range: seam - 10..<seam + 10)
    guard across == Array(parts[0].suffix(10) + parts[1].prefix(10)),
      try await bucket.head(key)?.sizeBytes == seam + 1000
    else { throw Deviation("the parts were put together wrong") }
    try await bucket.delete(key)
    return try await abort()
  }

  private func abort() async throws -> BucketFinding {
    let key = scratch.key("given-up.bin")
    let upload = try await bucket.createUpload(key)
    _ = try await bucket.uploadPart(upload, number: 1, Self.pattern(1000))
    try await bucket.abortUpload(upload)
    guard try await bucket.head(key) == nil else { throw Deviation("an aborted upload is there") }
    let pending = try await bucket.listUploads(prefix: scratch.prefix)
    guard pending.isEmpty else {
      throw Deviation(
        "the parts of an aborted upload are kept", .warning,
        cure: "give the bucket a lifecycle rule that aborts incomplete uploads")
    }
    return ok("two parts make one object, and an aborted upload leaves nothing")
  }
}
