// A header field's value with parameters: `form-data; name="a"; filename="b"`.

/// Reads `value *( ";" name "=" ( token / quoted-string ) )` (RFC 9110, 5.6.6; RFC 2183), one pass, no backtracking.
///
/// Inside of quotes a backslash escapes only a quote or a backslash, as in what browsers and curl send: Internet
/// Explorer sent `filename="C:\new.txt"` as it is.
struct ParameterizedValue: Sendable {
  private static let (semicolon, equals) = (UInt8(ascii: ";"), UInt8(ascii: "="))
  private static let (quote, backslash) = (UInt8(ascii: "\""), UInt8(ascii: "\\"))
  private static let parameterLimit = 16

  /// What stands before the first semicolon, in lower case.
  let value: String
  /// In order; names in lower case, values as raw bytes.
  private(set) var parameters: [(name: String, value: [UInt8])] = []

  /// `nil` where it does not keep to the grammar.
  init?(_ field: ArraySlice<UInt8>) {
    var rest = ASCII.trimmed(field)
    let head = rest.prefix { $0 != Self.semicolon }
    rest = rest.dropFirst(head.count)
    let value = ASCII.trimmed(head)
    let isType = value.allSatisfy { ASCII.isToken($0) || $0 == UInt8(ascii: "/") }
    guard !value.isEmpty, isType else { return nil }
    self.value = String(decoding: value.map(ASCII.lowercased), as: UTF8.self)
    while rest.popFirst() != nil {
      rest = rest.drop(while: ASCII.isBlank)
      // A semicolon at the end, or two in a row, says nothing.
      if rest.isEmpty || rest.first == Self.semicolon { continue }
      guard parameters.count < Self.parameterLimit, let parameter = Self.parameter(&rest) else {
        return nil
      }
      parameters.append(parameter)
    }
  }

  /// The value of the parameter; `nil` where there is none, and where there are several: which one counts would depend
  /// on the reader.
  func parameter(_ name: String) -> [UInt8]? {
    let found = parameters.filter { $0.name == name }
    return found.count == 1 ? found[0].value : nil
  }

  func has(_ name: String) -> Bool { parameters.contains { $0.name == name } }

  /// Whether a parameter stands there twice.
  var isAmbiguous: Bool { Set(parameters.map(\.name)).count < parameters.count }

  /// Takes one parameter off, up to the semicolon behind it.
  private static func parameter(_ rest: inout ArraySlice<UInt8>) -> (String, [UInt8])? {
    let name = rest.prefix(while: ASCII.isToken)
    rest = rest.dropFirst(name.count).drop(while: ASCII.isBlank)
    guard !name.isEmpty, rest.popFirst() == equals else { return nil }
    rest = rest.drop(while: ASCII.isBlank)
    let isQuoted = rest.first == quote
    guard let value = isQuoted ? quoted(&rest) : bare(&rest) else { return nil }
    rest = rest.drop(while: ASCII.isBlank)
    guard rest.isEmpty || rest.first == semicolon else { return nil }
    return (String(decoding: name.map(ASCII.lowercased), as: UTF8.self), value)
  }

  /// A token; more than the grammar's characters, since clients of old leave the quotes out.
  private static func bare(_ rest: inout ArraySlice<UInt8>) -> [UInt8]? {
    let value = rest.prefix { $0 != semicolon && $0 != quote && !ASCII.isBlank($0) }
    rest = rest.dropFirst(value.count)
    return Array(value)
  }

  private static func quoted(_ rest: inout ArraySlice<UInt8>) -> [UInt8]? {
    rest = rest.dropFirst()
    var value: [UInt8] = []
    while let byte = rest.popFirst() {
      if byte == quote { return value }
      if byte == backslash, let next = rest.first, next == quote || next == backslash {
        rest = rest.dropFirst()
        value.append(next)
      } else {
        value.append(byte)
      }
    }
    return nil
  }
}
