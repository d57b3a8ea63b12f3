// Small C libraries that make the world look worse to one process.

import Foundation

/// Compiles what a server is started with in LD_PRELOAD.
enum PreloadedLibrary {
  /// The library of `scripts/torture/NAME.c`, or `nil` where its source is not in the present directory.
  static func compile(_ name: String, directory: String) async throws -> String? {
    let source = "scripts/torture/\(name).c"
    let library = directory + "/\(name).so"
    for compiler in ["cc", "clang"] {
      let run = try? await CommandRun.run(
        "/usr/bin/env", [compiler, "-shared", "-fPIC", "-O2", "-o", library, source, "-ldl"],
        directory: directory, environment: ProcessInfo.processInfo.environment)
      if run?.status == 0 { return library }
    }
    guard FileManager.default.fileExists(atPath: source) else {
      Report.line("SKIPPED \(name), as \(source) is not in the present directory")
      return nil
    }
    throw Loss("\(source) does not compile; see commands.log")
  }
}
