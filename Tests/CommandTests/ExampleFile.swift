// What config/example.yaml has to say, made from the table of settings.

@testable import archive_service

/// The text of the file.
enum ExampleFile {
  static var text: String {
    var lines = [
      "# Every setting with its default. Flags (--set http.port=80) and variables",
      "# (ARCHIVE_HTTP_PORT=80: the key in upper case behind ARCHIVE_) win over this file,",
      "# which is read with --config FILE or ARCHIVE_CONFIG, or as config/default.yaml.",
    ]
    var section = ""
    for key in SettingTable.keys {
      let parts = key.name.split(separator: ".", maxSplits: 1).map(String.init)
      if parts[0] != section {
        section = parts[0]
        lines += ["", "\(section):"]
      }
      lines.append("  # \(key.meaning)")
      lines.append("  # Allowed: \(key.allowed).")
      let hasValue = !key.defaultText.contains(" ")
      lines.append(
        hasValue
          ? "  \(parts[1]): \(key.defaultText)"
          : "  # \(parts[1]): …  (default: \(key.defaultText))")
    }
    return lines.joined(separator: "\n") + "\n"
  }
}
