// One bucket of a server.

import CurlHTTP

/// The operations on a bucket and its objects. A value that may be copied and used from any task.
///
/// Keys are any UTF-8 of 1 to 1,024 bytes; `//`, `..` and control characters reach the server as they are. All
/// operations throw `S3Error`, whose kind tells what to do; what may pass has been tried again before.
public struct S3Bucket: Sendable {
  let client: S3Client
  public let name: String

  /// Creates the bucket, in the client's region where that is not `us-east-1`. One that is ours already is a success.
  public func create() async throws(S3Error) {
    var request = S3Request("PUT", bucket: name)
    let region = client.facts.context(now: client.surroundings.now()).region
    if region != "us-east-1" {
      request.set(xml: try XMLWriting.createBucketConfiguration(region: region))
    }
    do {
      _ = try await perform(request)
    } catch {
      // What a repetition gets whose first attempt did it, too.
      guard error.code == "BucketAlreadyOwnedByYou" else { throw error }
    }
  }

  /// Returns where the bucket exists and we may see it; else throws `noBucket` or `accessDenied`.
  public func head() async throws(S3Error) {
    _ = try await perform(S3Request("HEAD", bucket: name))
  }

  /// The region in which the bucket lies, in the server's words; Ceph says `default`.
  public func location() async throws(S3Error) -> String {
    var request = S3Request("GET", bucket: name)
    request.query = [("location", "")]
    return try S3LocationAnswer(body: try await perform(request).body).region
  }

  /// Deletes the bucket, which must be empty: `conflict` otherwise.
  public func deleteBucket() async throws(S3Error) {
    _ = try await perform(S3Request("DELETE", bucket: name))
  }
}

extension S3Bucket {
  /// Sends a request whose answer is small.
  func perform(_ request: S3Request) async throws(S3Error) -> S3Reply {
    var exchange = Exchange(client)
    return try await exchange.run(request, smallForm)
  }

  /// For requests on which a server works long before it answers: batches, copies, completions. A batch of 700 took
  /// OpenStack Swift more than the usual 30 seconds on a busy machine.
  var patientDeadlines: CurlDeadlines {
    var deadlines = client.settings.http.deadlines
    deadlines.firstByte = max(deadlines.firstByte, .seconds(300))
    deadlines.stall = max(deadlines.stall, .seconds(300))
    return deadlines
  }

  var smallForm: ReplyForm { .whole(limitBytes: client.settings.answerLimitBytes) }

  /// The limits of XML answers.
  var xmlLimits: XMLLimits { XMLLimits(bytes: client.settings.answerLimitBytes) }

  /// A request to an object. Throws `invalidRequest` for a key that no object can have.
  func request(_ method: String, _ key: String) throws(S3Error) -> S3Request {
    guard (1...1024).contains(key.utf8.count) else {
      throw S3Error(
        .invalidRequest, "a key has 1 to 1,024 bytes of UTF-8 bytes=`\(key.utf8.count)`")
    }
    return S3Request(method, bucket: name, key: key)
  }

  /// Whether payloads are signed: always over plain HTTP, where nothing else protects them.
  var signsPayload: Bool { client.settings.signsPayload || !client.settings.endpoint.isTLS }
}

extension S3Request {
  /// A body of XML that we wrote; it is small, so its hash is always signed.
  mutating func set(xml: [UInt8]) {
    payload = .bytes(xml, sha256: SigV4.payloadHash(xml))
    headers.append((name: "content-type", value: "application/xml"))
  }
}
