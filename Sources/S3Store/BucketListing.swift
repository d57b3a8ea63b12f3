// One page of our keys out of as many of the server's pages as that takes.

import ArchiveCore
import S3Client

/// Collects up to `limit` keys, whatever else lies among them.
///
/// Servers may end a page early, ignore `start-after`, and know objects that are none of ours. What none
/// may do is list in another order than that of the keys' bytes: then a page could not be continued.
struct BucketListing {
  private let place: BucketPlace
  private let prefix: String
  private let after: ObjectKey?
  private let limit: Int
  private var found: [ObjectInfo] = []
  private var lastName: String?

  /// So many pages without a key of ours mean that the prefix belongs to somebody else.
  private static let pageLimit = 1000

  init(of place: BucketPlace, prefix: String, after: ObjectKey?, limit: Int) {
    (self.place, self.prefix, self.after, self.limit) = (place, prefix, after, limit)
  }

  mutating func objects() async throws(StoreError) -> [ObjectInfo] {
    var token: String?
    for _ in 0..<Self.pageLimit {
      let page = try await page(token)
      try take(page, isWhole: token == nil && !page.isTruncated)
      guard found.count < limit, page.isTruncated else { return Array(found.prefix(limit)) }
      guard let next = page.nextToken, next != token else {
        throw StoreError(
          .unavailable,
          "a list is not complete and cannot be continued bucket=`\(place.bucket.name)`")
      }
      token = next
    }
    throw StoreError(
      .refused, "too many foreign objects lie among the archive's bucket=`\(place.bucket.name)`",
      hint: "give the archive a bucket or an s3.prefix of its own")
  }

  private func page(_ token: String?) async throws(StoreError) -> S3ListPage {
    let start = token == nil ? after.map { place.prefix.text + $0.description } : nil
    // Behind the first page only what foreign objects took is missing.
    let count = token == nil ? limit : min(1000, max(limit, 100))
    return try await place.asking("list") { () throws(S3Error) in
      try await place.bucket.listPage(
        prefix: place.prefix.text + prefix, startAfter: start, token: token, limit: count)
    }
  }

  private mutating func take(_ page: S3ListPage, isWhole: Bool) throws(StoreError) {
    var objects = page.objects
    if isWhole { objects.sort { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) } }
    for object in objects {
      if let lastName, !lastName.utf8.lexicographicallyPrecedes(object.key.utf8) {
        throw StoreError(
          .refused, "the server lists keys out of order bucket=`\(place.bucket.name)`",
          hint: "such a bucket cannot hold an archive; archive-service doctor checks the order")
      }
      lastName = object.key
      guard let key = place.key(object.key) else { continue }
      if let after, key <= after { continue }
      found.append(try place.info(key, object))
    }
  }
}
