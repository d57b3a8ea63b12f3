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

  /// The address without the space around it; what is wrong with it is noted.
  static func checked(email typed: String, _ errors: inout FieldErrors) -> String {
    let isShort = typed.utf8.count <= 4 * EmailAddress.limitBytes
    let address = isShort ? EmailAddress(typed) : nil
    let isLong = trimmed(isShort ? typed : "").utf8.count > EmailAddress.limitBytes || !isShort
    errors.require(
      address != nil, "email",
      isLong ? "is longer than \(EmailAddress.limitBytes) bytes" : "does not look like an address")
    return address?.text ?? ""
  }

  static func check(password: String, field: String = "password", _ errors: inout FieldErrors) {
    errors.require(
      (8...1024).contains(password.utf8.count), field, "is not 8 to 1024 bytes long")
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
}
