// An object's fields in the order in which they were written.

/// The fields of an object, in order: what is echoed looks as it came.
///
/// Looked up from the first to the last: arguments have a handful of fields. A read object has no name twice.
package struct JSONObject: Hashable, Sendable {
  package struct Field: Hashable, Sendable {
    package let name: String
    package var value: JSONValue

    package init(name: String, value: JSONValue) {
      self.name = name
      self.value = value
    }
  }

  package var fields: [Field]

  package init(_ fields: [Field] = []) { self.fields = fields }

  package subscript(name: String) -> JSONValue? { fields.first { $0.name == name }?.value }

  /// Whether two fields have the same name; linear in their number.
  var hasDuplicates: Bool {
    switch fields.count {
    case 0, 1: false
    case 2...8:
      fields.indices.contains { index in
        fields[..<index].contains { $0.name == fields[index].name }
      }
    default: Set(fields.lazy.map(\.name)).count != fields.count
    }
  }
}
