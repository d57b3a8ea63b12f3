// The objects of a bucket as a sequence.

/// Fetches pages as they are needed. Each iterator begins anew.
///
/// It ends on every server: a page that begins with a key with which an earlier one began, or too many empty pages in
/// a row, is `badAnswer`. Keys come in the server's order.
public struct S3Listing: AsyncSequence, Sendable {
  public typealias Element = S3ListedObject
  public typealias Failure = S3Error

  let bucket: S3Bucket
  let prefix: String
  let startAfter: String?

  public func makeAsyncIterator() -> Iterator {
    Iterator(bucket: bucket, prefix: prefix, startAfter: startAfter)
  }

  public struct Iterator: AsyncIteratorProtocol {
    private static let emptyPageLimit = 100

    private let bucket: S3Bucket
    private let prefix: String
    private var startAfter: String?
    private var token: String?
    private var page: ArraySlice<S3ListedObject> = []
    private var isLastPage = false
    private var emptyPages = 0
    /// The first key of each page, one for a thousand objects; a server that goes in circles repeats one.
    /// As bytes: two keys that look alike in Unicode are two keys, and equal as texts.
    private var beginnings: Set<[UInt8]> = []

    init(bucket: S3Bucket, prefix: String, startAfter: String?) {
      (self.bucket, self.prefix, self.startAfter) = (bucket, prefix, startAfter)
    }

    /// The next object; `nil` at the end. Throws what `listPage` throws.
    public mutating func next(
      isolation actor: isolated (any Actor)?
    ) async throws(S3Error) -> S3ListedObject? {
      while page.isEmpty {
        if isLastPage { return nil }
        guard !Task.isCancelled else { throw S3Error.wasCancelled }
        try take(
          try await bucket.pageOfListing(
            prefix: prefix, startAfter: token == nil ? startAfter : nil, token: token))
      }
      return page.popFirst()
    }

    private mutating func take(_ fetched: S3ListPage) throws(S3Error) {
      page = fetched.objects[...]
      isLastPage = !fetched.isTruncated
      token = fetched.nextToken
      // A server of the first version gives no token: then the last key leads on.
      if token == nil, let last = fetched.objects.last { startAfter = last.key }
      try checkAdvance(fetched)
    }

    private mutating func checkAdvance(_ fetched: S3ListPage) throws(S3Error) {
      guard let first = fetched.objects.first?.key else {
        emptyPages += 1
        guard isLastPage || (emptyPages < Self.emptyPageLimit && token != nil) else {
          throw S3Error(.badAnswer, "the list has pages without keys and no end")
        }
        return
      }
      emptyPages = 0
      guard beginnings.insert(Array(first.utf8)).inserted else {
        throw S3Error(.badAnswer, "the list does not advance: a page came twice")
      }
    }
  }
}
