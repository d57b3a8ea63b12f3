// What lists of a bucket hold.

/// One object as a list shows it.
public struct S3ListedObject: Hashable, Sendable {
  public let key: String
  public let sizeBytes: Int64
  /// As the server writes it, mostly in quotation marks.
  public let etag: String?
  /// `nil` where the server writes none, or none that is a date.
  public let modified: S3Instant?

  public init(key: String, sizeBytes: Int64, etag: String? = nil, modified: S3Instant? = nil) {
    (self.key, self.sizeBytes, self.etag, self.modified) = (key, sizeBytes, etag, modified)
  }
}

/// One page of a list. Its order is the server's: on AWS and most others that of the keys' UTF-8 bytes.
public struct S3ListPage: Hashable, Sendable {
  public let objects: [S3ListedObject]
  /// What was folded under the delimiter.
  public let prefixes: [String]
  /// Never `nil` where `isTruncated`.
  public let nextToken: String?
  public let isTruncated: Bool

  public init(
    objects: [S3ListedObject], prefixes: [String] = [], nextToken: String? = nil,
    isTruncated: Bool = false
  ) {
    (self.objects, self.prefixes, self.nextToken, self.isTruncated) =
      (objects, prefixes, nextToken, isTruncated)
  }
}

/// One key of a batch that was not deleted, and why.
public struct S3KeyFailure: Hashable, Sendable {
  public let key: String
  public let code: String
  /// May be empty.
  public let message: String

  public init(key: String, code: String, message: String) {
    (self.key, self.code, self.message) = (key, code, message)
  }
}

/// One part of a multipart upload as the server knows it.
public struct S3Part: Hashable, Sendable {
  /// From 1 to 10,000.
  public let number: Int
  /// As the server wrote it; needed to complete the upload.
  public let etag: String
  /// `nil` where it is not known.
  public let sizeBytes: Int64?

  public init(number: Int, etag: String, sizeBytes: Int64? = nil) {
    (self.number, self.etag, self.sizeBytes) = (number, etag, sizeBytes)
  }
}

/// One page of the parts of an upload.
public struct S3PartPage: Hashable, Sendable {
  public let parts: [S3Part]
  /// What to ask behind for the next page; never `nil` where `isTruncated`.
  public let nextMarker: Int?
  public let isTruncated: Bool
}

/// A multipart upload that is neither completed nor aborted.
public struct S3PendingUpload: Hashable, Sendable {
  public let key: String
  public let uploadID: String
  public let initiated: S3Instant?
}

/// One page of the pending uploads of a bucket.
public struct S3PendingUploadPage: Hashable, Sendable {
  public let uploads: [S3PendingUpload]
  /// What to ask behind for the next page; never `nil` where `isTruncated`.
  public let nextKeyMarker: String?
  public let nextUploadIDMarker: String?
  public let isTruncated: Bool
}
