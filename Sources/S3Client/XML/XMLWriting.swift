// The bodies that are sent as XML.

/// Writes the three documents that this client sends. Text that XML 1.0 cannot carry makes it throw
/// `invalidRequest`: a key of which a character was dropped would name another object.
package enum XMLWriting {
  /// The body of DeleteObjects; the answer then names only what was not deleted.
  package static func delete(_ keys: [String]) throws(S3Error) -> [UInt8] {
    var body = XMLText(root: "Delete")
    try body.element("Quiet", "true")
    for key in keys {
      body.open("Object")
      try body.element("Key", key)
      body.close("Object")
    }
    return body.finished("Delete")
  }

  /// The body of CompleteMultipartUpload; the parts in the order of their numbers.
  package static func completeMultipartUpload(_ parts: [S3Part]) throws(S3Error) -> [UInt8] {
    var body = XMLText(root: "CompleteMultipartUpload")
    for part in parts {
      body.open("Part")
      try body.element("PartNumber", String(part.number))
      try body.element("ETag", part.etag)
      body.close("Part")
    }
    return body.finished("CompleteMultipartUpload")
  }

  /// The body of CreateBucket for a region other than `us-east-1`, for which AWS wants none.
  package static func createBucketConfiguration(region: String) throws(S3Error) -> [UInt8] {
    var body = XMLText(root: "CreateBucketConfiguration")
    try body.element("LocationConstraint", region)
    return body.finished("CreateBucketConfiguration")
  }
}

/// XML being written. Names are ours; only text is escaped.
private struct XMLText {
  private var bytes: [UInt8]

  init(root: String) {
    bytes = Array(
      #"<?xml version="1.0" encoding="UTF-8"?><\#(root) xmlns="http://s3.amazonaws.com/doc/2006-03-01/">"#
        .utf8)
  }

  mutating func open(_ name: String) { bytes += "<\(name)>".utf8 }

  mutating func close(_ name: String) { bytes += "</\(name)>".utf8 }

  mutating func element(_ name: String, _ text: String) throws(S3Error) {
    open(name)
    for scalar in text.unicodeScalars { try append(scalar) }
    close(name)
  }

  func finished(_ root: String) -> [UInt8] { bytes + "</\(root)>".utf8 }

  private mutating func append(_ scalar: Unicode.Scalar) throws(S3Error) {
    switch scalar {
    case "&": bytes += "&amp;".utf8
    case "<": bytes += "&lt;".utf8
    case ">": bytes += "&gt;".utf8
    case "\"": bytes += "&quot;".utf8
    // As they stand, a reader would take them for line ends and blanks, and change them.
    case "\t", "\n", "\r": bytes += "&#\(scalar.value);".utf8
    case "\u{0}"..<"\u{20}", "\u{FFFE}", "\u{FFFF}":
      throw S3Error(
        .invalidRequest, "XML cannot carry a character code=`\(scalar.value)`",
        hint: "delete this object alone, not in a batch")
    default: bytes += UTF8.encode(scalar).map(Array.init) ?? []
    }
  }
}
