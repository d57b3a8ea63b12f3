// What is wrong with the settings, for the person who wrote them.

/// All the problems that were found, one line each; exit code 78 (`EX_CONFIG`).
struct ConfigurationError: Error, CustomStringConvertible {
  let problems: [String]

  var description: String { problems.joined(separator: "\n") }
}

/// One value that its key does not take.
struct ValueError: Error {
  /// What would be allowed, as the end of «allowed: ».
  let allowed: String
}
