// A file as a message carries it: what people see of it before they fetch it.

/// What an entry says of a file that goes with it. Kept in the entry's line, so that a page of history, from the buffer
/// or from the archive alone, shows its files without looking them up. Whether the file can still be fetched, and by
/// whom, its document says.
public struct AttachedFile: Hashable, Sendable {
  public let id: FileID
  /// As people see it.
  public let name: String
  /// Found in the bytes, never believed from a sender.
  public let contentType: String
  public let sizeBytes: Int64
  /// Of pictures: pixels as they are shown.
  public let width: Int64?
  public let height: Int64?

  public init(
    id: FileID, name: String, contentType: String, sizeBytes: Int64, width: Int64? = nil,
    height: Int64? = nil
  ) {
    (self.id, self.name, self.contentType) = (id, name, contentType)
    (self.sizeBytes, self.width, self.height) = (sizeBytes, width, height)
  }
}

extension AttachedFile {
  /// `nil` for what is no file.
  init?(_ value: DocumentValue) {
    guard case .object(let fields) = value,
      case .string(let text)? = fields["id"], let id = FileID(text),
      case .string(let name)? = fields["name"],
      case .string(let contentType)? = fields["contentType"],
      case .integer(let sizeBytes)? = fields["size"]
    else { return nil }
    func integer(_ name: String) -> Int64? {
      if case .integer(let number)? = fields[name] { number } else { nil }
    }
    self.init(
      id: id, name: name, contentType: contentType, sizeBytes: sizeBytes, width: integer("width"),
      height: integer("height"))
  }

  /// As lines and answers show it.
  package var value: DocumentValue {
    var fields: [String: DocumentValue] = [
      "id": .string(id.description), "name": .string(name), "contentType": .string(contentType),
      "size": .integer(sizeBytes),
    ]
    if let width { fields["width"] = .integer(width) }
    if let height { fields["height"] = .integer(height) }
    return .object(fields)
  }
}
