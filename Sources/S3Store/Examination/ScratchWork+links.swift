// Create-only puts, links for browsers, and what happens to answers on their way.

import ArchiveCore
import S3Client

extension ScratchWork {
  func conditionalWrites() async throws -> BucketFinding {
    let probe = ConditionalProbe(
      place: access.place, surroundings: examination.surroundings, rounds: 10)
    switch try await probe.run() {
    case .atomic: return ok("of 8 writers at once exactly one won, 10 times")
    case .unsupported(let reason):
      return warning(
        "not to be relied on: \(reason)",
        cure:
          "let only one server archive into this bucket and prefix; the archive then looks before it writes"
      )
    }
  }

  /// A link as a browser gets it: through the public endpoint, with another type and name, and not for all.
  func links() async throws -> BucketFinding {
    let key = scratch.key("linked.bin")
    let bytes = Self.pattern(1000)
    _ = try await bucket.put(key, .bytes(bytes))
    let disposition = "attachment; filename=\"report.txt\""
    let link = try bucket.presignedGet(
      key, expires: .seconds(60), contentType: "text/plain", contentDisposition: disposition)
    let answer = try await visit(link)
    guard answer.status == 200, answer.body == bytes else {
      return warning(
        "a signed link through \(publicEndpoint) answers \(answer.status)", cure: Self.linkCure)
    }
    let forged = try await visit(link.replacing("linked.bin", with: "forged.bin"))
    guard (400..<500).contains(forged.status), forged.status != 404 else {
      throw Deviation(
        "a link with a wrong signature is answered with \(forged.status)",
        cure:
          "the server does not check signatures: everybody can read; use another or switch that on")
    }
    guard answer.headers["content-type"]?.hasPrefix("text/plain") == true,
      answer.headers["content-disposition"] == disposition
    else {
      return warning(
        "links work, but the server ignores the type and name that they ask for",
        cure: "downloads need a server that honours response-content-disposition")
    }
    return ok("links through \(publicEndpoint) work, and forged ones do not")
  }

  /// An object that compresses well, asked for by a client that would like that.
  func compression() async throws -> BucketFinding {
    let key = scratch.key("text.txt")
    let bytes = [UInt8](repeating: UInt8(ascii: "a"), count: 65_536)
    var options = S3PutOptions()
    options.contentType = "text/plain"
    _ = try await bucket.put(key, .bytes(bytes), options)
    guard try await self.bytes(of: key) == bytes else {
      throw Deviation("other bytes came back", cure: Self.proxyCure)
    }
    let link = try bucket.presignedGet(key, expires: .seconds(60))
    let answer = try await visit(link, accepting: "gzip, deflate, br", otherwise: .skipped)
    if let encoding = answer.headers["content-encoding"], encoding != "identity" {
      return warning(
        "answers are compressed on their way encoding=`\(encoding)`",
        cure:
          "switch compression off in the proxy before the bucket: ranges and lengths are wrong with it"
      )
    }
    guard answer.status == 200 else {
      return BucketFinding(check, .skipped, "the link answers \(answer.status)")
    }
    return ok("answers come as they are stored")
  }

  private var publicEndpoint: String {
    (examination.settings.publicEndpoint ?? examination.settings.endpoint).description
  }

  /// A failure here names the endpoint and never the link, which is a secret.
  private func visit(
    _ link: String, accepting encoding: String = "identity",
    otherwise outcome: BucketFinding.Outcome = .warning
  ) async throws -> OutsideAnswer {
    do {
      return try await examination.outside(link, [("accept-encoding", encoding)])
    } catch {
      throw Deviation(
        "\(publicEndpoint) does not answer: \(error)", outcome,
        cure: outcome == .skipped ? nil : Self.linkCure)
    }
  }

  private static let linkCure =
    "set s3.publicEndpoint to the address under which browsers reach the server, with no proxy that changes host or path"
}
