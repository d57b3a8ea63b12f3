// A secret that cannot be printed by accident.

/// Bytes that sign tokens; every textual form of it is stars.
public struct Secret: Sendable, Hashable {
  /// The bytes themselves; never log them.
  public let bytes: [UInt8]

  public init(_ bytes: [UInt8]) { self.bytes = bytes }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  public var description: String { "********" }
  public var debugDescription: String { "********" }
  public var customMirror: Mirror { Mirror(self, children: []) }
}
