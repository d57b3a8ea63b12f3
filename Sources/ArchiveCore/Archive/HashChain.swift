// The hash chain over a conversation's entries, which makes any change to them visible.

internal import Crypto
internal import Encodings

/// A SHA-256: of a line (a leaf), of a whole object, or of everything up to an entry (a head).
public struct Digest256: Hashable, Sendable, CustomStringConvertible {
  public let bytes: [UInt8]

  /// The SHA-256 of the bytes.
  public init(of bytes: some Sequence<UInt8>) {
    self.bytes = Array(SHA256.hash(data: Array(bytes)))
  }

  /// Reads 64 hexadecimal digits; anything else is `nil`.
  public init?(hex: String) {
    guard let bytes = Hex.bytes(hex), bytes.count == 32 else { return nil }
    self.bytes = bytes
  }

  private init(unchecked bytes: [UInt8]) { self.bytes = bytes }

  /// 32 zero bytes: the head of a conversation without entries.
  public static let zero = Digest256(unchecked: [UInt8](repeating: 0, count: 32))

  /// Hexadecimal in lower case.
  public var description: String { Hex.text(bytes) }
}

/// The head of a conversation after its newest entry: `head(n) = SHA-256(head(n−1) ‖ leaf(n))`,
/// `leaf(n) = SHA-256(line n without its line feed)`, `head(0)` = 32 zero bytes.
public struct HashChain: Hashable, Sendable {
  public private(set) var head: Digest256

  public init(head: Digest256 = .zero) { self.head = head }

  public mutating func append(line: some Sequence<UInt8>) {
    append(leaf: Digest256(of: line))
  }

  public mutating func append(leaf: Digest256) {
    head = Digest256(of: head.bytes + leaf.bytes)
  }
}
