// A mail as somebody else's program reads it.

import Foundation

/// What Python's `email` package makes of the bytes of a mail.
public struct ReadMail: Decodable, Sendable {
  public struct Part: Decodable, Sendable {
    public let type: String
    public let encoding: String
    public let text: String
  }

  /// By lower-case name, decoded; of several the first.
  public let headers: [String: String]
  /// What every strict reader would complain about; empty for a good mail.
  public let defects: [String]
  public let parts: [Part]

  public var text: String? { parts.first { $0.type == "text/plain" }?.text }
  public var html: String? { parts.first { $0.type == "text/html" }?.text }

  /// Returns when the program has ended.
  public init(_ bytes: [UInt8]) async throws {
    let scratch = FileManager.default.temporaryDirectory.appending(path: "mail-\(UUID())").path
    try Data(bytes).write(to: URL(filePath: scratch))
    defer { try? FileManager.default.removeItem(atPath: scratch) }
    let output = Pipe()
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["python3", "-c", Self.script, scratch]
    process.standardOutput = output
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    self = try JSONDecoder().decode(Self.self, from: data)
  }

  private static let script = #"""
    import email, email.policy, json, sys
    with open(sys.argv[1], "rb") as file:
        mail = email.message_from_binary_file(file, policy=email.policy.default)
    parts = [part for part in mail.walk() if not part.is_multipart()]
    headers = {}
    for name, value in mail.items():
        headers.setdefault(name.lower(), str(value))
    defects = [repr(d) for part in mail.walk() for d in part.defects]
    defects += [repr(d) for part in mail.walk() for v in part.values() for d in getattr(v, "defects", ())]
    print(json.dumps({
        "headers": headers,
        "defects": defects,
        "parts": [{
            "type": part.get_content_type(),
            "encoding": part.get("Content-Transfer-Encoding", ""),
            "text": part.get_content().replace("\r\n", "\n"),
        } for part in parts],
    }))
    """#
}
