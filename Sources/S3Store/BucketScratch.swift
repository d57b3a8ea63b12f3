// Objects that probes make and that must be gone afterwards.

import ArchiveCore
import S3Client

/// A place of its own under `@scratch/`, which no list of the archive ever shows.
struct BucketScratch: Sendable {
  private let place: BucketPlace
  /// What all its keys begin with.
  let prefix: String

  init(_ place: BucketPlace, _ surroundings: Surroundings) {
    self.place = place
    prefix = place.scratchPrefix + surroundings.newID().description + "/"
  }

  func key(_ name: String) -> String { prefix + name }

  /// Deletes everything in it, also where the task is cancelled; how many objects are left over, or
  /// `nil` where nobody can say.
  @discardableResult
  func remove() async -> Int? {
    // Awaited, and a task of its own only so that a cancellation does not leave the objects behind.
    await Task { await removeAll() }.value
  }

  /// Deletes what runs before that time left behind; how many objects that were.
  func removeOld(before time: Timestamp) async -> Int {
    guard let page = try? await place.bucket.listPage(prefix: place.scratchPrefix) else { return 0 }
    let old = page.objects.filter { ($0.modified?.milliseconds ?? .max) < time.milliseconds }
    guard !old.isEmpty, (try? await place.bucket.delete(old.map(\.key))) != nil else { return 0 }
    return old.count
  }

  private func removeAll() async -> Int? {
    do throws(S3Error) {
      for _ in 0..<10 {
        let page = try await place.bucket.listPage(prefix: prefix)
        if page.objects.isEmpty { return 0 }
        _ = try await place.bucket.delete(page.objects.map(\.key))
      }
      return try await place.bucket.listPage(prefix: prefix).objects.count
    } catch {
      return nil
    }
  }
}
