// Objects, parts of them, and lists.

import ArchiveCore
import S3Client

extension ScratchWork {
  func region() async throws -> BucketFinding {
    let settings = examination.settings
    // For the reader only; some servers do not say.
    let location = try? await bucket.location()
    let learnt = access.client.observations.region
    guard !["", "auto"].contains(settings.region) else {
      return ok("learnt: \(learnt ?? location ?? "the server does not say")")
    }
    if let learnt, learnt != settings.region {
      return warning(
        "the bucket lies in \(learnt), requests are signed for \(settings.region)",
        cure: "set s3.region to \(learnt)")
    }
    let says = location.map { $0.isEmpty ? "us-east-1" : $0 }
    guard let says, says != settings.region else { return ok(settings.region) }
    return ok("\(settings.region) is taken (the server calls it \(says))")
  }

  func clock() async throws -> BucketFinding {
    guard let skew = access.client.observations.clockSkew else {
      return BucketFinding(check, .skipped, "the server does not tell the time")
    }
    let seconds = Int(skew.components.seconds)
    guard abs(seconds) > 60 else { return ok("\(seconds) s apart") }
    return warning(
      "this machine's clock and the server's are \(abs(seconds)) s apart",
      cure:
        "let both take the time from the network (NTP); from 15 minutes on servers refuse requests")
  }

  /// Put, head, get, replace, delete, and an object of nothing.
  func roundTrip() async throws -> BucketFinding {
    for (name, bytes) in [("object", Self.pattern(100_000)), ("empty", []), ("object", [7])] {
      let key = scratch.key(name)
      var options = S3PutOptions()
      options.contentType = "application/octet-stream"
      _ = try await bucket.put(key, .bytes(bytes), options)
      guard let head = try await bucket.head(key) else {
        throw Deviation("an object that was just put is not there", cure: Self.consistencyCure)
      }
      guard head.sizeBytes == Int64(bytes.count) else {
        throw Deviation("\(bytes.count) bytes were put and \(head.sizeBytes) are there")
      }
      guard head.modified != nil else { throw Deviation("the server sends no Last-Modified") }
      guard try await self.bytes(of: key) == bytes else {
        throw Deviation("other bytes came back", cure: Self.proxyCure)
      }
    }
    for name in ["object", "empty"] {
      try await bucket.delete(scratch.key(name))
      guard try await bucket.head(scratch.key(name)) == nil else {
        throw Deviation("a deleted object is still there", cure: Self.consistencyCure)
      }
    }
    try await bucket.delete(scratch.key("never was there"))
    return ok("put, head, get, replace and delete do as they should")
  }

  func ranges() async throws -> BucketFinding {
    let key = scratch.key("ranged")
    let whole = Self.pattern(10_000)
    _ = try await bucket.put(key, .bytes(whole))
    for range: Range<Int64> in [0..<1, 5000..<7001, 9_999..<10_000, 9_000..<1_000_000] {
      let got = try await bytes(of: key, range: range)
      let wanted = range.clamped(to: 0..<10_000)
      guard got == Array(whole[Int(wanted.lowerBound)..<Int(wanted.upperBound)]) else {
        throw Deviation("a range brought other bytes", cure: Self.proxyCure)
      }
    }
    do throws(S3Error) {
      _ = try await bucket.get(key, range: 10_000..<10_001)
    } catch {
      guard error.kind == .invalidRange else { throw error }
      return ok("parts of objects are read, and no more than there is")
    }
    throw Deviation("a range behind the end is answered", .warning, cure: Self.proxyCure)
  }

  /// 25 keys in pages of 10, by token and by the last key.
  func lists() async throws -> BucketFinding {
    let names =
      (0..<20).map { "list/\($0 * 7 % 20)" } + ["list-a", "list.a", "list0", "list/B", "list_a"]
    for name in names { _ = try await bucket.put(scratch.key(name), .bytes([1])) }
    let expected = names.map(scratch.key).sorted {
      $0.utf8.lexicographicallyPrecedes($1.utf8)
    }
    for byToken in [true, false] {
      let listed = try await listed(scratch.key("list"), pageOf: 10, byToken: byToken)
      if listed == expected { continue }
      if listed.sorted() == expected.sorted() {
        throw Deviation("keys come out of order", cure: Self.orderCure)
      }
      throw Deviation(
        "\(listed.count) keys were listed of \(expected.count), page by page",
        cure: Self.consistencyCure)
    }
    _ = try await bucket.delete(expected)
    guard try await listed(scratch.key("list"), pageOf: 1000, byToken: true).isEmpty else {
      throw Deviation("deleted keys are still listed", cure: Self.consistencyCure)
    }
    return ok("25 keys in order, in pages of 10; gone when deleted")
  }

  private func listed(_ prefix: String, pageOf limit: Int, byToken: Bool) async throws -> [String] {
    var keys: [String] = []
    var token: String?
    for _ in 0..<10 {
      let page = try await bucket.listPage(
        prefix: prefix, startAfter: byToken ? nil : keys.last, token: byToken ? token : nil,
        limit: limit)
      keys += page.objects.map(\.key)
      token = page.nextToken
      if !page.isTruncated { return keys }
    }
    return keys
  }

  /// The object's bytes, at most 16 MiB.
  func bytes(of key: String, range: Range<Int64>? = nil) async throws -> [UInt8] {
    let object = try await bucket.get(key, range: range)
    var bytes: [UInt8] = []
    while let chunk = try await object.next() {
      bytes += chunk
      guard bytes.count <= 16 << 20 else { throw Deviation("an object came longer than it is") }
    }
    return bytes
  }

  /// Bytes that tell their place, and that nothing can shorten much.
  static func pattern(_ count: Int) -> [UInt8] {
    var state: UInt64 = 0x9E37_79B9_7F4A_7C15
    return (0..<count).map { _ in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return UInt8(truncatingIfNeeded: state >> 56)
    }
  }

  static let consistencyCure =
    "the archive needs a server whose reads and lists show every write at once; use another"
  static let orderCure =
    "the archive needs lists in the order of the keys' bytes (AWS directory buckets have none); use another bucket"
  static let proxyCure = "look at what lies between: a proxy or cache that changes answers"
}
