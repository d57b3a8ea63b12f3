// Which names a bucket may have.

/// The rules for names that every S3 server takes and that are safe as a part of a host name and of a path.
enum BucketName {
  /// 3 to 63 lower-case letters, digits, dots and hyphens, no label empty or with a hyphen at an end, and no IP address.
  static func isValid(_ name: String) -> Bool {
    guard (3...63).contains(name.utf8.count) else { return false }
    let labels = name.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    let isAddress = labels.count == 4 && labels.allSatisfy { $0.allSatisfy(isDigit) }
    return !isAddress && labels.allSatisfy(isLabel)
  }

  private static func isLabel(_ label: Substring.UTF8View) -> Bool {
    let hyphen = UInt8(ascii: "-")
    guard let first = label.first, let last = label.last else { return false }
    return first != hyphen && last != hyphen
      && label.allSatisfy { isDigit($0) || $0 == hyphen || (97...122).contains($0) }
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }
}
