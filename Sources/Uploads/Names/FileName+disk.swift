// Names that every disk takes.

extension FileName {
  /// Reserved on Windows, with any ending (Microsoft, «Naming Files, Paths, and Namespaces»).
  private static let devices: Set<String> = [
    "con", "prn", "aux", "nul", "conin$", "conout$", "clock$",
    "com0", "com1", "com2", "com3", "com4", "com5", "com6", "com7", "com8", "com9",
    "com¹", "com²", "com³", "lpt0", "lpt1", "lpt2", "lpt3", "lpt4", "lpt5", "lpt6", "lpt7", "lpt8",
    "lpt9", "lpt¹", "lpt²", "lpt³",
  ]
  /// Not allowed on Windows; a slash cannot be there.
  private static let forbidden = Set("<>:\"|?*".unicodeScalars)

  /// A name that Windows, macOS and Linux take, that is no device, no hidden file and no option of a command.
  package var onDisk: String {
    let scalars = text.unicodeScalars.map { Self.forbidden.contains($0) ? "_" : $0 }
    var name = String(String.UnicodeScalarView(scalars))
    let stem = name.prefix { $0 != "." }.lowercased()
    let isRisky = Self.devices.contains(String(stem.reversed().drop { $0 == " " }.reversed()))
    if isRisky || name.unicodeScalars.first.map({ ".-~".unicodeScalars.contains($0) }) ?? true {
      name = "_" + name
    }
    return Self.trimmed(Self.shortened(name, limitBytes: Self.limitBytes))
  }
}
