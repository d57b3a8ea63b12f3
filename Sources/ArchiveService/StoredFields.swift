// Reading the fields of stored documents into typed values.

import ArchiveCore

extension Document {
  /// The field, read by `read`; `corrupt` where it is missing or of another type.
  func field<Value>(_ name: String, _ read: (DocumentValue) -> Value?) throws(StoreError) -> Value {
    guard let value = try optionalField(name, read) else {
      throw StoreError(.corrupt, "a document lacks a field field=`\(name)` id=`\(id ?? "")`")
    }
    return value
  }

  /// The field, or `nil` where it is missing; `corrupt` where it is of another type.
  func optionalField<Value>(_ name: String, _ read: (DocumentValue) -> Value?)
    throws(StoreError) -> Value?
  {
    guard let stored = self[name] else { return nil }
    guard let value = read(stored) else {
      throw StoreError(.corrupt, "a field has a wrong type field=`\(name)` id=`\(id ?? "")`")
    }
    return value
  }

  /// A document from fields of which some may be absent.
  init(present fields: [String: DocumentValue?]) {
    self.init(fields.compactMapValues { $0 })
  }
}

extension DocumentValue {
  var asText: String? { if case .string(let text) = self { text } else { nil } }
  var asInteger: Int64? { if case .integer(let number) = self { number } else { nil } }
  var asTime: Timestamp? { if case .time(let time) = self { time } else { nil } }

  func asID<Subject>() -> Identifier<Subject>? { asText.flatMap { Identifier<Subject>($0) } }

  func asIDs<Subject>() -> [Identifier<Subject>]? {
    guard case .array(let values) = self else { return nil }
    let ids: [Identifier<Subject>] = values.compactMap { $0.asID() }
    return ids.count == values.count ? ids : nil
  }
}

extension Identifier {
  /// The identifier as documents hold it.
  var stored: DocumentValue { .string(description) }
}
