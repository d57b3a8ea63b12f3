// Why bytes are no BSON, or a value is not what was asked for.

/// What is wrong with bytes that should be BSON (https://bsonspec.org/spec.html).
///
/// Bytes come from the network: whatever they are, they end here and never in a trap. The error says
/// where, and nothing of what stands there.
public struct BSONError: Error, Hashable, Sendable {
  public enum Problem: String, Sendable {
    /// The bytes end before a value does, or a length points outside of what surrounds it.
    case truncated
    /// A length is negative, or does not agree with the bytes.
    case wrongLength
    /// Above 16 MiB and 16 KiB.
    case tooLarge
    /// Documents and arrays lie more than 100 deep inside each other.
    case tooDeep
    /// A type of value that the specification does not know.
    case unknownType
    /// A name or string is not UTF-8.
    case notUTF8
    /// A Boolean that is neither 0 nor 1.
    case notBoolean
    /// The value is of another type than the one asked for.
    case otherType
  }

  public let problem: Problem
  /// How many bytes lie in front of the place, counted from the start of the document that was read.
  public let offset: Int

  public init(_ problem: Problem, offset: Int) {
    (self.problem, self.offset) = (problem, offset)
  }
}

extension BSONError: CustomStringConvertible {
  public var description: String {
    "bytes are not the BSON they should be problem=`\(problem.rawValue)` offset=`\(offset)`"
  }
}
