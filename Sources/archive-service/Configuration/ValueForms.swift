// How durations and sizes are written in settings.

/// Reads and writes `500ms`, `20s`, `5m`, `12h`, `30d`.
enum DurationForm {
  private static let units: [(suffix: String, milliseconds: Int64)] = [
    ("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000),
  ]

  static func duration(_ text: String) -> Duration? {
    let digits = text.prefix { $0.isASCII && $0.isNumber }
    let suffix = text.dropFirst(digits.count)
    guard let count = Int64(digits), let unit = units.first(where: { $0.suffix == suffix })
    else { return nil }
    let (product, overflow) = count.multipliedReportingOverflow(by: unit.milliseconds)
    return overflow ? nil : .milliseconds(product)
  }

  /// The form with the largest unit that needs no fraction.
  static func text(_ duration: Duration) -> String {
    let milliseconds =
      duration.components.seconds * 1000
      + duration.components.attoseconds / 1_000_000_000_000_000
    let unit = units.last { milliseconds != 0 && milliseconds % $0.milliseconds == 0 }
    return "\(milliseconds / (unit?.milliseconds ?? 1))\(unit?.suffix ?? "s")"
  }
}

/// Reads and writes `65536`, `64KiB`, `1MiB`, `4GiB`.
enum SizeForm {
  private static let units: [(suffix: String, bytes: Int)] = [
    ("", 1), ("B", 1), ("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30),
  ]

  static func bytes(_ text: String) -> Int? {
    let digits = text.prefix { $0.isASCII && $0.isNumber }
    let suffix = text.dropFirst(digits.count)
    guard let count = Int(digits), let unit = units.first(where: { $0.suffix == suffix })
    else { return nil }
    let (product, overflow) = count.multipliedReportingOverflow(by: unit.bytes)
    return overflow ? nil : product
  }

  static func text(_ bytes: Int) -> String {
    let unit = units.last { bytes != 0 && bytes % $0.bytes == 0 && $0.suffix != "B" }
    return "\(bytes / (unit?.bytes ?? 1))\(unit?.suffix ?? "")"
  }
}
