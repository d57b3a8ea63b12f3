// A request as a browser makes it, for links.

import Foundation
import S3Store

#if canImport(FoundationNetworking)
  import FoundationNetworking
#endif

/// GET with nothing but what the caller gives.
enum PlainFetch {
  static func get(_ url: URL, _ headers: [(name: String, value: String)]) async throws
    -> OutsideAnswer
  {
    var request = URLRequest(url: url)
    for header in headers { request.setValue(header.value, forHTTPHeaderField: header.name) }
    let (data, response) = try await URLSession.shared.data(for: request)
    let answer = response as? HTTPURLResponse
    var named: [String: String] = [:]
    for (name, value) in answer?.allHeaderFields ?? [:] {
      named["\(name)".lowercased()] = "\(value)"
    }
    return OutsideAnswer(
      status: answer?.statusCode ?? 0, headers: named, body: Array(data))
  }
}
