// When two document values are the same one.

extension DocumentValue {
  /// Strings are the same when their UTF-8 bytes are: Swift's own `==` takes «é» in one and in two
  /// code points for equal, which no storage engine does. Hashing may stay coarser.
  public static func == (left: DocumentValue, right: DocumentValue) -> Bool {
    switch (left, right) {
    case (.bool(let left), .bool(let right)): left == right
    case (.integer(let left), .integer(let right)): left == right
    case (.string(let left), .string(let right)): left.utf8.elementsEqual(right.utf8)
    case (.time(let left), .time(let right)): left == right
    case (.array(let left), .array(let right)): left == right
    case (.object(let left), .object(let right)): left == right
    default: false
    }
  }
}
