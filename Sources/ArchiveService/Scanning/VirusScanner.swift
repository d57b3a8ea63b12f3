// The port behind which files are searched for viruses.

/// Says of bytes whether a virus is known in them.
public protocol VirusScanner: Sendable {
  /// Ends within a time that its maker set. Throws `ScanError`, and what `next` throws.
  func scan(_ next: @escaping @Sendable () async throws -> [UInt8]?) async throws -> ScanResult
}

/// What was found.
public enum ScanResult: Sendable, Hashable {
  case clean
  /// With the name that the scanner has for it.
  case infected(String)
  /// More than the scanner takes.
  case tooLarge
}

/// No answer: the scanner is away, too slow, or says what nobody understands.
public struct ScanError: Error, Sendable, CustomStringConvertible {
  /// For the operator: lower case, ending in key=`value`.
  public let description: String

  public init(_ message: String) { description = message }
}
