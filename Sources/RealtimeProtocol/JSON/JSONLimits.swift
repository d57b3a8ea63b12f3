// What one JSON text may be, beside its size in bytes, which the transport limits.

/// Limits that keep a small text from becoming a large value, and the reader's stack flat.
package struct JSONLimits: Sendable {
  /// Arrays and objects inside one another.
  package let depth: Int
  /// Values of any kind: at two bytes each, a text would else grow a dozen times in memory.
  package let values: Int

  package init(depth: Int = 32, values: Int = 50_000) {
    self.depth = depth
    self.values = values
  }
}

/// Why bytes are no JSON that is taken.
package struct JSONError: Error, Equatable, CustomStringConvertible {
  package enum Problem: String, Sendable {
    case notJSON = "not json"
    case tooDeep = "nested too deeply"
    case tooManyValues = "too many values"
    case duplicateName = "an object has a name twice"
    case numberOutOfRange = "a number is out of range"
  }

  package let problem: Problem
  /// Bytes from the beginning of the text.
  package let offset: Int

  package var description: String { "\(problem.rawValue) offset=`\(offset)`" }
}
