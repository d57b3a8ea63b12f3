// Programs that others wrote and that upload.

import Foundation
import Testing

/// The libraries of the scripts `tus_upload.py` and `form_uploads.py`.
enum Uploaders {
  static let packages = ProcessInfo.processInfo.environment["ARCHIVE_TEST_UPLOADERS_PATH"]
  static var areThere: Bool { SocketIOProgram.python != nil && packages != nil }
  static let wanted: Comment =
    "tuspy is not here: ./dev test gets it and sets ARCHIVE_TEST_UPLOADERS_PATH"

  static let hasCurl = ["/usr/bin/curl", "/usr/local/bin/curl", "/bin/curl"].contains {
    FileManager.default.isExecutableFile(atPath: $0)
  }
  static let curlWanted: Comment = "curl is not installed: apt-get install curl"

  static func program(_ name: String) -> SocketIOProgram {
    SocketIOProgram(name, packages: packages)
  }

  static func curl(_ arguments: String..., in scratch: ScratchDirectory) async throws
    -> CommandResult
  {
    try await BuiltProgram.run(
      ["curl", "--silent", "--show-error", "--noproxy", "*"] + arguments, in: scratch,
      isConfigured: true, program: URL(filePath: "/usr/bin/env"))
  }
}
