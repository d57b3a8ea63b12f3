// Where in which bucket the objects lie, and the way there and back for every call.

import ArchiveCore
import S3Client

/// What every object's name in the bucket begins with: nothing, or text that ends in `/`.
package struct BucketPrefix: Hashable, Sendable {
  package let text: String

  static let allowed =
    "a prefix is empty, or ends in / and consists of A-Z a-z 0-9 . _ - in segments, at most 512 bytes"

  /// `nil` where no key could begin with it.
  package init?(_ text: String) {
    let isFolder = text.hasSuffix("/") && text.utf8.count <= 512 && ObjectKey.isPrefix(text)
    guard text.isEmpty || isFolder else { return nil }
    self.text = text
  }
}

/// One bucket and prefix, and the translation of keys, answers and errors.
struct BucketPlace: Sendable {
  let bucket: S3Bucket
  let prefix: BucketPrefix

  /// `@` is in no `ObjectKey`, so nothing below this is ever listed as an object.
  var scratchPrefix: String { prefix.text + "@scratch/" }

  /// The object's name in the bucket; `invalid` where it would be longer than S3 allows.
  func name(_ key: ObjectKey) throws(StoreError) -> String {
    let name = prefix.text + key.description
    guard name.utf8.count <= 1024 else {
      throw StoreError(
        .invalid, "prefix and key together are longer than 1024 bytes key=`\(key)`",
        hint: "use a shorter s3.prefix")
    }
    return name
  }

  /// The key of a name in the bucket; `nil` for foreign objects.
  func key(_ name: String) -> ObjectKey? {
    guard name.utf8.starts(with: prefix.text.utf8) else { return nil }
    return ObjectKey(String(decoding: name.utf8.dropFirst(prefix.text.utf8.count), as: UTF8.self))
  }

  /// Does what concerns one object, and translates its error.
  func asking<Value>(
    _ act: String, _ key: ObjectKey, _ work: (String) async throws(S3Error) -> Value
  ) async throws(StoreError) -> Value {
    let name = try name(key)
    do throws(S3Error) {
      return try await work(name)
    } catch {
      throw StoreError(error, act, in: bucket.name, key)
    }
  }

  /// Does what concerns the bucket, and translates its error.
  func asking<Value>(_ act: String, _ work: () async throws(S3Error) -> Value)
    async throws(StoreError) -> Value
  {
    do throws(S3Error) {
      return try await work()
    } catch {
      throw StoreError(error, act, in: bucket.name, nil)
    }
  }

  func info(_ key: ObjectKey, _ head: S3ObjectHead) throws(StoreError) -> ObjectInfo {
    guard let modified = head.modified else { throw Self.timeless(key) }
    return ObjectInfo(
      key: key, sizeBytes: head.sizeBytes,
      modified: Timestamp(milliseconds: modified.milliseconds), type: head.contentType)
  }

  func info(_ key: ObjectKey, _ listed: S3ListedObject) throws(StoreError) -> ObjectInfo {
    guard let modified = listed.modified else { throw Self.timeless(key) }
    return ObjectInfo(
      key: key, sizeBytes: listed.sizeBytes,
      modified: Timestamp(milliseconds: modified.milliseconds), type: nil)
  }

  private static func timeless(_ key: ObjectKey) -> StoreError {
    StoreError(.unavailable, "the server does not say when the object was put key=`\(key)`")
  }
}
