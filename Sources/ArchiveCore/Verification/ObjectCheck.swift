// Whole objects against the size and SHA-256 of their manifests, each once.

internal import Crypto
internal import Encodings

/// Remembers which objects were read and what they turned out to be, because a pack belongs to many conversations.
struct ObjectCheck: Sendable {
  enum Finding: Hashable, Sendable {
    case good
    case missing
    /// What differs, and the SHA-256 of what is there.
    case altered(String, digest: String)
  }

  private let objects: any ObjectStore
  private var good = RecentlyUsed<String, Bool>(limit: 200_000)
  private var bad: [String: Finding] = [:]
  private var goodCount = 0

  /// Objects that were read.
  var count: Int { goodCount + bad.count }

  init(objects: any ObjectStore) { self.objects = objects }

  mutating func finding(for manifest: SegmentManifest) async throws(StoreError) -> Finding {
    let name = "\(manifest.key) \(manifest.objectSHA256) \(manifest.objectBytes)"
    if good.value(name) != nil { return .good }
    if let finding = bad[name] { return finding }
    let finding = try await check(manifest)
    if finding == .good {
      good.insert(true, for: name)
      goodCount += 1
    } else {
      bad[name] = finding
    }
    return finding
  }

  /// Looks at objects anew that were not good, for another attempt.
  mutating func forgetFailures() { bad = [:] }

  private func check(_ manifest: SegmentManifest) async throws(StoreError) -> Finding {
    guard let key = ObjectKey(manifest.key) else { return .missing }
    let object: StoredObject
    do {
      object = try await objects.get(key, range: nil)
    } catch  where error.kind == .notFound {
      return .missing
    }
    var hash = SHA256()
    var size: Int64 = 0
    do {
      while let chunk = try await object.next() {
        hash.update(data: chunk)
        size += Int64(chunk.count)
      }
    } catch let error as StoreError {
      throw error
    } catch {
      throw StoreError(.unavailable, "reading broke off key=`\(key)`", cause: error)
    }
    let digest = Hex.text(hash.finalize())
    if digest == manifest.objectSHA256 && size == manifest.objectBytes { return .good }
    let how =
      size == manifest.objectBytes
      ? "the object's SHA-256 is not that of its manifest"
      : "the object has another size bytes=`\(size)` expectedBytes=`\(manifest.objectBytes)`"
    return .altered(how, digest: digest)
  }
}
