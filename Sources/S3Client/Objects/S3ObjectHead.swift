// What headers tell of an object.

import CurlHTTP

/// An object without its bytes.
public struct S3ObjectHead: Sendable, Hashable {
  public let key: String
  /// Of the whole object, also where a range was asked for.
  public let sizeBytes: Int64
  /// As the server wrote it, in quotation marks.
  public let etag: String?
  public let modified: S3Instant?
  public let contentType: String?
  public let contentEncoding: String?
  /// By names in lower case, without `x-amz-meta-`.
  public let metadata: [String: String]

  public init(
    key: String, sizeBytes: Int64, etag: String? = nil, modified: S3Instant? = nil,
    contentType: String? = nil, contentEncoding: String? = nil, metadata: [String: String] = [:]
  ) {
    (self.key, self.sizeBytes, self.etag, self.modified) = (key, sizeBytes, etag, modified)
    (self.contentType, self.contentEncoding) = (contentType, contentEncoding)
    self.metadata = metadata
  }
}

extension S3ObjectHead {
  static let sha256Name = "sha256"
  private static let metadataPrefix = "x-amz-meta-"

  /// The payload's hash as this client stored it.
  var sha256: String? { metadata[Self.sha256Name] }

  init(key: String, sizeBytes: Int64, _ head: CurlHead) {
    var metadata: [String: String] = [:]
    for header in head.headers {
      let name = header.name.lowercased()
      guard name.hasPrefix(Self.metadataPrefix) else { continue }
      metadata[String(name.dropFirst(Self.metadataPrefix.count))] = header.value
    }
    self.init(
      key: key, sizeBytes: sizeBytes, etag: head.header("etag"),
      modified: head.header("last-modified").flatMap(S3Instant.init(httpDate:)),
      contentType: head.header("content-type"), contentEncoding: head.header("content-encoding"),
      metadata: metadata)
  }

  /// Throws `badAnswer` where something on the way has compressed the body: sizes, ranges and hashes of it are wrong.
  ///
  /// An encoding is the object's own only where the head still has the length and the strong ETag of a stored object,
  /// and where the object is not one of this client's, which stores none.
  func checkEncoding(_ head: CurlHead) throws(S3Error) {
    guard let encoding = contentEncoding?.lowercased(),
      !["identity", "aws-chunked", ""].contains(encoding)
    else { return }
    let isWeak = etag?.hasPrefix("W/") ?? false
    if isWeak || sha256 != nil || head.header("content-length") == nil {
      throw S3Error(
        .badAnswer, "the body has an encoding that was not stored encoding=`\(encoding)`",
        hint: "a proxy on the way compresses; switch that off for this host")
    }
  }
}
