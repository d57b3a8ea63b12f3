// Waiting for what other tasks are about to bring about.

package import Testing

/// Waits, without a clock, until the claim holds; records an issue where it never does.
package func eventually(
  sourceLocation: SourceLocation = #_sourceLocation, _ claim: () async throws -> Bool
) async rethrows {
  for _ in 0..<200_000 {
    if try await claim() { return }
    await Task.yield()
  }
  Issue.record("this never came to hold", sourceLocation: sourceLocation)
}
