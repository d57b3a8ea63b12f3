// What of a request is signed.

/// A request as the signature sees it.
package struct SigV4Request: Sendable {
  package var method: String
  /// As it goes on the wire: encoded, beginning with `/`.
  package var path: String
  /// Raw names and values, in any order.
  package var query: [(name: String, value: String)]
  /// With `host`; names in any case and order. All of them are signed but those that intermediaries change.
  package var headers: [(name: String, value: String)]
  /// `SigV4.payloadHash` of the body, or `SigV4.unsignedPayload`.
  package var payloadHash: String

  package init(
    method: String, path: String, query: [(name: String, value: String)] = [],
    headers: [(name: String, value: String)], payloadHash: String = SigV4.emptyPayloadHash
  ) {
    (self.method, self.path, self.query) = (method, path, query)
    (self.headers, self.payloadHash) = (headers, payloadHash)
  }
}
