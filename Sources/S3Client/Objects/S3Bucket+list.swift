// Lists of a bucket's objects.

extension S3Bucket {
  /// One page of the objects whose keys begin with `prefix`, in the server's order.
  ///
  /// - Parameters:
  ///   - startAfter: only keys behind this one, which need not exist.
  ///   - token: `nextToken` of the page before, with the same other parameters.
  ///   - delimiter: keys that have it behind the prefix are folded into `prefixes`.
  ///   - limit: of keys and prefixes; taken as 1 to 1,000.
  public func listPage(
    prefix: String = "", startAfter: String? = nil, token: String? = nil, delimiter: String? = nil,
    limit: Int = 1000
  ) async throws(S3Error) -> S3ListPage {
    let body = try await listBody(
      prefix: prefix, startAfter: startAfter, token: token, delimiter: delimiter, limit: limit)
    return try S3ListPage(body: body, limits: xmlLimits)
  }

  /// All objects whose keys begin with `prefix`, page after page, none before it is asked for.
  public func list(prefix: String = "", startAfter: String? = nil) -> S3Listing {
    S3Listing(bucket: self, prefix: prefix, startAfter: startAfter)
  }

  private func listBody(
    prefix: String, startAfter: String?, token: String?, delimiter: String?, limit: Int
  ) async throws(S3Error) -> [UInt8] {
    var request = S3Request("GET", bucket: name)
    request.query = [
      // Without it, a key with a control character makes the whole page ill-formed XML.
      ("encoding-type", "url"), ("list-type", "2"), ("max-keys", String(min(max(limit, 1), 1000))),
    ]
    let optional = [
      ("prefix", prefix.isEmpty ? nil : prefix), ("start-after", startAfter),
      ("continuation-token", token), ("delimiter", delimiter),
    ]
    request.query += optional.compactMap { name, value in value.map { (name: name, value: $0) } }
    return try await perform(request).body
  }

  /// A page of `list`, which can do without a token: a truncated page whose `nextToken` is `nil` goes on behind its
  /// last key. That is what servers send which only know the first version of lists.
  func pageOfListing(
    prefix: String, startAfter: String?, token: String?
  ) async throws(S3Error) -> S3ListPage {
    let body = try await listBody(
      prefix: prefix, startAfter: startAfter, token: token, delimiter: nil, limit: 1000)
    do {
      return try S3ListPage(body: body, limits: xmlLimits)
    } catch {
      guard let page = try? S3ListPage(withoutToken: body, limits: xmlLimits) else { throw error }
      return page
    }
  }
}

extension S3ListPage {
  /// `nil` for anything but a truncated page with keys and without a token.
  fileprivate init?(withoutToken body: [UInt8], limits: XMLLimits) throws(S3Error) {
    let list = try XMLElement.answer(body, root: "ListBucketResult", limits: limits)
    let encoding = S3ListEncoding(list)
    let objects = try list.children(named: "Contents").map { entry throws(S3Error) in
      try S3ListedObject(entry, encoding: encoding)
    }
    guard list.isTrue("IsTruncated"), list.filled("NextContinuationToken") == nil,
      !objects.isEmpty
    else { return nil }
    self.init(objects: objects, isTruncated: true)
  }
}
