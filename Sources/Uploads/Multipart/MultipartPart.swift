// What a part's header says.

/// A part of a form, before its content (RFC 7578, 4.2 to 4.7).
package struct MultipartPart: Sendable, Equatable {
  /// The name of the form's field.
  package let name: String
  /// The name of the file as its sender wrote it, not yet safe for anything: `FileName` makes it so. `nil` for a field
  /// that is no file; empty where a browser sends a file input without a file.
  package let filename: String?
  /// As declared, with its parameters; nobody vouches for it.
  package let contentType: String?
  let encoding: TransferEncoding

  init(_ headers: PartHeaders) throws(MultipartError) {
    let fields = try headers.read()
    let disposition = try Self.disposition(in: fields)
    guard let name = disposition.parameter("name") else {
      throw MultipartError(.malformed, "a part has no name, or several")
    }
    self.name = TransmittedText.formValue(name)
    filename = Self.filename(disposition)
    contentType = try Self.only("content-type", in: fields).map {
      String(decoding: $0, as: UTF8.self)
    }
    let encoding = try Self.only("content-transfer-encoding", in: fields)
    self.encoding = try TransferEncoding(encoding)
  }

  private typealias Fields = [(name: String, value: ArraySlice<UInt8>)]

  private static func disposition(in fields: Fields) throws(MultipartError) -> ParameterizedValue {
    guard let field = try only("content-disposition", in: fields) else {
      throw MultipartError(.malformed, "a part has no Content-Disposition")
    }
    guard let disposition = ParameterizedValue(field), disposition.value == "form-data" else {
      throw MultipartError(.malformed, "a part's Content-Disposition is not form-data")
    }
    // Two names, or two names of files: a filter before us and we might each believe another one.
    guard !disposition.isAmbiguous else {
      throw MultipartError(.malformed, "a part's Content-Disposition says something twice")
    }
    return disposition
  }

  private static func only(_ name: String, in fields: Fields) throws(MultipartError)
    -> ArraySlice<UInt8>?
  {
    let found = fields.filter { $0.name == name }
    guard found.count <= 1 else {
      throw MultipartError(.malformed, "a part has a header field twice field=`\(name)`")
    }
    return found.first?.value
  }

  /// `filename*` where it can be read (RFC 6266, 4.3; RFC 7578 forbids it, some send it), else `filename`.
  private static func filename(_ disposition: ParameterizedValue) -> String? {
    if let extended = disposition.parameter("filename*"),
      let text = TransmittedText.extendedValue(extended)
    {
      return text
    }
    if let plain = disposition.parameter("filename") { return TransmittedText.formValue(plain) }
    return disposition.has("filename*") ? "" : nil
  }
}
