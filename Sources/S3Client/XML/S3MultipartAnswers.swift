// The answers about multipart uploads.

/// InitiateMultipartUploadResult.
package struct S3NewUploadAnswer: Sendable, Equatable {
  package let uploadID: String

  package init(body: [UInt8], limits: XMLLimits = .init()) throws(S3Error) {
    let root = "InitiateMultipartUploadResult"
    uploadID = try XMLElement.answer(body, root: root, limits: limits).required("UploadId")
  }
}

/// CompleteMultipartUploadResult.
package struct S3CompletedAnswer: Sendable, Equatable {
  package let etag: String?

  /// Throws what an `Error` inside the success says, and `badAnswer`, also for a body of blanks: a server that sends
  /// them to keep the connection may end without ever saying how it went.
  package init(body: [UInt8], limits: XMLLimits = .init()) throws(S3Error) {
    let root = "CompleteMultipartUploadResult"
    etag = try XMLElement.answer(body, root: root, limits: limits).filled("ETag")
  }
}

extension S3PartPage {
  /// From ListPartsResult.
  package init(body: [UInt8], limits: XMLLimits = .init()) throws(S3Error) {
    let list = try XMLElement.answer(body, root: "ListPartsResult", limits: limits)
    var parts: [S3Part] = []
    for part in list.children where part.name == "Part" {
      parts.append(
        S3Part(
          number: Int(clamping: try part.requiredCount("PartNumber")),
          etag: try part.required("ETag"), sizeBytes: try part.requiredCount("Size")))
    }
    let isTruncated = list.isTrue("IsTruncated")
    let marker = isTruncated ? Int(clamping: try list.requiredCount("NextPartNumberMarker")) : nil
    self.init(parts: parts, nextMarker: marker, isTruncated: isTruncated)
  }
}

extension S3PendingUploadPage {
  /// From ListMultipartUploadsResult.
  package init(body: [UInt8], limits: XMLLimits = .init()) throws(S3Error) {
    let list = try XMLElement.answer(body, root: "ListMultipartUploadsResult", limits: limits)
    let encoding = S3ListEncoding(list)
    var uploads: [S3PendingUpload] = []
    for upload in list.children where upload.name == "Upload" {
      uploads.append(
        S3PendingUpload(
          key: try upload.name("Key", encoding: encoding),
          uploadID: try upload.required("UploadId"),
          initiated: upload.filled("Initiated").flatMap(S3Instant.init(iso8601:))))
    }
    let isTruncated = list.isTrue("IsTruncated")
    self.init(
      uploads: uploads,
      nextKeyMarker: isTruncated ? try list.name("NextKeyMarker", encoding: encoding) : nil,
      nextUploadIDMarker: list.filled("NextUploadIdMarker"), isTruncated: isTruncated)
  }
}
