// The header fields of a tus request.

/// What a request says by the protocol's fields (tus 1.0.0, «Headers»), read but not yet judged.
package struct TusFields: Sendable {
  /// A field as it came: not there, readable, or nonsense.
  enum Field<Value: Sendable & Equatable>: Sendable, Equatable {
    case absent
    case value(Value)
    case malformed

    var value: Value? {
      if case .value(let value) = self { value } else { nil }
    }
  }

  let version: String?
  let length: Field<Int64>
  let defersLength: Field<Bool>
  let offset: Field<Int64>
  let metadata: Field<TusMetadata>
  let checksum: Field<TusChecksum>
  let concatenates: Bool
  let contentType: String?
  /// What the connection says will come; `nil` where it does not say.
  let contentLength: Int64?

  /// - Parameter values: all values of a field of that name, in any case of letters. A field of this protocol that stands
  ///   there twice is malformed.
  package init(_ values: (_ name: String) -> [String]) {
    func field<Value>(_ name: String, _ read: (String) -> Value?) -> Field<Value> {
      let found = values(name)
      guard let text = found.first else { return .absent }
      guard found.count == 1, let value = read(ASCII.trimmed(text)) else { return .malformed }
      return .value(value)
    }
    version = field("Tus-Resumable") { $0 }.value
    length = field("Upload-Length") { ASCII.number($0.utf8) }
    defersLength = field("Upload-Defer-Length") { $0 == "1" ? true : nil }
    offset = field("Upload-Offset") { ASCII.number($0.utf8) }
    metadata = field("Upload-Metadata") { TusMetadata($0) }
    checksum = field("Upload-Checksum") { TusChecksum($0) }
    concatenates = !values("Upload-Concat").isEmpty
    contentType = field("Content-Type") { Self.mediaType($0) }.value
    contentLength = field("Content-Length") { ASCII.number($0.utf8) }.value
  }

  /// Without parameters, in lower case.
  private static func mediaType(_ text: String) -> String {
    ASCII.trimmed(text.prefix { $0 != ";" }).lowercased()
  }

  /// Whether a body comes that is a piece of an upload.
  var hasPiece: Bool { contentType == TusProtocol.pieceType }
}
