// The small answers about single objects and buckets.

/// CopyObjectResult.
package struct S3CopyAnswer: Sendable, Equatable {
  package let etag: String?
  package let modified: S3Instant?

  /// Throws what an `Error` inside the success says, and `badAnswer`.
  package init(body: [UInt8], limits: XMLLimits = .init()) throws(S3Error) {
    let element = try XMLElement.answer(body, root: "CopyObjectResult", limits: limits)
    etag = element.filled("ETag")
    modified = element.filled("LastModified").flatMap(S3Instant.init(iso8601:))
  }
}

/// DeleteResult: what a batch did to each key. With `Quiet`, only the failures are named.
package struct S3DeleteAnswer: Sendable, Equatable {
  package let deleted: [String]
  package let failures: [S3KeyFailure]

  package init(body: [UInt8], limits: XMLLimits = .init()) throws(S3Error) {
    let element = try XMLElement.answer(body, root: "DeleteResult", limits: limits)
    var deleted: [String] = []
    var failures: [S3KeyFailure] = []
    for child in element.children {
      switch child.name {
      case "Deleted": deleted.append(try child.required("Key"))
      case "Error": failures.append(try S3KeyFailure(child))
      default: break
      }
    }
    (self.deleted, self.failures) = (deleted, failures)
  }
}

extension S3KeyFailure {
  init(_ element: XMLElement) throws(S3Error) {
    self.init(
      key: try element.required("Key"), code: try element.required("Code"),
      message: element.text(of: "Message") ?? "")
  }
}

/// LocationConstraint: the region of a bucket.
package struct S3LocationAnswer: Sendable, Equatable {
  /// Never empty: AWS writes nothing for `us-east-1`, and `EU` for the oldest buckets of `eu-west-1`.
  package let region: String

  package init(body: [UInt8], limits: XMLLimits = .init()) throws(S3Error) {
    let element = try XMLElement.answer(body, root: "LocationConstraint", limits: limits)
    // Some servers put the element of the same name inside.
    let text = element.filled("LocationConstraint") ?? element.text
    switch text {
    case "": region = "us-east-1"
    case "EU": region = "eu-west-1"
    default: region = text
    }
  }
}
