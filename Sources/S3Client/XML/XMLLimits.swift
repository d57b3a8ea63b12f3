// How much XML is read at all, and why a document is refused.

/// Limits of one document. Whatever passes one of them is refused, not cut off.
package struct XMLLimits: Sendable {
  package var bytes: Int
  /// Of elements inside each other, the root included.
  package var depth: Int
  package var elements: Int
  /// Bytes of text of one element, its children's not counted.
  package var textBytes: Int
  /// Of one element, namespaces included.
  package var attributes: Int

  package init(
    bytes: Int = 16 << 20, depth: Int = 32, elements: Int = 200_000, textBytes: Int = 1 << 20,
    attributes: Int = 16
  ) {
    (self.bytes, self.depth, self.elements) = (bytes, depth, elements)
    (self.textBytes, self.attributes) = (textBytes, attributes)
  }
}

/// Why a document was not read.
package struct XMLFailure: Error, Sendable, CustomStringConvertible {
  package enum Kind: String, Sendable {
    /// Not well-formed, cut off, not UTF-8, or no XML at all.
    case malformed
    /// A document type or an entity reference: S3 needs neither, and attacks need both.
    case forbidden
    /// A limit is passed.
    case tooLarge
  }

  package let kind: Kind
  package let message: String

  init(_ kind: Kind, _ message: String) { (self.kind, self.message) = (kind, message) }

  package var description: String { "\(kind.rawValue): \(message)" }
}
