// The `<Error>` that S3 answers with.

/// An error as the server describes it. Ceph leaves `Message` empty, others leave out more; only the code is sure.
package struct S3ErrorDocument: Sendable, Equatable {
  package let code: String
  package let message: String
  package let requestID: String?
  package let hostID: String?
  /// The region that the server wants, with `AuthorizationHeaderMalformed` and redirects.
  package let region: String?
  package let bucket: String?
  /// The host to ask instead, with redirects.
  package let endpoint: String?
  /// The server's clock, with `RequestTimeTooSkewed`.
  package let serverTime: S3Instant?

  /// `nil` unless the root is `Error` with a code.
  package init?(_ element: XMLElement) {
    guard element.name == "Error", let code = element.filled("Code") else { return nil }
    self.code = code
    message = element.text(of: "Message") ?? ""
    (requestID, hostID) = (element.filled("RequestId"), element.filled("HostId"))
    (region, bucket) = (element.filled("Region"), element.filled("BucketName"))
    endpoint = element.filled("Endpoint")
    serverTime = element.filled("ServerTime").flatMap(S3Instant.init(iso8601:))
  }

  /// From the body of a failed request; `nil` where that is something else, such as a proxy's page.
  package init?(body: [UInt8], limits: XMLLimits = .init(bytes: 64 << 10)) {
    guard let element = try? XMLReading.document(body, limits: limits) else { return nil }
    self.init(element)
  }
}

extension XMLElement {
  /// The text of the first child of that name, where it is not empty.
  func filled(_ name: String) -> String? {
    guard let text = text(of: name), !text.isEmpty else { return nil }
    return text
  }
}
