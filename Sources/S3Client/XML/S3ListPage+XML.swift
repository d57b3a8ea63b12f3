// ListBucketResult, the answer to ListObjectsV2.

extension S3ListPage {
  /// Owner, storage class and checksums may be missing; the order is taken as it comes.
  /// Throws `badAnswer`, also where a page says that there are more and not how to get them.
  package init(body: [UInt8], limits: XMLLimits = .init()) throws(S3Error) {
    let list = try XMLElement.answer(body, root: "ListBucketResult", limits: limits)
    let encoding = S3ListEncoding(list)
    var objects: [S3ListedObject] = []
    var prefixes: [String] = []
    for child in list.children {
      switch child.name {
      case "Contents": objects.append(try S3ListedObject(child, encoding: encoding))
      case "CommonPrefixes": prefixes.append(try child.name("Prefix", encoding: encoding))
      default: break
      }
    }
    let isTruncated = list.isTrue("IsTruncated")
    let token = isTruncated ? try list.required("NextContinuationToken") : nil
    self.init(objects: objects, prefixes: prefixes, nextToken: token, isTruncated: isTruncated)
  }
}

extension S3ListedObject {
  init(_ element: XMLElement, encoding: S3ListEncoding) throws(S3Error) {
    self.init(
      key: try element.name("Key", encoding: encoding),
      sizeBytes: try element.requiredCount("Size"),
      etag: element.filled("ETag"),
      modified: element.filled("LastModified").flatMap(S3Instant.init(iso8601:)))
  }
}
