// A directory that lives as long as a test's body.

/// Makes a fresh directory, gives its path to the closure and removes it afterwards.
func withTemporaryDirectory<Value>(
  isolation: isolated (any Actor)? = #isolation, _ body: (String) async throws -> Value
) async throws -> Value {
  let folder = try ScratchFolder()
  defer { withExtendedLifetime(folder) {} }
  return try await body(folder.path)
}
