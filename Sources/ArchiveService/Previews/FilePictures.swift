// What is known of the small pictures of a file.

import ArchiveCore
import Uploads

/// The pictures that were made of a file, as its document has them; `nil` there until somebody has tried.
struct FilePictures: Sendable, Hashable {
  /// Both, or none where the file cannot be decoded.
  let made: Made?

  struct Made: Sendable, Hashable {
    let preview: FilePicture
    let thumbnail: FilePicture
  }

  static let none = FilePictures(made: nil)

  subscript(variant: FileVariant) -> FilePicture? {
    switch variant {
    case .original: nil
    case .preview: made?.preview
    case .thumbnail: made?.thumbnail
    }
  }
}

/// One picture.
struct FilePicture: Sendable, Hashable {
  let sizeBytes: Int64
  /// In hexadecimal.
  let sha256: String
}

extension FilePictures {
  init(_ value: DocumentValue) throws(StoreError) {
    guard case .object(let fields) = value else {
      throw StoreError(.corrupt, "a field has a wrong type field=`pictures`")
    }
    if fields.isEmpty {
      self = .none
      return
    }
    guard let preview = FilePicture(fields["preview"]),
      let thumbnail = FilePicture(fields["thumbnail"])
    else { throw StoreError(.corrupt, "a field lacks a picture field=`pictures`") }
    self.init(made: Made(preview: preview, thumbnail: thumbnail))
  }

  var stored: DocumentValue {
    guard let made else { return .object([:]) }
    return .object(["preview": made.preview.stored, "thumbnail": made.thumbnail.stored])
  }
}

extension FilePicture {
  fileprivate init?(_ value: DocumentValue?) {
    guard case .object(let fields)? = value, let size = fields["size"]?.asInteger,
      let sha256 = fields["sha256"]?.asText
    else { return nil }
    self.init(sizeBytes: size, sha256: sha256)
  }

  fileprivate var stored: DocumentValue {
    .object(["size": .integer(sizeBytes), "sha256": .string(sha256)])
  }
}

/// Where the pictures of files lie.
enum PictureKeys {
  /// What all keys of them begin with.
  static let prefix = "previews/"

  static func object(_ id: FileID, _ variant: FileVariant) -> ObjectKey {
    ObjectKey(trusted: "\(prefix)\(id)/\(variant == .thumbnail ? "thumbnail" : "preview").webp")
  }

  /// The id of the file that a key's picture is of.
  static func file(of key: ObjectKey) -> String {
    String(key.description.dropFirst(prefix.count).prefix { $0 != "/" })
  }

  /// All that there may be of a file.
  static func all(_ id: FileID) -> [ObjectKey] {
    [object(id, .preview), object(id, .thumbnail)]
  }
}
