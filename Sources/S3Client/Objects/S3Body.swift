// What is put, how, and what comes of it.

/// The bytes of an object to be put.
public enum S3Body: Sendable {
  /// In memory, so that they can be hashed before and sent again.
  case bytes([UInt8])
  /// Chunks in order, `length` bytes in all. With the payload's SHA-256 (hexadecimal) it is signed; without, it goes
  /// over TLS only. It is sent again only while nothing was taken from the source.
  case stream(length: Int64, sha256: String?, @Sendable () async throws -> [UInt8]?)
}

/// What is stored with an object, and under which condition.
public struct S3PutOptions: Sendable {
  public var contentType: String?
  /// Sent as `x-amz-meta-NAME`; names and values in printable ASCII.
  /// The name `sha256` is the client's own, where it knows the payload's hash.
  public var metadata: [String: String] = [:]
  public var cacheControl: String?
  public var contentDisposition: String?
  /// A canned ACL. Sent only where asked for: many servers have none and refuse the header.
  public var acl: String?
  /// Store only where there is no such object (`If-None-Match: *`). Not every server honours it.
  public var createOnly = false

  public init() {}
}

/// What the server said of a write.
public struct S3Receipt: Sendable, Hashable {
  /// As the server wrote it; an MD5 only for single puts without encryption.
  public let etag: String?
  public let requestID: String?
  /// Whether the server's reply was lost and the object was found there, equal, by looking.
  public let wasRecovered: Bool

  public init(etag: String?, requestID: String? = nil, wasRecovered: Bool = false) {
    (self.etag, self.requestID, self.wasRecovered) = (etag, requestID, wasRecovered)
  }
}

extension S3PutOptions {
  /// Throws `invalidRequest` for what no header can carry.
  func headers() throws(S3Error) -> [(name: String, value: String)] {
    let named: [(String, String?)] = [
      ("content-type", contentType), ("cache-control", cacheControl),
      ("content-disposition", contentDisposition), ("x-amz-acl", acl),
    ]
    var headers = named.compactMap { name, value in value.map { (name: name, value: $0) } }
    for (name, value) in metadata.sorted(by: { $0.key < $1.key }) {
      guard !name.isEmpty, name.utf8.allSatisfy(PercentEncoding.isUnreserved) else {
        throw S3Error(
          .invalidRequest, "metadata has a name that no header can have",
          hint: "use letters, digits, `-`, `_` and `.`")
      }
      headers.append((name: "x-amz-meta-" + name.lowercased(), value: value))
    }
    for header in headers where !Self.isPrintable(header.value) {
      throw S3Error(
        .invalidRequest, "a value is not printable ASCII header=`\(header.name)`",
        hint: "encode it, by percent signs for one")
    }
    return headers
  }

  /// Neither is blank at an end: servers cut that off.
  private static func isPrintable(_ value: String) -> Bool {
    let bytes = value.utf8
    return bytes.allSatisfy { (0x20...0x7E).contains($0) } && bytes.first != 0x20
      && bytes.last != 0x20
  }
}
