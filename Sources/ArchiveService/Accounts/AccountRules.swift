// What an address, a name and a password must look like.

/// Checks on the input of accounts, noted in `FieldErrors`.
enum AccountRules {
  /// The address without the white space around it.
  static func trimmed(_ email: String) -> String {
    let isSpace: (Unicode.Scalar) -> Bool = { $0.properties.isWhitespace }
    var scalars = email.unicodeScalars[...]
    while let first = scalars.first, isSpace(first) { scalars.removeFirst() }
    while let last = scalars.last, isSpace(last) { scalars.removeLast() }
    return String(scalars)
  }

  static func check(email: String, _ errors: inout FieldErrors) {
    errors.require(email.utf8.count <= 254, "email", "is longer than 254 bytes")
    errors.require(
      email.utf8.count > 254 || hasShape(email), "email", "does not look like an address")
  }

  static func check(name: String, _ errors: inout FieldErrors) {
    let scalars = name.unicodeScalars
    let isShort = name.utf8.count <= 256 && scalars.count <= 64
    errors.require(isShort, "name", "is longer than 64 characters")
    errors.require(!isBlank(name), "name", "is empty")
    errors.require(!isShort || !hasControls(name), "name", "contains control characters")
  }

  static func check(password: String, _ errors: inout FieldErrors) {
    errors.require(
      (8...1024).contains(password.utf8.count), "password", "is not 8 to 1024 bytes long")
  }

  static func check(device: String?, _ errors: inout FieldErrors) {
    guard let device else { return }
    errors.require(
      device.utf8.count <= 200 && !hasControls(device), "device",
      "is longer than 200 bytes or contains control characters")
  }

  static func isBlank(_ text: String) -> Bool {
    text.unicodeScalars.allSatisfy(\.properties.isWhitespace)
  }

  static func hasControls(_ text: String) -> Bool {
    text.unicodeScalars.contains { $0.properties.generalCategory == .control }
  }

  /// One `@` with something on both sides, a domain of labels, no spaces and controls. Whether
  /// mail arrives there only a mail can tell.
  private static func hasShape(_ email: String) -> Bool {
    let parts = email.utf8.split(separator: UInt8(ascii: "@"), omittingEmptySubsequences: false)
    guard parts.count == 2, (1...64).contains(parts[0].count) else { return false }
    let labels = parts[1].split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    guard labels.allSatisfy({ (1...63).contains($0.count) }) else { return false }
    return !email.unicodeScalars.contains {
      $0.properties.isWhitespace || $0.properties.generalCategory == .control
    }
  }
}
