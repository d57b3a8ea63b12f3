// What goes to the foreign clients' scripts and comes back, and the keys that are told apart badly.

import Foundation

/// Keys that clients mangle: signs of URLs, of XML and of paths, and texts that only their bytes tell apart.
enum OddKeys {
  static let all = [
    "plain", "sp ace", " blank at both ends ", "plus+plus", "per%2Fcent", "per%cent", "%", "%25",
    "ümlaut/日本語/😀", "composed \u{E9}", "decomposed e\u{301}", "\u{E9}", "e\u{301}",
    "a//b", "a/b", "//", "/lead", "trail/", "trail", "a/../b", "./dot", "a/.", "..x/..",
    "q?u#h&a=m;p,@:$!'()*", "tilde~_-.", "back\\slash", "quo\"te'<>&amp;", "&lt;", "<Key>",
    "c\u{1}c", "new\nline", "tab\ttab", "return\r\nline", "\u{7F}", "\u{FEFF}mark", "\u{202E}rtl",
    "[brackets]{braces}|^`", "?versionId=1", "uploads", String(repeating: "k", count: 1024),
  ]

  /// In the order of their UTF-8 bytes, which is that of lists.
  static var sorted: [String] {
    all.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  /// Tells which key it belongs to.
  static func body(_ key: String) -> [UInt8] { Array("the body of \(key)\n".utf8) }
}

/// A gzip file made by gzip(1), as objects of the archive are.
enum GzippedLines {
  static let base64 =
    "H4sIAAAAAAACA6tWKk4tVLIy1FEqSa0oUbJS8kjNyclXquWqhkgYwSWeTV/6bM6aF6vmKXyYP6MBqAIA4KMDAzsAAAA="
  static let lines = [#"{"seq":1,"text":"Hello"}"#, #"{"seq":2,"text":"日本語 😀"}"#]
}

/// For boto_writes.py.
struct WriteOrder: Encodable {
  struct Small: Encodable {
    let key: String
    let base64: String
    let contentType: String
    let metadata: [String: String]
  }
  struct Large: Encodable {
    let key: String
    let bytes: Int
    let seed: Int
  }
  let bucket: String
  let objects: [Small]
  let large: [Large]
}

/// From boto_writes.py.
struct WrittenObject: Decodable {
  let key: String
  let etag: String
  let sha256: String
}

/// From boto_reads.py.
struct SeenObject: Decodable {
  let key: String
  let listedBytes: Int
  let headBytes: Int
  let etag: String
  let contentType: String
  let metadata: [String: String]
  let sha256: String
}

/// For awscli_reads.py.
struct ReadOrder: Encodable {
  let bucket: String
  let keys: [String]
}

/// From awscli_reads.py.
struct AwscliAnswer: Decodable {
  struct Object: Decodable {
    let contentType: String
    let metadata: [String: String]
    let sha256: String
    let lines: [String]
  }
  let listing: [String]
  let objects: [Object]
}

/// For urllib_fetches.py.
struct FetchOrder: Encodable {
  let method: String
  let url: String
  let headers: [String: String]
  let base64: String

  init(_ method: String, _ url: String, _ headers: [String: String] = [:], _ body: [UInt8] = []) {
    (self.method, self.url, self.headers) = (method, url, headers)
    base64 = Data(body).base64EncodedString()
  }
}

/// From urllib_fetches.py.
struct FetchAnswer: Decodable {
  let status: Int
  let sha256: String
  let headers: [String: String]
}
