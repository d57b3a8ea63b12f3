// The soak of `./dev soak`, short.

import Foundation
import Testing

@Suite("the soak", .timeLimit(.minutes(5)))
struct SoakTests {
  @Test(
    "A3 C6 D3 devices that vanish and come back while the server is killed end with the same log")
  func short() async throws {
    let scratch = try ScratchDirectory()
    let program = BuiltProgram.url.deletingLastPathComponent().appending(path: "archive-torture")
    let result = try await BuiltProgram.run(
      [
        "--server", BuiltProgram.url.path, "--scenario", "soak", "--devices", "60",
        "--seconds", "20", "--kills", "2",
      ], in: scratch, isConfigured: true, program: program)
    #expect(result.status == 0, "\(result.output)\(result.errors)")
    #expect(result.output.contains("nothing was lost"))
  }
}
